"""Reads answered 429: asked again when the service says, and not for ever."""

from itertools import pairwise

import pytest

from manifests.states import State
from runner.engine.messages import CallFailed, CallProblem, ReadJob, ReadList, ReadUsage
from runner.engine.timing import THROTTLED_TO_STOP, Patience
from runner.engine.world import Stop
from support.virtual import START, Behaviour, House, VirtualService

TURNS = 20_000
"""More than any of these runs needs: a loop that spins without waiting takes them all in one instant."""


class Throttling:
    """Answers reads of one kind by 429 so many times; keeps when it was asked."""

    def __init__(self, kind, asked, times=10**9):
        self.kind, self.asked, self.left = kind, asked, times
        self.at = []

    def open(self, tmp_path, patience=None, **does):
        self.service = VirtualService(Behaviour(call=self.call, **does))
        turns = iter(range(TURNS))
        self.service.on_take = lambda: next(turns)  # StopIteration: it spins
        return House(tmp_path, self.service, patience=patience or Patience())

    def call(self, action, _nth):
        if not isinstance(action, self.kind):
            return None
        self.at.append(self.service.now)
        self.left -= 1
        return CallFailed(action, CallProblem.THROTTLED, "429", self.asked) if self.left >= 0 else None

    @property
    def gaps(self):
        return [after - before for before, after in pairwise(self.at)]


@pytest.mark.parametrize("asked", [200.0, 3000.0])
def test_a_list_is_asked_again_when_the_service_says_and_the_run_goes_on(tmp_path, asked):
    reads = Throttling(ReadList, asked, times=1)
    house = reads.open(tmp_path)
    house.buy(house.add(1))
    assert reads.gaps[0] >= asked
    assert house.engine.world.stops == {}
    assert set(house.states().values()) == {State.SAVED}


def test_new_jobs_do_not_bring_the_next_look_forward(tmp_path):
    reads = Throttling(ReadList, 300.0, times=1)
    house = reads.open(tmp_path, upload_seconds=10.0)
    house.buy(house.add(40))
    assert reads.gaps[0] >= 300.0
    assert set(house.states().values()) == {State.SAVED}


def test_a_job_looked_at_by_itself_waits_as_well(tmp_path):
    reads = Throttling(ReadJob, 200.0, times=1)
    house = reads.open(tmp_path)
    house.approve(house.add(1))
    house.loop.run([], until=lambda: bool(house.service.jobs))
    house.service.jobs[0].listed = False
    house.finish()
    assert reads.gaps[0] >= 200.0
    assert set(house.states().values()) == {State.SAVED}


def test_many_429_in_a_row_are_not_taken_for_a_dead_service(tmp_path):
    reads = Throttling(ReadList, 60.0, times=8)
    house = reads.open(tmp_path)
    house.buy(house.add(1))
    assert house.engine.world.stops == {}
    assert set(house.states().values()) == {State.SAVED}


@pytest.mark.parametrize("asked", [0.0, 60.0, 200.0])
def test_nothing_but_429_for_a_quarter_of_an_hour_ends_the_run(tmp_path, asked):
    reads = Throttling((ReadList, ReadUsage), asked)
    house = reads.open(tmp_path)
    house.buy(house.add(1))
    assert "429 to every read" in house.engine.world.stops[Stop.UNREACHABLE]
    assert THROTTLED_TO_STOP <= house.service.now - START < 2 * THROTTLED_TO_STOP
    assert set(house.states().values()) == {State.SUBMITTED}


def test_a_wait_of_a_month_ends_with_the_time_of_wait(tmp_path):
    reads = Throttling(ReadList, 31 * 86400.0)
    house = reads.open(tmp_path, Patience(job=600.0))
    house.buy(house.add(1))
    assert Stop.WAITED in house.engine.world.stops
    assert len(reads.at) == 1


# -- lost answers


def lose_first(_upload, nth):
    return "504" if nth == 1 else ""


def test_the_search_for_a_lost_answer_is_put_off_not_given_up(tmp_path):
    reads = Throttling(ReadList, 200.0, times=1)
    house = reads.open(tmp_path, Patience(doubt_looks=(0.0,)), lose_answer=lose_first)
    house.buy(house.add(1))
    assert reads.gaps[0] >= 200.0
    assert set(house.states().values()) == {State.SAVED}
    assert len(house.service.submits) == 1


@pytest.mark.parametrize("asked", [200.0, 31 * 86400.0])
def test_a_search_that_meets_nothing_but_429_is_left_to_the_next_run(tmp_path, asked):
    reads = Throttling(ReadList, asked)
    house = reads.open(tmp_path, lose_answer=lose_first)
    house.buy(house.add(1))
    assert house.service.now - START < 2 * THROTTLED_TO_STOP
    assert set(house.states().values()) == {State.IN_DOUBT}
    assert house.amounts == (0, 0, 6)


def test_an_answer_lost_while_the_list_must_not_be_asked_is_left_to_the_next_run(tmp_path):
    reads = Throttling(ReadList, 2 * THROTTLED_TO_STOP, times=1)
    house = reads.open(tmp_path, lose_answer=lambda _upload, nth: "504" if nth == 2 else "")
    house.approve(house.add(1))
    house.loop.run([], until=lambda: bool(reads.at))
    house.buy(house.candidates() + house.add(1, first=1)[-1:])
    assert sorted(house.states().values()) == [State.IN_DOUBT, State.SAVED]
    house.resume()
    house.finish()
    assert set(house.states().values()) == {State.SAVED}
