"""What screens say of credits: a second purse, its dollar equivalent beside it, never a sum of both."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from earmark.amounts import credits_if_given
from earmark.reports.document import Credits, Refusal
from earmark.reports.of_run import report_of
from earmark.run_progress import note
from earmark.run_steps import command, steps
from earmark.run_sums import credits_rest, rest, short_of_credits
from earmark.screens import money, run, status
from earmark.screens.bar import credit_lines
from earmark.screens.run_words import headline, question
from earmark.standing import Standing
from earmark.terminal import Terminal
from manifests.budget import Amounts, Decision, Verdict
from manifests.errors import UsageError
from manifests.exits import Exit
from manifests.money import Cents
from manifests.states import State
from runner.api.interface import Wallet
from runner.engine.world import Stop
from runner.options import Offer, Progress
from runner.report import Fate
from support.reports import asked, balance, item, report

NOW = datetime(2026, 11, 23, 5, tzinfo=UTC)
NO_TOKEN = "denoise needs a session token, the key does not open it"


def amounts(cap, spent=0, reserved=0, in_doubt=0):
    return Amounts(*map(Cents, (cap, spent, reserved, in_doubt)))


def cleaned(file="b.wav", fate=Fate.SAVED, **rest_):
    """One line that credits pay: 1,320, at most 1,334."""
    values = {
        "service": "denoise:studio",
        "currency": "credits",
        "expected": Cents(1320),
        "ceiling": Cents(1334),
        "charged": Cents(1320) if fate is Fate.SAVED else None,
        "held": Cents(1334) if fate in (Fate.RUNNING, Fate.IN_DOUBT) else Cents(0),
    }
    return item(file, fate, **{**values, **rest_})


def told(*items, **rest_):
    """A report whose amounts in cents are those of the items that the wallet pays."""
    wallet = report(*(each for each in items if each.currency == "cents"), cap=rest_.pop("cap", 500))
    fields = {"items": items, "credits": amounts(2000), "balance": balance(900), "credits_left": 9000}
    return replace(wallet, **{**fields, **rest_})


def refused(verdict=Verdict.OVER_CAP, available=0):
    return Decision(verdict, Cents(1334), Cents(available))


def waiting(**rest_):
    return told(item("a.mp3", Fate.WAITING), cleaned(fate=Fate.WAITING), submitted=0, **rest_)


def screen(made, told_by=None, width=120):
    return run.render(made, told_by or asked(), Terminal(width=width))


# -- what is typed


@pytest.mark.parametrize(
    ("text", "count"), [("1320", 1320), ("1,320", 1320), ("0", 0), (" 12 ", 12), (None, None)]
)
def test_credits_are_typed_as_a_whole_number(text, count):
    assert credits_if_given("--max-credits", text) == count


@pytest.mark.parametrize("text", ["", "-1", "1.5", "$3", "13,20", "many", "1e3", "9999999999"])
def test_anything_else_is_refused_by_its_name(text):
    with pytest.raises(UsageError, match=r"--max-credits: .* is not a number of credits"):
        credits_if_given("--max-credits", text)


# -- amounts in words


def test_two_purses_in_one_sentence_are_never_one_number():
    assert money.both(31, 0) == "$0.31"
    assert money.both(0, 1) == "1 credit"
    assert money.both(31, 660) == "$0.31 and 660 credits"
    assert money.total([(31, "cents"), (660, "credits"), (1, "cents")]) == "$0.32 and 660 credits"
    assert money.worth(1320) == "$0.18 worth"


def test_the_second_line_stands_alone_or_above_its_figures():
    line = "Credits 1,320 of 2,000 ($0.18 worth)   spent 660   reserved 660   in doubt 0   left 680"
    assert list(credit_lines(amounts(2000, 660, 660), 120)) == [line]
    assert list(credit_lines(amounts(2000, 660, 660), 60)) == [
        "Credits 1,320 of 2,000 ($0.18 worth)",
        "        spent 660   reserved 660   in doubt 0   left 680",
    ]
    assert "OVER by 10" in "".join(credit_lines(amounts(650, 660), 120))


# -- the screen of a run


def test_a_run_of_both_purses_says_what_each_paid():
    made = told(item("a.mp3"), cleaned(), credits=amounts(2000, 1320), credits_left=7680)
    shown = screen(made)
    assert "$0.10 and 1,320 credits charged, nothing in doubt." in shown
    assert "saved           2      $0.10   and 1,320 credits, as planned, credits as expected" in shown
    assert "Credits 1,320 of 2,000 ($0.18 worth)   spent 1,320   reserved 0   in doubt 0   left 680" in shown
    assert "Wallet $9.00   the account's credits 7,680" in shown


def test_a_run_of_credits_alone_shows_no_dollars_in_their_place():
    shown = screen(told(cleaned(), credits=amounts(2000, 1320)))
    assert "saved           1  1,320 cr.   credits as expected, unverified" in shown


def test_without_credits_no_screen_speaks_of_them():
    made = report(item("a.mp3"), credits_left=9000, balance=balance(900))
    assert "redits" not in screen(made)


def test_what_is_set_aside_and_in_doubt_is_told_by_purse():
    doubts = (item("a.mp3", Fate.IN_DOUBT), cleaned(fate=Fate.IN_DOUBT))
    assert "perhaps paid, $0.11 and 1,334 credits stays set aside" in screen(told(*doubts))
    shown = screen(told(*doubts, cleaned("c.wav", Fate.RUNNING), credits=amounts(3000, 0, 1334, 1334)))
    assert "$0.11 and 1,334 credits set aside, perhaps paid" in shown
    assert "running         1  1,334 cr.   1,334 credits set aside" in shown


def test_a_failed_job_that_took_credits_is_charged_in_credits():
    failed = cleaned(fate=Fate.FAILED, charged=Cents(1320), state=State.FAILED_CHARGED)
    assert "1,320 credits charged" in screen(told(failed, credits=amounts(2000, 1320)))


def test_what_belongs_to_no_line_is_kept_apart_as_well():
    made = told(cleaned(), credits=amounts(9000, 1320 + 660, 7))
    assert (rest(made).amount, credits_rest(made).amount) == (0, 667)
    assert "  667 cr.   earlier tries" in screen(made)


# -- refused


def test_a_refusal_names_credits_their_worth_and_the_command_that_goes_on():
    made = waiting(credits=amounts(0), credits_refused=refused())
    assert made.exit is Exit.REFUSED
    words = "what waits may cost 1,334 credits ($0.18 worth), and without --max-credits none are spent"
    assert words in headline(made, asked())
    assert steps(made, asked()).go_on.command == "run manifest.yaml --max-credits 1334"
    assert "run manifest.yaml --fit   (without what credits would pay)" in screen(made)


def test_a_refusal_of_both_purses_names_both_and_raises_both():
    decision = Decision(Verdict.OVER_CAP, Cents(11), Cents(5))
    made = waiting(cap=5, refused=decision, credits=amounts(500), credits_refused=refused(available=500))
    typed = asked(max_spend=Cents(5), max_credits=500)
    assert "leaves $0.05; what waits may cost 1,334 credits" in headline(made, typed)
    assert "--max-credits 500 leaves 500 credits; nothing new was submitted" in headline(made, typed)
    assert steps(made, typed).go_on.command == "run manifest.yaml --max-spend 0.11 --max-credits 1334"


def test_where_some_credits_would_do_for_some_lines_fit_is_offered_for_those():
    small = cleaned("c.wav", Fate.WAITING, ceiling=Cents(500))
    made = told(
        small, cleaned(fate=Fate.WAITING), credits=amounts(500), credits_refused=refused(available=500)
    )
    (step,) = steps(made, asked(max_credits=500)).others
    assert step.text == "run manifest.yaml --max-credits 500 --fit   (what fits into 500 credits now)"
    none = told(cleaned(fate=Fate.WAITING), credits_refused=refused())
    assert steps(none, asked()).others == ()


def test_what_was_spent_before_is_part_of_the_cap_that_goes_on():
    made = told(cleaned(fate=Fate.WAITING), credits=amounts(2000, 1320), credits_refused=refused())
    assert steps(made, asked(max_credits=2000)).go_on.command == "run manifest.yaml --max-credits 2654"


def test_an_account_without_enough_credits_is_told_first():
    made = waiting(credits_refused=refused(Verdict.OVER_BALANCE, 100), credits_left=100)
    typed = asked(max_credits=2000)
    assert "the account has 100 credits free" in headline(made, typed)
    first, go_on = steps(made, typed).path
    assert first.text == "buy 1,234 credits more ($0.17 worth) on the account's page"
    assert go_on.command == "run manifest.yaml --max-credits 2000"
    assert short_of_credits(replace(made, credits_left=None)) == 0


def test_a_missing_login_names_the_variable_and_the_other_way():
    made = waiting(stops=[(Stop.SESSION, NO_TOKEN)])
    assert made.exit is Exit.KEY
    way = steps(made, asked(max_credits=1334))
    assert way.path[0].text == "export AUDIOPOD_SESSION_TOKEN=...   (the token of a login)"
    assert "take the lines that credits pay out of manifest.yaml" in screen(made)


def test_a_login_that_ended_is_no_matter_of_the_key():
    made = waiting(stops=[(Stop.KEY, "log in again, and set AUDIOPOD_SESSION_TOKEN")])
    assert "AUDIOPOD_SESSION_TOKEN" in steps(made, asked()).path[0].command


# -- prices that rose


def test_after_prices_rose_the_command_that_goes_on_has_a_cap_that_fits_them():
    made = told(item("a.mp3", Fate.WAITING), cap=11, repriced=Cents(31), stops=[(Stop.PRICES, "3 c/min now")])
    typed = asked(max_spend=Cents(11))
    step = steps(made, typed).go_on
    assert step.text == "run manifest.yaml --max-spend 0.31 --accept-prices   (at today's prices)"
    fits = replace(asked(max_spend=Cents(11)), flags={"--fit": ""})
    assert steps(made, fits).go_on.command == "run manifest.yaml --max-spend 0.11 --fit --accept-prices"


def test_a_cap_with_room_for_risen_prices_stays():
    made = told(item("a.mp3", Fate.WAITING), cap=40, repriced=Cents(31), stops=[(Stop.PRICES, "3 c/min now")])
    step = steps(made, asked(max_spend=Cents(40))).go_on
    assert step.text == (
        "run manifest.yaml --max-spend 0.40 --accept-prices   (at today's prices, under the same cap)"
    )


# -- the question, progress, JSON, status


def test_the_question_has_both_amounts():
    wallet = Wallet(balance(900), 9000)
    offer = Offer(2, Cents(10), Cents(11), amounts(20), wallet, 1320, 1334, amounts(2000))
    assert question(offer) == (
        "Buy 2 items for $0.10, at most $0.11, and 1,320 credits, at most 1,334 ($0.18 worth)?"
        "  (cap $0.20; wallet $9.00; 2,000 of 2,000 credits left, 9,000 there)"
    )
    alone = replace(offer, expected=Cents(0), ceiling=Cents(0), wallet=Wallet(balance(900)))
    assert "for 1,320 credits, at most 1,334 ($0.18 worth)?" in question(alone)
    assert "credits left)" in question(alone)


def test_progress_shows_credits_where_there_are_some():
    now = Progress("running", 3, 1, 0, 1, amounts(20, 10), amounts(2000, 660, 660))
    assert "credits 1,320 of 2,000" in note(now)
    assert "credits" not in note(replace(now, credits=amounts(0)))


def test_a_report_has_credits_beside_the_amounts():
    made = told(item("a.mp3"), cleaned(), credits=amounts(2000, 1320), credits_left=7680)
    found = report_of(made, asked(), None, NOW)
    assert found.credits == Credits(2000, 1320, 0, 0, 680, 0, worth_cents=18, account=7680)
    assert [(each.cents, each.credits) for each in found.fates] == [(10, 1320)]
    assert [each.currency for each in found.items] == ["cents", "credits"]
    assert found.effort.credits_refused is None
    again = report_of(waiting(credits_refused=refused()), asked(), None, NOW)
    assert again.effort.credits_refused == Refusal("over the cap", 1334, 0, 1334, None, None)
    assert report_of(report(item()), asked(), None, NOW).credits is None


def test_status_shows_the_second_line_and_asks_for_the_credits_that_are_left_to_buy():
    made = told(cleaned(), cleaned("c.wav", Fate.WAITING), credits=amounts(1320, 1320), credits_left=None)
    found = Standing(replace(made, manifest=Path("manifest.yaml")), busy=False, known=True)
    typed = status.asked_of(found, None)
    shown = status.render(found, typed, Terminal(width=120))
    assert "saved           1  1,320 cr.   on disk" in shown
    assert "Credits 1,320 of 1,320 ($0.18 worth)" in shown
    assert "--max-credits 2654" in shown
    document = json.loads(status.document(found, typed, "m1"))
    assert (document["credits"]["spent"], "account" in document["credits"]) == (1320, False)
    assert document["items"][0]["currency"] == "credits"


def test_the_command_repeats_what_was_allowed():
    assert command(asked(max_spend=Cents(5), max_credits=1320)) == (
        "run manifest.yaml --max-spend 0.05 --max-credits 1320"
    )
