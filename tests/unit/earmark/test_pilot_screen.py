"""A pilot at the end of a run: what is said of it, and what is to type for the rest."""

from dataclasses import replace
from pathlib import Path

import pytest

from earmark.reports.of_run import pilot_of
from earmark.run_steps import command, steps
from earmark.screens.pilot import rows
from earmark.screens.run import render
from earmark.screens.run_words import headline
from earmark.terminal import Terminal
from manifests.budget import Decision, Verdict
from manifests.money import Cents
from runner.choosing import Lot
from runner.engine.world import Stop
from runner.piloting import piloted
from runner.report import Fate
from support.reports import asked, balance, item, report

OUTPUT = Path("/home/me/results")
WAITING = item("w.mp3", Fate.WAITING)
SAMPLE = (
    item("a\x1b[2J.mp3", results=("/home/me/results/a.json", "/home/me/results/a.txt")),
    item("b.mp3", charged=Cents(11), results=("/elsewhere/b.json",)),
    item("c.mp3", Fate.REJECTED, reason="no\nspeech"),
    item("d.mp3", shared=True, charged=None),
    item("e.mp3", charged=None, held=Cents(11)),
    item("f.mp3", service="denoise:balanced", currency="credits", expected=Cents(660), charged=Cents(660)),
)


def of(*items, sample, lines=None):
    return piloted(items, Lot(range(sample)), lines)


def typed(**rest):
    return asked(flags={"--pilot": "3"}, **rest)


def test_each_item_of_the_sample_shows_its_bill_and_where_its_results_are():
    pilot = of(*SAMPLE, WAITING, sample=6)
    assert list(rows(pilot, OUTPUT, "out/", 120)) == [
        "  pilot      5 of 6 items saved, $0.21 charged, planned $0.20, 1 not billed yet, 1 WITHOUT a result",
        r"    a\x1b[2J.mp3  saved  $0.10  out/a.json and 1 more",
        "    b.mp3  saved  $0.11, planned $0.10  /elsewhere/b.json",
        "    c.mp3  rejected  no speech",
        "    d.mp3  saved  paid before",
        "    e.mp3  saved  planned $0.10",
        "    f.mp3  saved  660 credits",
        "  rest       1 item, $0.11 expected by the pilot's bills (planned $0.10), at most $0.11",
    ]


def test_of_a_large_sample_the_first_are_shown():
    pilot = of(*[item(f"{n}.mp3") for n in range(30)], WAITING, sample=30)
    told = list(rows(pilot, OUTPUT, "out/", 80))
    assert len(told) == 1 + 20 + 1 + 1
    assert told[-2] == "    and 10 more"


def test_the_rest_follows_the_drift_of_its_own_service_else_that_of_all():
    bought = [item(charged=Cents(20)), item(service="stems:six", charged=Cents(10))]
    rest = [item(fate=Fate.WAITING), item(fate=Fate.WAITING, service="tts")]
    pilot = of(*bought, *rest, sample=2)
    assert (pilot.rest.expected, pilot.rest.likely, pilot.rest.ceiling) == (20, 20 + 15, 35)


def test_what_may_not_be_bought_or_costs_nothing_is_no_part_of_the_rest():
    others = [WAITING, item(fate=Fate.WAITING, shared=True), item(fate=Fate.STALE), WAITING]
    assert of(item(), *others, sample=1, lines=Lot([0, 1, 2, 3])).rest.items == 1
    assert of(item(), *others, sample=1).rest.items == 2


def test_the_end_tells_of_the_pilot_and_the_command_for_the_rest():
    told = report(item(), WAITING, pilot=of(item(), WAITING, sample=1), cap=15)
    assert headline(told, typed()).startswith(
        "STOPPED, exit 9: the pilot is done, and 1 item waits for your word."
    )
    text = render(told, typed(max_spend=Cents(15)), Terminal())
    assert "  pilot      1 of 1 item saved, $0.10 charged, as planned\n" in text
    assert text.endswith("Go on:  run manifest.yaml --max-spend 0.21   (buys the rest)\n")


def test_after_the_word_nothing_more_is_said_of_the_pilot():
    agreed = replace(of(item(), item(), sample=1), agreed=True)
    assert "pilot" not in render(report(item(), item(), pilot=agreed), typed(), Terminal())


def test_a_pilot_that_the_cap_refuses_is_told_the_cap_that_it_needs():
    refused = Decision(Verdict.OVER_CAP, Cents(30), Cents(5))
    told = report(WAITING, WAITING, WAITING, WAITING, cap=5, refused=refused)
    assert "what was chosen may cost $0.30, the cap of $0.05 leaves $0.05" in headline(told, typed())
    assert steps(told, typed(max_spend=Cents(5))).go_on.command == (
        "run manifest.yaml --max-spend 0.30 --pilot 3"
    )


@pytest.mark.parametrize("ended", [{"signal": 2}, {"stops": ((Stop.OVER, "a.mp3 was charged 60 c"),)}])
def test_a_pilot_that_something_ended_before_the_word_is_still_a_pilot(ended):
    pilot = of(item(), WAITING, sample=1)
    told = report(item(), WAITING, pilot=pilot, **ended)
    assert (
        steps(told, typed(max_spend=Cents(50))).go_on.command
        == "run manifest.yaml --max-spend 0.50 --pilot 3"
    )
    agreed = report(item(), WAITING, pilot=replace(pilot, agreed=True), **ended)
    assert "--pilot" not in steps(agreed, typed(max_spend=Cents(50))).go_on.command


def test_where_the_rest_is_refused_what_fits_is_bought_without_a_pilot():
    refused = Decision(Verdict.OVER_CAP, Cents(30), Cents(15))
    pilot = replace(of(item(), WAITING, sample=1), agreed=True)
    told = report(item(), WAITING, WAITING, cap=25, refused=refused, pilot=pilot)
    (other,) = steps(told, typed(max_spend=Cents(25))).others
    assert other.command == "run manifest.yaml --max-spend 0.25 --fit"


def test_a_machine_is_told_of_the_pilot():
    found = pilot_of(of(*SAMPLE, WAITING, sample=6))
    assert (found.items, found.saved, found.unbilled, found.expected, found.charged) == (6, 5, 1, 20, 21)
    assert (found.rest.items, found.rest.likely, found.rest.ceiling, found.agreed) == (1, 11, 11, False)
    assert pilot_of(None) is None


# -- the other portions


@pytest.mark.parametrize(
    ("chosen", "why", "go_on", "other"),
    [
        (
            {"only": ("a b", "*.mp3")},
            "--only left 1 item for later",
            "run manifest.yaml",
            None,
        ),
        (
            {"flags": {"--first": "2"}, "only": ("a",)},
            "--only and --first left 1 item for later",
            "run manifest.yaml --only a --first 2",
            "run manifest.yaml   (buys all that is left)",
        ),
    ],
)
def test_what_was_left_out_is_told_with_the_command_for_it(chosen, why, go_on, other):
    told, typed = report(item(), WAITING), asked(**chosen)
    assert f"exit 9: {why}." in headline(told, typed)
    following = steps(told, typed)
    assert following.go_on.text == go_on
    assert [step.text for step in following.others] == ([other] if other else [])


def test_the_next_few_need_no_cap_for_all_that_is_left():
    told = report(item(), WAITING, WAITING, cap=25, balance=balance(15))
    following = steps(told, asked(flags={"--first": "1"}, max_spend=Cents(25)))
    assert [step.text for step in following.path] == ["run manifest.yaml --max-spend 0.25 --first 1"]
    assert [step.text for step in following.others] == [
        "run manifest.yaml --max-spend 0.32   (buys all that is left)"
    ]
    poor = report(item(), WAITING, WAITING, cap=25, balance=balance(10))
    following = steps(poor, asked(flags={"--first": "1"}, max_spend=Cents(25)))
    assert [step.text for step in following.path] == [
        "earmark wallet topup --amount 1",
        "run manifest.yaml --max-spend 0.32 --first 1",
    ]


def test_where_all_of_what_matches_is_bought_the_rest_is_what_goes_on():
    told, typed = report(item(), WAITING, submitted=0), asked(only=("a",), flags={"--first": "2"})
    following = steps(told, typed)
    assert (following.go_on.text, following.others) == ("run manifest.yaml", ())


def test_a_command_repeats_its_patterns_quoted():
    assert command(asked(only=("a b", "*.mp3"))) == "run manifest.yaml --only 'a b' --only '*.mp3'"


def test_where_something_else_stopped_the_same_part_is_to_be_bought_again():
    told = report(WAITING, stops=((Stop.DOWN, "503"),))
    assert steps(told, asked(only=("a",))).go_on.command == "run manifest.yaml --only a"


@pytest.mark.parametrize(
    ("stops", "items", "why"),
    [
        (
            ((Stop.TIME, "the time is over"),),
            (item(), WAITING),
            "the time is over, 1 item not sent",
        ),
        (
            ((Stop.TIME, "the time is over"), (Stop.TIME_UP, "so is the grace")),
            (item(fate=Fate.RUNNING), item(fate=Fate.NOT_SAVED), WAITING),
            "so is the grace, 1 item not sent, 1 job not ended, 1 result to be fetched",
        ),
    ],
)
def test_a_time_that_is_over_is_told_with_what_is_left(stops, items, why):
    told, typed = report(*items, stops=stops), asked(flags={"--max-time": "50m"})
    assert f"exit 9: {why}." in headline(told, typed)
    assert steps(told, typed).go_on.command == "run manifest.yaml --max-time 50m"
