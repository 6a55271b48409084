"""The time left: from minutes of audio, not items; nothing while nobody can tell."""

import pytest

from earmark.time_left import TimeLeft, to_go
from manifests.budget import Amounts, Decision, Verdict
from manifests.money import Cents
from manifests.states import State
from runner.told import Change, GateTold, ItemTold, StopTold

PASSES = Decision(Verdict.PASS, Cents(0), Cents(0))


def gate(minutes):
    return GateTold(PASSES, PASSES, 1, 0, 0, 0, Cents(0), Amounts(Cents(0)), minutes)


def item(change, minutes, state=State.SUBMITTED):
    return ItemTold(change, 1, "a", "transcription", state, "", "", "cents", 1, 1, None, False, (), minutes)


class Run:
    """A run on a clock of its own."""

    def __init__(self):
        self.now = 1000.0
        self.left = TimeLeft(lambda: self.now)

    def tell(self, *told, after=0.0):
        self.now += after
        for each in told:
            self.left.watch(each)

    def finish(self, minutes, after):
        self.tell(item(Change.SAVED, minutes), after=after)


def started(*minutes):
    run = Run()
    run.tell(gate(float(sum(minutes))), *(item(Change.SUBMITTED, each) for each in minutes))
    return run


def test_nothing_is_said_before_some_items_are_done_and_some_time_went_by():
    run = started(*[1.0] * 10)
    for _ in range(2):
        run.finish(1.0, after=1)
    run.now += 100
    assert run.left.seconds() is None  # two items say nothing
    run = started(*[1.0] * 10)
    for _ in range(5):
        run.finish(1.0, after=1)
    assert run.left.seconds() is None  # nor do five seconds


def test_it_follows_minutes_of_audio_and_not_items():
    run = started(*[1.0] * 50, *[100.0] * 2)
    for _ in range(50):
        run.finish(1.0, after=1)
    assert run.left.seconds() == pytest.approx(200.0)  # two items of 52, and most of the work


def test_a_long_first_job_is_no_pace():
    run = started(*[1.0] * 100)
    run.finish(1.0, after=300)
    for _ in range(20):
        run.finish(1.0, after=1)
    assert run.left.seconds() is None
    for _ in range(10):
        run.finish(1.0, after=30)
    assert run.left.seconds() is not None


def test_only_what_was_done_lately_counts():
    run = started(*[1.0] * 1000)
    for _ in range(100):
        run.finish(1.0, after=1)
    for _ in range(100):
        run.finish(1.0, after=10)  # the service grew slower
    assert run.left.seconds() == pytest.approx(8000, rel=0.05)


def test_a_service_that_finishes_nothing_any_more_leaves_it_open():
    run = started(*[1.0] * 10)
    for _ in range(5):
        run.finish(1.0, after=10)
    assert run.left.seconds() == pytest.approx(50)
    run.now += 700
    assert run.left.seconds() is None


def test_once_nothing_more_is_sent_only_what_is_out_is_waited_for():
    run = Run()
    run.tell(gate(100.0), *[item(Change.SUBMITTED, 1.0)] * 10)
    for _ in range(5):
        run.finish(1.0, after=10)
    assert run.left.seconds() == pytest.approx(950)
    run.tell(StopTold("money", "402"))
    assert run.left.seconds() == pytest.approx(50)


@pytest.mark.parametrize(
    ("change", "minutes"),
    [
        (Change.FAILED, 5.0),
        (Change.LOST, 5.0),
        (Change.SAVED, 5.0),
        (Change.REJECTED, 5.0),
        (Change.IN_DOUBT, 5.0),
    ],
)
def test_what_is_over_is_not_waited_for(change, minutes):
    run = started(*[1.0] * 10)
    run.tell(gate(minutes))
    for _ in range(5):
        run.finish(1.0, after=10)
    if change not in (Change.REJECTED, Change.IN_DOUBT):  # those never came to run
        run.tell(item(Change.SUBMITTED, minutes))
    before = run.left.seconds()
    run.tell(item(change, minutes))
    assert run.left.seconds() < before


def test_what_an_earlier_run_sent_counts_and_its_doubts_do_not():
    run = Run()
    run.tell(*[item(Change.CARRIED, 1.0)] * 10, item(Change.CARRIED, 500.0, State.IN_DOUBT))
    for _ in range(5):
        run.finish(1.0, after=10)
    assert run.left.seconds() == pytest.approx(50)


def test_when_all_is_done_nothing_is_left_to_say():
    run = started(*[1.0] * 5)
    for _ in range(5):
        run.finish(1.0, after=10)
    assert run.left.seconds() is None


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
