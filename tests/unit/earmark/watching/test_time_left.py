"""The time left: from minutes of audio, not items; nothing while nobody can tell."""

import heapq
import random
from math import inf

import pytest

from earmark.time_left import TimeLeft, Waits
from earmark.times import to_go
from manifests.budget import Amounts, Decision, Verdict
from manifests.money import Cents
from manifests.states import State
from runner.told import Change, GateTold, ItemTold, StopTold

PASSES = Decision(Verdict.PASS, Cents(0), Cents(0))


def gate(minutes):
    return GateTold(PASSES, PASSES, 1, 0, 0, 0, Cents(0), Amounts(Cents(0)), minutes)


def item(change, number, minutes, state=State.SUBMITTED):
    return ItemTold(
        change, number, "a", "transcription", state, "", "", "cents", 1, 1, None, False, (), minutes
    )


class Run:
    """A run on a clock of its own."""

    def __init__(self):
        self.now = 1000.0
        self.left = TimeLeft(lambda: self.now)

    def tell(self, *told):
        for each in told:
            self.left.watch(each)

    def finish(self, *jobs, after):
        for number, minutes in jobs:
            self.now += after
            self.tell(item(Change.SAVED, number, minutes))


def started(*minutes):
    run = Run()
    run.tell(gate(float(sum(minutes))))
    run.tell(*(item(Change.SUBMITTED, number, each) for number, each in enumerate(minutes)))
    return run


def guesses(minutes, *, servers, upload=0.0, shares=(0.25, 0.5, 0.75, 0.9)):
    """What is said on the way, and what is true then; `servers` jobs at once, all if 0."""
    run = Run()
    began, sent, happens = run.now, run.now, []
    free = [began] * servers
    for number, each in enumerate(minutes):
        sent += upload * each
        start = max(sent, heapq.heappop(free)) if servers else sent
        end = start + 3 + 6 * each
        if servers:
            heapq.heappush(free, end)
        happens += [(sent, Change.SUBMITTED, number, each), (end, Change.SAVED, number, each)]
    happens.sort()
    last = happens[-1][0]
    marks = [began + (last - began) * share for share in shares]
    run.tell(gate(float(sum(minutes))))
    for at, change, number, each in happens:
        while marks and marks[0] <= at:
            run.now = marks.pop(0)
            yield run.left.seconds(), last - run.now
        run.now = at
        run.tell(item(change, number, each))


LENGTHS = random.Random(1)
EPISODES = [LENGTHS.uniform(20, 70) for _ in range(200)]
MIXED = [LENGTHS.choice([1, 2, 5, 45, 60]) for _ in range(300)]


@pytest.mark.parametrize("minutes", [EPISODES, MIXED], ids=["episodes", "mixed"])
@pytest.mark.parametrize(("servers", "upload"), [(10, 0.0), (10, 0.5), (1, 0.0), (0, 0.5)])
def test_where_uploads_or_the_service_set_the_pace_it_is_told_well(minutes, servers, upload):
    for told, true in guesses(minutes, servers=servers, upload=upload):
        assert told == pytest.approx(true, rel=0.45)


def test_where_all_jobs_run_at_once_it_is_told_well_as_soon_as_it_can_be():
    for told, true in guesses(MIXED, servers=0):
        assert told == pytest.approx(true, abs=6)
    said = list(guesses(EPISODES, servers=0))
    assert [told for told, _ in said[:2]] == [None, None]  # the shortest takes a third of the time
    assert all(told == pytest.approx(true, abs=6) for told, true in said[2:])


def test_nothing_is_said_before_some_items_are_done_and_some_time_went_by():
    run = started(*[1.0] * 10)
    run.finish((0, 1.0), (1, 1.0), after=1)
    run.now += 100
    assert run.left.seconds() is None  # two items say nothing
    run = started(*[1.0] * 10)
    run.finish(*((number, 1.0) for number in range(5)), after=1)
    assert run.left.seconds() is None  # nor do five seconds


def test_a_long_first_job_is_no_pace():
    run = started(*[1.0] * 100)
    run.finish((0, 1.0), after=300)
    run.finish(*((number, 1.0) for number in range(1, 20)), after=1)
    assert run.left.seconds() is None
    run.finish(*((number, 1.0) for number in range(20, 31)), after=30)
    assert run.left.seconds() is not None


def test_only_what_was_done_lately_counts():
    run = started(*[1.0] * 1000)
    run.finish(*((number, 1.0) for number in range(100)), after=1)
    run.finish(*((number, 1.0) for number in range(100, 200)), after=10)  # the service grew slower
    assert run.left.seconds() == pytest.approx(8000, rel=0.05)


def test_a_service_that_finishes_nothing_any_more_leaves_it_open():
    run = started(*[1.0] * 10)
    run.finish(*((number, 1.0) for number in range(5)), after=10)
    assert run.left.seconds() is not None
    run.now += 700
    assert run.left.seconds() is None


def test_once_nothing_more_is_sent_only_what_is_out_is_waited_for():
    run = Run()
    run.tell(gate(100.0), *(item(Change.SUBMITTED, number, 1.0) for number in range(10)))
    run.finish(*((number, 1.0) for number in range(5)), after=10)
    before = run.left.seconds()
    run.tell(StopTold("money", "402"))
    assert run.left.seconds() < before / 10


@pytest.mark.parametrize("change", [Change.FAILED, Change.LOST, Change.REJECTED, Change.IN_DOUBT])
def test_what_is_over_is_not_waited_for(change):
    run = started(*[1.0] * 50)
    run.tell(gate(50.0))  # more to send
    run.finish(*((number, 1.0) for number in range(20)), after=2)
    before = run.left.seconds()
    if change in (Change.FAILED, Change.LOST):
        run.tell(item(Change.SUBMITTED, 99, 40.0))
    run.tell(item(change, 99, 40.0))
    assert run.left.seconds() < before


def test_what_an_earlier_run_sent_counts_and_its_doubts_do_not():
    run = Run()
    run.tell(*(item(Change.CARRIED, number, 1.0) for number in range(10)))
    run.tell(item(Change.CARRIED, 99, 500.0, State.IN_DOUBT))
    run.finish(*((number, 1.0) for number in range(5)), after=10)
    assert run.left.seconds() == pytest.approx(40)


def test_when_all_is_done_nothing_is_left_to_say():
    run = started(*[1.0] * 5)
    run.finish(*((number, 1.0) for number in range(5)), after=10)
    assert run.left.seconds() is None


def test_jobs_of_one_length_have_one_wait_and_a_service_may_be_quicker_with_long_ones():
    waits = Waits()
    assert waits.of(5) == inf
    waits.add(5, 20)
    assert (waits.of(5), waits.of(50)) == (20, 20)
    waits.add(10, 10)
    assert waits.of(100) == waits.of(1) == 15  # no line that falls


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, ""),
        (1, "about 10 s to go"),
        (44, "about 40 s to go"),
        (95, "about 2 min to go"),
        (754, "about 13 min to go"),
        (5_500, "about 1 h 30 min to go"),
        (7_200, "about 2 h to go"),
        (36_500, "about 10 h to go"),
        (200_000, "about 2 days to go"),
    ],
)
def test_words_are_no_finer_than_what_is_known(seconds, words):
    assert to_go(seconds) == words
