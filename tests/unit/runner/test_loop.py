"""The loop: a turn is durable before anything is done about it, and nobody waits longer than needed."""

from queue import SimpleQueue

import pytest

from runner.engine.messages import NoRoom, ReadRates, ReadWallet, Signal, Taken, Tick, Turn
from runner.loop import LONGEST_NAP, Loop, take
from runner.performer import Crash


class Stage:
    """Engine, journal and ends of a loop in one: notes what happens in which order."""

    def __init__(self, answers=(), arriving=(), wake=None, actions=()):
        self.noted = []
        self.answers = list(answers)  # what the ledger answers, turn by turn
        self.arriving = list(arriving)  # what each `take` brings
        self.wake, self.actions, self.now = wake, list(actions), 100.0
        self.naps, self.full = [], False

    def loop(self, **rest):
        return Loop(self, self, self, self.clock, **rest)

    def clock(self):
        return self.now

    # as the engine

    def step(self, event, now):
        self.noted.append(("step", event, now))

    def turn(self):
        return Turn(["a write"], [self.actions.pop(0)] if self.actions else [])

    def next_wake(self):
        return self.wake

    def finish(self):
        return Turn(["the last write"], [ReadRates()])

    # as the journal

    def commit(self, writes):
        if self.full:
            raise OSError("disk full")
        self.noted.append(("commit", *writes))
        return self.answers.pop(0) if self.answers else []

    # as the ends

    def perform(self, action):
        self.noted.append(("perform", action))

    def take(self, seconds):
        self.naps.append(seconds)
        return self.arriving.pop(0) if self.arriving else []

    def steps(self):
        return [each[1] for each in self.noted if each[0] == "step"]


def once():
    return True


def test_a_turn_is_durable_before_it_is_performed():
    stage = Stage(actions=[ReadWallet()])
    stage.loop().run([Tick()], once)
    assert [each[0] for each in stage.noted] == ["step", "commit", "perform"]


def test_what_cannot_be_made_durable_is_not_performed():
    stage = Stage(actions=[ReadWallet()])
    stage.full = True
    with pytest.raises(OSError, match="disk full"):
        stage.loop().run([Tick()], once)
    assert stage.noted == [("step", Tick(), 100.0)]


def test_all_events_at_hand_are_one_turn():
    stage = Stage()
    stage.loop().run([Tick(), NoRoom(1), NoRoom(2)], once)
    assert [each[0] for each in stage.noted] == ["step", "step", "step", "commit"]


def test_what_the_ledger_answers_is_taken_at_once_in_a_turn_of_its_own():
    stage = Stage(answers=[[Taken(1)], [NoRoom(2)]], actions=[ReadWallet(), ReadRates()])
    stage.loop().run([Tick()], once)
    assert stage.steps() == [Tick(), Taken(1), NoRoom(2)]
    assert [each[0] for each in stage.noted].count("commit") == 3
    assert stage.naps == []


def test_it_goes_on_until_the_condition_holds():
    stage = Stage(arriving=[[NoRoom(1)], [NoRoom(2)], [NoRoom(3)]])
    stage.loop().run([], lambda: NoRoom(2) in stage.steps())
    assert stage.steps() == [NoRoom(1), NoRoom(2)]


def test_nothing_happening_is_a_tick():
    stage = Stage(arriving=[[], [NoRoom(1)]])
    stage.loop().run([], lambda: NoRoom(1) in stage.steps())
    assert stage.steps() == [Tick(), NoRoom(1)]


def test_a_condition_that_holds_already_still_takes_the_events_given():
    stage = Stage()
    stage.loop().run([NoRoom(1)], once)
    assert stage.steps() == [NoRoom(1)]
    stage.loop().run([], once)
    assert stage.naps == []


@pytest.mark.parametrize(
    ("wake", "nap"),
    [(None, LONGEST_NAP), (100.25, 0.25), (100.0, 0.0), (7.0, 0.0), (5000.0, LONGEST_NAP)],
    ids=["nobody waits", "soon", "now", "long ago", "far away"],
)
def test_it_sleeps_as_long_as_the_engine_allows_and_never_long(wake, nap):
    stage = Stage(arriving=[[Tick()]], wake=wake)
    stage.loop().run([], lambda: bool(stage.steps()))
    assert stage.naps == [pytest.approx(nap)]


def test_whoever_watches_hears_of_each_turn_once():
    stage, heard = Stage(answers=[[Taken(1)]], arriving=[[NoRoom(1)]]), []
    stage.loop(listener=lambda: heard.append(len(stage.noted))).run([Tick()], lambda: len(heard) == 2)
    assert len(heard) == 2


def test_the_last_turn_is_durable_and_nothing_is_performed():
    stage = Stage()
    stage.loop().finish()
    assert stage.noted == [("commit", "the last write")]


# -- taking events from the threads


def queue_of(*events):
    queue = SimpleQueue()
    for event in events:
        queue.put(event)
    return queue


def test_everything_at_hand_is_taken():
    queue = queue_of(NoRoom(1), Signal(2), NoRoom(3))
    assert take(queue, 60.0) == [NoRoom(1), Signal(2), NoRoom(3)]
    assert queue.empty()


@pytest.mark.parametrize("seconds", [0.0, 0.01, -1.0])
def test_an_empty_queue_gives_nothing(seconds):
    assert take(SimpleQueue(), seconds) == []


def test_a_crash_is_raised():
    with pytest.raises(Crash, match="oops"):
        take(queue_of(Crash("oops"), NoRoom(1)), 0.0)


def test_what_came_before_a_crash_is_not_lost_with_it():
    """An answer in front of it may be a job that was paid for."""
    queue = queue_of(NoRoom(1), Crash("oops"), NoRoom(2))
    assert take(queue, 0.0) == [NoRoom(1)]
    assert take(queue, 0.0) == [NoRoom(2)]
    with pytest.raises(Crash, match="oops"):
        take(queue, 0.0)
