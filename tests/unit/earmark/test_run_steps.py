"""What a run says to type next: exact commands, in order, ready to paste."""

import shlex

import pytest

from earmark.run_steps import Step, command, steps
from manifests.budget import Decision, Verdict
from manifests.money import Cents
from manifests.states import State
from runner.engine.world import Stop
from runner.report import Fate, Shortage
from support.reports import asked, balance, item, report

WAITING = item("w.mp3", Fate.WAITING)


def way(told, **typed):
    """The texts of the way on, then those of the other ways."""
    found = steps(told, asked(**typed))
    return [step.text for step in found.path], [step.text for step in found.others]


def refused(verdict, needed, available):
    return Decision(verdict, Cents(needed), Cents(available))


def test_nothing_is_to_do_when_all_is_done():
    assert way(report(item())) == ([], [])


def test_a_command_is_what_was_typed_and_can_be_pasted():
    typed = asked(
        manifest="-my $(plan)\n.yaml",
        max_spend=Cents(2050),
        flags={"--fit": "", "--output": "out it's", "--wait": "2h"},
    )
    text = command(typed)
    assert text == (
        "run $'./-my $(plan)\\x0a.yaml' --max-spend 20.50 --fit --output 'out it'\"'\"'s' --wait 2h"
    )
    assert "\n" not in text
    plain = asked(manifest="a b.yaml", flags={"--output": "out it's"})
    assert shlex.split(command(plain)) == ["run", "a b.yaml", "--output", "out it's"]


def test_a_smaller_cap_of_the_environment_is_raised_in_the_command():
    typed = asked(max_spend=Cents(300), outer_cap=Cents(200))
    assert command(typed) == "EARMARK_MAX_SPEND=3 run manifest.yaml --max-spend 3"
    assert command(asked(max_spend=Cents(300), outer_cap=Cents(400))) == "run manifest.yaml --max-spend 3"


def test_a_cap_that_is_too_small_is_raised_to_what_counts_and_what_waits():
    told = report(item(), WAITING, cap=15, refused=refused(Verdict.OVER_CAP, 11, 5))
    assert way(told, max_spend=Cents(15)) == (["run manifest.yaml --max-spend 0.21"], [])


def test_what_fits_is_offered_only_where_something_does():
    told = report(WAITING, item("x", Fate.WAITING), cap=15, refused=refused(Verdict.OVER_CAP, 22, 15))
    _, others = way(told, max_spend=Cents(15))
    assert others == ["run manifest.yaml --max-spend 0.15 --fit   (what fits into $0.15 now)"]
    assert way(told, flags={"--fit": ""})[1] == []
    nothing = report(WAITING, cap=15, refused=refused(Verdict.OVER_CAP, 11, 10))
    assert way(nothing)[1] == []


def test_a_poor_wallet_wants_a_top_up_in_whole_dollars_then_the_same_command():
    told = report(*[WAITING] * 20, refused=refused(Verdict.OVER_BALANCE, 220, 50), balance=balance(50))
    path, others = way(told, max_spend=Cents(500))
    assert path == ["earmark wallet topup --amount 2", "run manifest.yaml --max-spend 5"]
    assert others == ["run manifest.yaml --max-spend 5 --fit   (what fits into $0.50 now)"]


def test_both_cap_and_wallet_may_be_too_small():
    told = report(WAITING, cap=5, refused=refused(Verdict.OVER_CAP, 11, 5), balance=balance(3))
    assert way(told)[0] == ["earmark wallet topup --amount 1", "run manifest.yaml --max-spend 0.11"]


def test_a_cap_in_the_manifest_must_be_raised_there():
    told = report(WAITING, cap=5, refused=refused(Verdict.OVER_CAP, 11, 5))
    path, _ = way(told, plan_cap=Cents(5))
    assert path[0] == "raise `cap:` in manifest.yaml to $0.11, or plan it again"
    assert path[1] == "run manifest.yaml --max-spend 0.11"


def test_an_empty_wallet_wants_what_all_that_waits_needs():
    stops = ((Stop.MONEY, "402"),)
    told = report(item(), WAITING, stops=stops, shortage=Shortage(Cents(350), Cents(20)))
    assert way(told)[0] == ["earmark wallet topup --amount 4", "run manifest.yaml"]


def test_a_cap_of_zero_only_collects_and_the_way_on_buys():
    assert way(report(WAITING, cap=500), max_spend=Cents(0))[0] == ["run manifest.yaml --max-spend 0.11"]
    outer = way(report(WAITING, cap=500), outer_cap=Cents(0))[0]
    assert outer == ["EARMARK_MAX_SPEND=0.11 run manifest.yaml --max-spend 0.11"]


def test_what_fit_left_out_is_bought_by_a_larger_cap_without_it():
    told = report(item(), WAITING, cap=15, left_by_fit=1)
    typed = {"max_spend": Cents(15), "flags": {"--fit": "", "--yes": ""}}
    assert way(told, **typed)[0] == ["run manifest.yaml --max-spend 0.21 --yes"]


def test_a_key_and_a_disk_are_for_people_to_mend():
    assert way(report(WAITING, stops=((Stop.KEY, "no key"),)))[0] == [
        "export AUDIOPOD_API_KEY=ap_...   (the key of your account)",
        "run manifest.yaml",
    ]
    full = report(item(fate=Fate.NOT_SAVED), stops=((Stop.DISK, "full"),))
    assert way(full)[0][0].startswith("make room for results/")


def test_changed_files_are_skipped_or_planned_again():
    again = "plan again with the same `plan` command; what is paid stays paid"
    path, others = way(report(item("x", Fate.STALE), WAITING))
    assert path == ["run manifest.yaml --skip-changed   (buys the rest without them)"]
    assert others == [again]
    assert way(report(item(), item("x", Fate.STALE))) == ([], [again])
    assert way(report(item("x", Fate.SKIPPED))) == ([], [again])


def test_what_no_host_has_may_be_on_one_that_takes_no_part_yet():
    _, others = way(report(item(), item("x", Fate.STALE), is_shared=True))
    assert others[0] == ("earmark worker --root FOLDER   (on a host with these files, then the same command)")


def test_prices_that_rose_are_accepted_or_planned_again():
    path, others = way(report(WAITING, stops=((Stop.PRICES, "dearer"),)))
    assert path == ["run manifest.yaml --accept-prices   (at today's prices, under the same cap)"]
    assert others == ["plan again with the same `plan` command; what is paid stays paid"]


def test_the_same_command_is_not_offered_where_it_would_do_nothing():
    path, others = way(report(item(), item("x", Fate.REJECTED)))
    assert (path, others) == ([], ["run manifest.yaml --retry-failed   (sends rejected items again)"])
    typed = {"flags": {"--retry-failed": ""}}
    assert way(report(item("x", Fate.REJECTED)), **typed) == ([], []), "it was tried just now"
    path, _ = way(report(item("x", Fate.REJECTED), item("y", Fate.FAILED)))
    assert path == ["run manifest.yaml   (tries again what failed)"]


def test_who_said_no_may_say_yes():
    assert way(report(WAITING, declined=True))[0] == ["run manifest.yaml --yes"]


@pytest.mark.parametrize(
    ("told", "why"),
    [
        (report(WAITING, stops=((Stop.DOWN, "503"),)), "   (later; what is paid is not paid again)"),
        (report(WAITING, stops=((Stop.SIGNAL, ""),), signal=2), ""),
        (report(item(fate=Fate.IN_DOUBT)), "   (looks for the lost answers again, free)"),
        (report(item(fate=Fate.NOT_SAVED)), "   (brings what is paid, free)"),
        (report(item(fate=Fate.FAILED)), "   (tries again what failed)"),
    ],
)
def test_the_same_command_goes_on(told, why):
    assert way(told)[0] == [f"run manifest.yaml{why}"]


def test_doubts_rejections_and_losses_have_ways_of_their_own():
    told = report(item(fate=Fate.IN_DOUBT), item(fate=Fate.REJECTED), item(fate=Fate.LOST))
    assert way(told, manifest="my plan.yaml")[1] == [
        "earmark reconcile 'my plan.yaml'   (decide about lost answers by hand)",
        "run 'my plan.yaml' --retry-failed   (sends rejected items again)",
        "`plan --pay-again` buys lost results again",
    ]


def test_who_only_collected_is_told_commands_that_buy_again():
    told = report(item(), item("x", Fate.REJECTED), item("y", Fate.FAILED), cap=40)
    path, others = way(told, max_spend=Cents(0))
    assert path == ["run manifest.yaml --max-spend 0.40   (tries again what failed)"]
    assert others == ["run manifest.yaml --max-spend 0.40 --retry-failed   (sends rejected items again)"]
    outer = way(report(item(), item("x", Fate.REJECTED), cap=40), outer_cap=Cents(0))[1]
    assert outer[0].startswith("EARMARK_MAX_SPEND=0.40 run manifest.yaml --max-spend 0.40 --retry-failed")
    kept = way(report(item(fate=Fate.NOT_SAVED)), max_spend=Cents(0))[0]
    assert kept == ["run manifest.yaml --max-spend 0   (brings what is paid, free)"]


def test_failures_that_were_charged_or_tried_often_are_asked_for_by_name():
    told = report(
        item(fate=Fate.FAILED, state=State.FAILED_CHARGED, charged=Cents(10)),
        item(fate=Fate.FAILED, tries=3),
    )
    path, others = way(told)
    assert path == []
    assert others == [
        "run manifest.yaml --retry-charged   (pays again for what failed and was charged)",
        "run manifest.yaml --max-tries 4   (once more, beyond the limit of tries)",
    ]


def test_a_step_may_be_words_alone():
    assert Step("", "make room").text == "make room"
    assert Step("run m", "free").text == "run m   (free)"
