"""The report of a run: every fate, every exit code, and money said once."""

from dataclasses import replace
from itertools import combinations
from pathlib import Path
from signal import SIGHUP, SIGINT, SIGTERM

import pytest

from manifests.budget import Amounts, Decision, Verdict
from manifests.exits import PRECEDENCE, Exit
from manifests.money import ZERO, Cents
from manifests.states import State
from runner.engine.world import EXITS, LEAVING, Stop
from runner.report import FATES, Fate, ItemReport, RunReport

FATE_EXITS = {
    Fate.SAVED: Exit.DONE,
    Fate.RUNNING: Exit.SERVICE_DOWN,
    Fate.NOT_SAVED: Exit.SERVICE_DOWN,
    Fate.IN_DOUBT: Exit.IN_DOUBT,
    Fate.FAILED: Exit.SOME_FAILED,
    Fate.REJECTED: Exit.SOME_FAILED,
    Fate.LOST: Exit.SOME_FAILED,
    Fate.STALE: Exit.STALE,
    Fate.SKIPPED: Exit.STOPPED_AS_TOLD,
    Fate.WAITING: Exit.STOPPED_AS_TOLD,
}
STOP_EXITS = {
    Stop.SIGNAL: Exit.DONE,  # the signal itself has the word
    Stop.KEY: Exit.KEY,
    Stop.SESSION: Exit.KEY,
    Stop.DISK: Exit.MACHINE,
    Stop.NAME: Exit.MACHINE,
    Stop.PRICES: Exit.STALE,
    Stop.MONEY: Exit.OUT_OF_MONEY,
    Stop.CREDITS: Exit.OUT_OF_MONEY,
    Stop.OVER: Exit.OUT_OF_MONEY,
    Stop.CAP: Exit.STOPPED_AS_TOLD,
    Stop.DOWN: Exit.SERVICE_DOWN,
    Stop.UNREACHABLE: Exit.SERVICE_DOWN,
    Stop.WAITED: Exit.SERVICE_DOWN,
    Stop.UNSAVED: Exit.SERVICE_DOWN,
    Stop.TOLD: Exit.STOPPED_AS_TOLD,
    Stop.TIME: Exit.STOPPED_AS_TOLD,
    Stop.TIME_UP: Exit.STOPPED_AS_TOLD,
}
REFUSED = Decision(Verdict.OVER_CAP, Cents(3), Cents(2))


def item(fate):
    return ItemReport("a.mp3", "transcription", fate, "", Cents(1), Cents(2), None, ZERO, False, "", ())


def report(*fates, **changes):
    fields = {"manifest": Path("m.yaml"), "output": Path("results"), "amounts": Amounts(Cents(10))}
    return RunReport(items=[item(fate) for fate in fates], **{**fields, **changes})


def test_every_state_has_a_fate_and_only_a_saved_one_is_saved():
    assert FATES.keys() == set(State)
    assert [state for state, fate in FATES.items() if fate is Fate.SAVED] == [State.SAVED]


@pytest.mark.parametrize("fate", Fate)
def test_each_fate_has_its_exit_code(fate):
    assert report(fate).exit is FATE_EXITS[fate]
    assert report(Fate.SAVED, fate, Fate.SAVED).exit is FATE_EXITS[fate]


@pytest.mark.parametrize("stop", Stop)
def test_each_stop_has_its_exit_code(stop):
    assert report(Fate.SAVED, stops=[(stop, "why")]).exit is STOP_EXITS[stop]


def test_jobs_that_run_on_when_the_time_is_up_are_nobodys_fault():
    stops = [(Stop.TIME, "over"), (Stop.TIME_UP, "over")]
    assert report(Fate.SAVED, Fate.RUNNING, Fate.WAITING, stops=stops).exit is Exit.STOPPED_AS_TOLD
    assert report(Fate.FAILED, Fate.RUNNING, stops=stops).exit is Exit.SOME_FAILED


@pytest.mark.parametrize("stop", sorted(LEAVING - {Stop.SIGNAL}))
def test_whatever_leaves_running_jobs_is_never_a_success(stop):
    assert EXITS[stop] is not Exit.DONE


@pytest.mark.parametrize(
    ("signal", "code"), [(SIGINT, Exit.INTERRUPTED), (SIGTERM, Exit.TERMINATED), (SIGHUP, Exit.INTERRUPTED)]
)
def test_a_signal_goes_before_everything_else(signal, code):
    everything = [(stop, "why") for stop in Stop]
    assert report(*Fate, stops=everything, refused=REFUSED, signal=signal).exit is code


def test_a_refusal_is_told():
    assert report(Fate.WAITING, refused=REFUSED).exit is Exit.REFUSED
    assert report(Fate.SAVED, Fate.WAITING, refused=REFUSED).exit is Exit.REFUSED


def test_nothing_to_do_is_done():
    assert report().exit is Exit.DONE
    assert report(Fate.SAVED, Fate.SAVED).codes == []


@pytest.mark.parametrize(("one", "other"), list(combinations(sorted(set(FATE_EXITS.values())), 2)))
def test_of_two_codes_the_one_that_comes_first_in_the_order_wins(one, other):
    fates = {code: fate for fate, code in FATE_EXITS.items()}
    found = report(fates[one], fates[other]).exit
    order = [*PRECEDENCE, Exit.DONE]
    assert found is min(one, other, key=order.index)


def test_items_are_counted_and_found_by_their_fate():
    found = report(Fate.SAVED, Fate.LOST, Fate.SAVED, Fate.FAILED)
    assert found.count(Fate.SAVED) == 2
    assert found.count(Fate.LOST, Fate.FAILED) == 2
    assert found.count(Fate.STALE) == 0
    assert [each.fate for each in found.of(Fate.LOST)] == [Fate.LOST]


def test_what_the_service_refuses_to_give_does_not_come_by_waiting():
    refused = replace(item(Fate.NOT_SAVED), reason="srt: refused (400)")
    assert replace(report(), items=[refused]).codes == [Exit.SOME_FAILED]
    both = replace(report(), items=[refused, item(Fate.NOT_SAVED)])
    assert set(both.codes) == {Exit.SOME_FAILED, Exit.SERVICE_DOWN}
