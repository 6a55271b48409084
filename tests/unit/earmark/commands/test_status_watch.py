"""A run seen from another terminal: its pace from the ledger, and a screen that follows it."""

import io
from fractions import Fraction

import pytest

from earmark.pace import Pace, pace_of
from earmark.screens.status import asked_of, document, render
from earmark.standing import Standing
from earmark.status_watch import watch
from earmark.terminal import Terminal
from manifests.money import Cents
from manifests.states import State
from runner.ledger.rows import Move, NewItem, Reservation
from runner.ledger.runs import RunBy
from support.reports import item, report
from support.small_run import Desk

RATES = {"transcription": Fraction(1)}


@pytest.fixture
def desk(tmp_path):
    made = Desk(tmp_path)
    yield made
    made.close()


def line(number):
    key = f"{number:064x}"
    fields = {"size": 1, "print": "p", "base": key, "wanted": "{}", "content_key": key, "sha256": "s"}
    fields |= {"product": "transcription", "options": "{}", "generation": 0, "audio_bytes": 1}
    return NewItem(line=key[-8:], file=f"{number}.mp3", **fields, expected=Cents(1), ceiling=Cents(2))


def under_way(desk, *, saved, out, waiting, allotted):
    """A ledger in the middle of a run that began at 940; items of one minute each."""
    clock, ledger = [940.0], desk.ledger
    ledger._clock = lambda: clock[0]
    with ledger.transaction():
        ledger.put_manifest("m1", desk.folder / "m.yaml", Cents(1000))
        ledger.begin_run("m1", RunBy())
        ledger.put_items("m1", [line(number) for number in range(saved + out + waiting)])
        for number, row in enumerate(ledger.items("m1")[: saved + out]):
            token = f"ek-{number:016x}-{number:016x}"
            attempt = ledger.reserve(
                Reservation(row.part_id, "m1", "transcription", token, Cents(1), Cents(2))
            )
            for state in (State.UPLOADING, State.SENDING):
                ledger.move(Move(attempt, state))
            ledger.move(Move(attempt, State.SUBMITTED, job_id=str(number)))
            if number < saved:
                clock[0] += 1
                ledger.move(Move(attempt, State.FINISHED))
                ledger.move(Move(attempt, State.SAVED))
        ledger.allot("m1", Cents(allotted))
    return ledger


def test_the_pace_is_that_of_the_minutes_that_were_saved_lately(desk):
    ledger = under_way(desk, saved=6, out=4, waiting=10, allotted=100)
    pace = pace_of(ledger, "m1", RATES, 1000.0)
    assert (pace.since, pace.minutes, pace.left) == (940.0, 6.0, pytest.approx(140.0))


def test_what_waits_counts_as_far_as_the_run_has_money_for_it(desk):
    ledger = under_way(desk, saved=6, out=4, waiting=10, allotted=0)
    assert pace_of(ledger, "m1", RATES, 1000.0).left == pytest.approx(40.0)
    assert pace_of(ledger, "m1", RATES, 1000.0, many=True).left == pytest.approx(40.0)
    with ledger.transaction():
        ledger.allot("m1", Cents(5))
    assert pace_of(ledger, "m1", RATES, 1000.0).left == pytest.approx(90.0)
    assert pace_of(ledger, "m1", RATES, 1000.0, many=True).left is None


def test_nothing_is_told_before_anybody_can_tell(desk):
    ledger = under_way(desk, saved=2, out=4, waiting=0, allotted=0)
    assert pace_of(ledger, "m1", RATES, 1000.0) == Pace(940.0, None, None)
    assert pace_of(ledger, "nobody's", RATES, 1000.0) is None
    assert pace_of(ledger, "m1", RATES, 940.0 + 5000) == Pace(940.0, None, None)  # it saved nothing lately


def test_the_screen_tells_the_pace_of_a_run_under_way():
    def shown(pace):
        found = Standing(report(item()), busy=True, known=True, pace=pace)
        return render(found, asked_of(found, None), Terminal()), document(found, asked_of(found, None), "m1")

    text, data = shown(Pace(0.0, 12.4, 2400.0))
    assert "  pace  12 min of audio a minute, about 40 min to go; the run began at " in text
    assert '"minutes_a_minute": 12.4' in data
    assert "  pace  2.5 min of audio a minute; the run began" in shown(Pace(0.0, 2.5, None))[0]
    assert "  pace  too early to tell; the run began" in shown(Pace(0.0, None, None))[0]
    assert "pace" not in shown(None)[0]


# -- watching


def watched(looks, *, redraws, lines=24, interrupt=False):
    out, slept = io.StringIO(), []
    said = iter(looks)

    def sleep(seconds):
        slept.append(seconds)
        if interrupt:
            raise KeyboardInterrupt

    watch(lambda: next(said), out, Terminal(redraws=redraws), lines=lambda: lines, sleep=sleep)
    return out.getvalue(), slept


def test_a_run_is_watched_until_it_ends():
    text, slept = watched([("one\n", True), ("two\n", True), ("end\n", False)], redraws=True)
    assert slept == [2.0, 2.0]
    assert text == "\x1b[H\x1b[J\x1b[Hone\x1b[K\n\x1b[J\x1b[Htwo\x1b[K\n\x1b[J\x1b[H\x1b[Jend\n"


def test_what_does_not_fit_stays_away_until_the_end():
    text, _ = watched([("1\n2\n3\n4\n", True), ("1\n2\n3\n4\n", False)], redraws=True, lines=3)
    assert "3\x1b[K" not in text
    assert text.endswith("1\n2\n3\n4\n")


def test_without_a_terminal_the_end_alone_is_shown():
    assert watched([("one\n", True), ("end\n", False)], redraws=False) == ("end\n", [2.0])
    assert watched([("end\n", False)], redraws=False) == ("end\n", [])


def test_ctrl_c_ends_the_watching_and_nothing_else():
    assert watched([("one\n", True)], redraws=False, interrupt=True)[0] == ""
    assert watched([("one\n", True)], redraws=True, interrupt=True)[0].endswith("\n")
