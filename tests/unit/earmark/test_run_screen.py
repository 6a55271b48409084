"""The screen at the end of `run`: first the sentence that matters, then amounts, then what to type."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earmark.screens.bar import bar, cap_lines
from earmark.screens.run import render, verdict
from earmark.screens.run_words import clipped, headline, question, running_low
from earmark.terminal import Terminal
from manifests.budget import Amounts, Decision, Verdict
from manifests.exits import Exit
from manifests.money import Cents
from manifests.states import State
from runner.api.interface import Wallet
from runner.engine.world import Stop
from runner.options import Offer
from runner.report import Before, Fate, HostShare, Shortage
from support.reports import asked, balance, item, report

WAITING = item("w.mp3", Fate.WAITING)
WIDE = Terminal(width=120)


@pytest.fixture(autouse=True)
def _greenwich(monkeypatch):
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def screen(told, terminal=WIDE, **typed):
    return render(told, asked(**typed), terminal).splitlines()


# -- the sentence --------------------------------------------------------------------------

SENTENCES = [
    (report(item(), item()), "DONE: 2 of 2 saved to results/, $0.20 charged, nothing in doubt."),
    (
        report(item(), submitted=0),
        "DONE: 1 of 1 saved to results/, nothing new was bought, $0.10 charged in all, nothing in doubt.",
    ),
    (
        report(item(charged=None, held=Cents(11))),
        "DONE: 1 of 1 saved to results/, $0.00 charged, $0.11 set aside until billed, nothing in doubt.",
    ),
    (
        report(WAITING, submitted=0, cap=5, refused=Decision(Verdict.OVER_CAP, Cents(11), Cents(5))),
        (
            "REFUSED, exit 3: what waits may cost $0.11, the cap of $0.05 leaves $0.05;"
            " nothing new was submitted. 0 of 1 done, nothing lost, nothing paid twice."
        ),
    ),
    (
        report(WAITING, refused=Decision(Verdict.OVER_BALANCE, Cents(11), Cents(4))),
        (
            "REFUSED, exit 3: what waits may cost $0.11, the wallet has $0.04 free;"
            " nothing more was submitted. 0 of 1 done, nothing lost, nothing paid twice."
        ),
    ),
    (
        report(WAITING, submitted=0, refused=Decision(Verdict.OVER_BALANCE, Cents(11), Cents(11))),
        (
            "REFUSED, exit 3: what waits may cost $0.11, and the service's own check of its balance says no;"
            " nothing new was submitted. 0 of 1 done, nothing lost, nothing paid twice."
        ),
    ),
    (
        report(item(), WAITING, stops=((Stop.MONEY, "402"),), stopped_at=8040.0),
        "STOPPED, exit 4: the wallet ran dry at 02:14. 1 of 2 done, nothing lost, nothing paid twice.",
    ),
    (
        report(WAITING, stops=((Stop.MONEY, "402"),), shortage=Shortage(Cents(11), Cents(3))),
        (
            "STOPPED, exit 4: the wallet ran dry (the next item needs $0.11, $0.03 is there)."
            " 0 of 1 done, nothing lost, nothing paid twice."
        ),
    ),
    (
        report(WAITING, stops=((Stop.CREDITS, "the account's credits fell by 9."),)),
        "STOPPED, exit 4: the account's credits fell by 9. 0 of 1 done, nothing lost, nothing paid twice.",
    ),
    (
        report(WAITING, stops=((Stop.KEY, "no key: set AUDIOPOD_API_KEY"),)),
        "STOPPED, exit 5: no key: set AUDIOPOD_API_KEY. 0 of 1 done, nothing lost, nothing paid twice.",
    ),
    (
        report(item("s", Fate.STALE), stops=((Stop.PRICES, "stems cost 12 c/min now"),), submitted=0),
        (
            "STALE, exit 6: 1 file changed or vanished since planning; stems cost 12 c/min now;"
            " nothing new was submitted. 0 of 1 done, nothing lost, nothing paid twice."
        ),
    ),
    (
        report(item(), item("d", Fate.IN_DOUBT)),
        (
            "IN DOUBT, exit 7: the answer to 1 submit was lost: perhaps paid, $0.11 stays set aside."
            " 1 of 2 done, nothing lost, nothing paid twice."
        ),
    ),
    (
        report(*[item("d", Fate.IN_DOUBT)] * 2),
        (
            "IN DOUBT, exit 7: the answers to 2 submits were lost: perhaps paid, $0.22 stays set aside."
            " 0 of 2 done, nothing lost, nothing paid twice."
        ),
    ),
    (
        report(WAITING, stops=((Stop.UNREACHABLE, "no connection"),)),
        (
            "STOPPED, exit 8: no answer from api.audiopod.ai (no connection)."
            " 0 of 1 done, nothing lost, nothing paid twice."
        ),
    ),
    (
        report(item(fate=Fate.NOT_SAVED), WAITING, stops=((Stop.UNSAVED, "1 finished result did not come"),)),
        (
            "STOPPED, exit 8: 1 finished result did not come; 1 result could not be fetched yet."
            " 0 of 2 done, nothing lost, nothing paid twice."
        ),
    ),
    (
        report(item(fate=Fate.RUNNING), stops=((Stop.WAITED, "it did not end"),)),
        "STOPPED, exit 8: it did not end; 1 job not ended. 0 of 1 done, nothing lost, nothing paid twice.",
    ),
    (
        report(item(fate=Fate.NOT_SAVED)),
        "STOPPED, exit 8: 1 result could not be fetched yet. 0 of 1 done, nothing lost, nothing paid twice.",
    ),
    (
        report(item(fate=Fate.FAILED), item(fate=Fate.REJECTED), item(fate=Fate.LOST)),
        "ENDED, exit 1: 1 failed, 1 rejected, 1 lost. 0 of 3 done, 1 lost, nothing paid twice.",
    ),
    (
        report(WAITING, declined=True),
        "STOPPED, exit 9: you said no, so nothing was bought. 0 of 1 done, nothing lost, nothing paid twice.",
    ),
    (
        report(WAITING, left_by_fit=1),
        (
            "STOPPED, exit 9: --fit left out what does not fit, 1 item."
            " 0 of 1 done, nothing lost, nothing paid twice."
        ),
    ),
    (
        report(item("s", Fate.SKIPPED), WAITING, stops=((Stop.CAP, "the cap leaves too little"),)),
        (
            "STOPPED, exit 9: the cap leaves too little; 1 changed file left out."
            " 0 of 2 done, nothing lost, nothing paid twice."
        ),
    ),
    (
        report(WAITING),
        "STOPPED, exit 9: 1 item left. 0 of 1 done, nothing lost, nothing paid twice.",
    ),
    (
        report(WAITING, stops=((Stop.DISK, "results/ cannot be written: no space"),)),
        (
            "STOPPED, exit 10: results/ cannot be written: no space."
            " 0 of 1 done, nothing lost, nothing paid twice."
        ),
    ),
    (
        report(item(fate=Fate.RUNNING), stops=((Stop.SIGNAL, ""),), signal=2, stopped_at=8040.0),
        (
            "INTERRUPTED, exit 130: a signal came at 02:14; 1 job went on at the service."
            " 0 of 1 done, nothing lost, nothing paid twice."
        ),
    ),
    (
        report(WAITING, stops=((Stop.SIGNAL, ""),), signal=15),
        "INTERRUPTED, exit 143: a signal came. 0 of 1 done, nothing lost, nothing paid twice.",
    ),
]


@pytest.mark.parametrize(("told", "sentence"), SENTENCES)
def test_the_first_line_says_how_it_ended_and_why(told, sentence):
    assert screen(told, Terminal(width=999))[0] == sentence == headline(told, asked())


@pytest.mark.parametrize("width", [40, 50, 80, 120])
@pytest.mark.parametrize(("told", "sentence"), SENTENCES)
def test_the_sentence_is_broken_between_words(told, sentence, width):
    lines = screen(told, Terminal(width=width))
    whole = "\n".join(lines).replace("\n", " ")
    assert whole.startswith(sentence)
    assert len(lines[0]) <= width


def test_every_exit_code_of_a_run_has_its_sentence():
    seen = {told.exit for told, _ in SENTENCES}
    assert seen == set(Exit) - {Exit.USAGE, Exit.BUG}


def test_collecting_only_says_what_waits():
    told = headline(report(WAITING), asked(max_spend=Cents(0)))
    assert "exit 9: a cap of 0 only collects what is paid; 1 item left to buy" in told


def test_what_the_service_says_is_short_and_harmless_on_the_screen():
    assert clipped("\x1b[2Jno\n speech.\u202e ") == "\\x1b[2Jno speech.\\u202e"
    assert clipped("x" * 1000, 10) == "xxxxxxxxx…"
    told = report(item("bad\n.mp3", Fate.REJECTED, reason="no\x07" * 400))
    lines = screen(told)
    assert all(line.isprintable() for line in lines)
    assert all(len(line) <= 120 for line in lines)


def test_stderr_gets_one_sentence_and_the_next_command():
    told = report(WAITING, stops=((Stop.MONEY, "402"),), balance=balance(0))
    assert verdict(told, asked()) == (
        "STOPPED, exit 4: the wallet ran dry. Next: earmark wallet topup --amount 1"
    )
    stale = report(item("s", Fate.STALE), submitted=0)
    assert verdict(stale, asked()).endswith(
        "Next: plan again with the same `plan` command; what is paid stays paid"
    )


# -- the amounts ---------------------------------------------------------------------------


def test_the_screen_of_a_run_that_met_everything():
    files = [f"s01/ep{number:02}.mp3" for number in range(1, 8)]
    told = report(
        item("ok.mp3"),
        item("dearer.mp3", charged=Cents(11)),
        item("unbilled.mp3", charged=None, held=Cents(11)),
        item("copy.mp3", charged=None, shared=True),
        item("doubt.mp3", Fate.IN_DOUBT, reason="answer lost", since=6720.0),
        item("no.mp3", Fate.REJECTED, reason="400: no speech found"),
        *[item(file, Fate.WAITING) for file in files[:5]],
        stops=((Stop.MONEY, "402"),),
        stopped_at=8040.0,
        balance=balance(19, low=True),
        before=Before(balance(500), Cents(0)),
        beside=30,
        seconds=11_040.0,
        sent=10_300_000_000,
        submitted=4,
        notes=("charges of stems are not verified",),
    )
    assert screen(told, Terminal(width=180), max_spend=Cents(500)) == [
        "STOPPED, exit 4: the wallet ran dry at 02:14. 4 of 11 done, nothing lost, nothing paid twice.",
        (
            "  saved           4      $0.32   planned $0.20 (1 item 1 c dearer), $0.11 of it set aside until"
            " billed (1 item), 1 item paid before or by an equal one   results/"
        ),
        "  in doubt        1      $0.11   $0.11 set aside, perhaps paid; doubt.mp3: answer lost at 01:52",
        "  rejected        1      $0.00   not charged; no.mp3: 400: no speech found",
        "  waiting         5      $0.50   not sent; s01/ep01.mp3, s01/ep02.mp3, s01/ep03.mp3 and 2 more",
        (
            "  besides                $0.30   earlier tries, lines taken out of the manifest,"
            " or charges that name no job"
        ),
        "  Cap $5.00  [####+~......................................]",
        "             spent $0.51   reserved $0.11   in doubt $0.11   left $4.27",
        (
            "  Wallet $0.19, low: $4.08 to $4.30 went to something else than this manifest"
            "   earmark wallet usage"
        ),
        "  3 h 04 min, 4 jobs bought, 10.3 GB sent, 4 min 00 s of audio done",
        "  Report: earmark report manifest.yaml -o report.html",
        "  note  charges of stems are not verified",
        "Go on:  1. earmark wallet topup --amount 1",
        "        2. run manifest.yaml --max-spend 5",
        "   or:  earmark reconcile manifest.yaml   (decide about lost answers by hand)",
        "   or:  run manifest.yaml --max-spend 5 --retry-failed   (sends rejected items again)",
    ]


def test_several_reasons_stand_below_each_other_most_frequent_first():
    reasons = ["too short", "no speech", "no speech", "odd", "odder", "oddest"]
    lines = screen(report(*[item(f"{n}.mp3", Fate.FAILED, reason=each) for n, each in enumerate(reasons)]))
    assert lines[1:6] == [
        "  failed          6      $0.00   not charged",
        "    1.mp3, 2.mp3: no speech",
        "    0.mp3: too short",
        "    3.mp3: odd",
        "    and 2 more reasons; all of them: --json",
    ]


def test_failed_jobs_say_what_they_cost_or_may_cost():
    charged = item("c", Fate.FAILED, state=State.FAILED_CHARGED, charged=Cents(10), reason="x")
    open_ = item("o", Fate.FAILED, state=State.FAILED, held=Cents(11), reason="x")
    (line,) = [line for line in screen(report(charged, open_), Terminal(width=200)) if "failed   " in line]
    assert line == (
        "  failed          2      $0.21   $0.10 charged, $0.11 set aside until it is known whether they were"
        " charged; c, o: x"
    )


@pytest.mark.parametrize(
    ("charges", "told"),
    [
        ((10, 10), "as planned"),
        ((11, 12), "planned $0.20 (2 items 1 to 2 c dearer)"),
        ((7, 11), "planned $0.20 (1 item 1 c dearer, 1 item 3 c cheaper)"),
    ],
)
def test_bills_are_held_against_the_plan(charges, told):
    lines = screen(report(*[item(charged=Cents(each)) for each in charges]))
    assert lines[1] == f"  saved           2      ${sum(charges) / 100:.2f}   {told}   results/"


def test_reasons_do_not_repeat_the_name_that_stands_before_them():
    told = report(item("a/b.mp3", Fate.STALE, reason="/home/me/a/b.mp3: no longer there"))
    assert "not sent; a/b.mp3: no longer there" in screen(told)[1]


def test_a_narrow_screen_puts_the_words_below_and_keeps_commands_whole():
    told = report(item("a" * 90, Fate.IN_DOUBT, reason="an answer that was lost on the way"), WAITING)
    lines = screen(told, Terminal(width=40), manifest="a very long name of a manifest.yaml")
    commands = [line for line in lines if "run '" in line or "earmark" in line]
    assert commands[0] == ("Go on:  run 'a very long name of a manifest.yaml'")
    assert "    (looks for the lost answers again," in lines
    rows = [line for line in lines[1:] if line not in commands]
    assert "  in doubt        1      $0.11" in rows
    assert any(row.startswith("    $0.11 set aside, perhaps paid; …aaa") for row in rows)
    assert max(map(len, rows)) <= 40


def test_colours_are_for_terminals_that_want_them():
    told = report(item())
    assert render(told, asked(), Terminal(colour=True)).startswith("\x1b[32m\x1b[1mDONE")
    assert "\x1b" not in render(told, asked(), Terminal(colour=False))


# -- the bar -------------------------------------------------------------------------------


def amounts(cap, spent=0, reserved=0, in_doubt=0):
    return Amounts(Cents(cap), Cents(spent), Cents(reserved), Cents(in_doubt))


CENTS = st.integers(0, 1_000_000)


@given(CENTS, CENTS, CENTS, CENTS, st.integers(10, 100))
def test_the_bar_has_its_width_and_shows_whatever_is_not_zero(cap, spent, reserved, in_doubt, width):
    told = amounts(cap, spent, reserved, in_doubt)
    drawn = bar(told, width)
    assert len(drawn) == width
    signs = {"#": spent, "+": reserved, "~": in_doubt, ".": told.left}
    if told.committed + told.left:
        assert {sign for sign, cents in signs.items() if cents} == set(drawn)
    assert drawn == "".join(sorted(drawn, key="#+~.".index))


def test_an_overdrawn_cap_says_by_how_much():
    assert list(cap_lines(amounts(5, 14), 60)) == [
        "Cap $0.05  [############################################]",
        "           spent $0.14   reserved $0.00   in doubt $0.00",
        "           left $0.00   OVER by $0.09",
    ]


def test_no_bar_where_it_would_say_nothing():
    assert next(cap_lines(amounts(0), 100)) == "Cap $0.00"
    assert next(cap_lines(amounts(500), 24)) == "Cap $5.00"


# -- the question --------------------------------------------------------------------------


def test_the_question_says_what_is_bought_and_what_there_is():
    wallet = Wallet(balance(5000))
    offer = Offer(3, Cents(20), Cents(22), amounts(500), wallet)
    assert question(offer) == "Buy 3 items for $0.20, at most $0.22?  (cap $5.00; wallet $50.00)"
    later = Offer(1, Cents(20), Cents(22), amounts(500, 100), wallet)
    assert question(later) == (
        "Buy 1 item for $0.20, at most $0.22?  (cap $5.00, $4.00 of it left; wallet $50.00)"
    )


def test_a_low_wallet_is_said_where_a_person_is_asked_and_where_nobody_is():
    offer = Offer(3, Cents(20), Cents(22), amounts(500), Wallet(balance(19, low=True)))
    assert question(offer) == "Buy 3 items for $0.20, at most $0.22?  (cap $5.00; wallet $0.19, low)"
    assert running_low(offer) == "Buying 3 items for $0.20, at most $0.22  (cap $5.00; wallet $0.19, low)"


def test_a_page_to_look_at_is_offered_where_something_was_bought_and_no_report_was_asked_for():
    def offered(told, **typed):
        return [line for line in screen(told, **typed) if line.startswith("  Report:")]

    made = report(item(), submitted=1)
    (line,) = offered(made, manifest="my plan.yaml")
    assert line == "  Report: earmark report 'my plan.yaml' -o report.html"
    assert offered(made, reports=("r.html",)) == []
    assert offered(report(item(), submitted=0)) == []


# -- a fleet -------------------------------------------------------------------------------


def test_the_hosts_that_did_the_work_are_named_where_it_was_shared():
    shared = report(item(), item(), hosts=(HostShare("anna's", 1), HostShare("studio-2", 1_204)))
    assert "  Saved by anna's 1 item, studio-2 1,204 items" in screen(shared)
    assert not any("Saved by" in line for line in screen(report(item())))
