"""Looks and readings of bills are worth their calls: they wait until they tell of several jobs."""

import random

import pytest

from manifests.states import State
from runner.engine.messages import Listed, ReadList, ReadUsage, Upload
from runner.engine.task import Task
from runner.engine.timing import FIRST_LOOK, LISTED, LONGEST_LOOK
from runner.engine.watching import WatchDesk
from runner.engine.world import Terms, World
from support.virtual import SERVICE, START, Behaviour, House, VirtualService


@pytest.fixture
def bought(tmp_path):
    """Buys so many; the house and when it did what: `bought(count, **behaviour)`."""

    def made(count, uploads=8, **behaviour):
        house = House(tmp_path, VirtualService(Behaviour(wallet=10**9, **behaviour)), cap=10**9)
        house.engine.submits.pace._limit = house.engine.submits.pace.slots = uploads
        perform, times = house.service.perform, []

        def spy(action):
            times.append((house.service.now, type(action)))
            perform(action)

        house.service.perform = spy
        house.buy(house.add(count))
        assert set(house.states().values()) == {State.SAVED}
        return house, times

    return made


def when(times, kind, while_sending=False):
    last = max(at for at, each in times if each is Upload) if while_sending else float("inf")
    return [at for at, each in times if each is kind and at <= last]


def test_while_a_line_is_slow_a_look_tells_of_several_jobs(bought):
    _, times = bought(60, uploads=1, upload_seconds=8.0, job_seconds=1.0)
    looks = when(times, ReadList, while_sending=True)
    assert len(looks) <= 60 / 3
    assert len(when(times, ReadUsage, while_sending=True)) <= 60 / 3


def test_quick_jobs_are_looked_at_in_batches_while_more_are_sent(bought):
    _, times = bought(150, upload_seconds=0.02, answer_seconds=0.02, job_seconds=0.0, call_seconds=0.01)
    assert 3 <= len(when(times, ReadList)) <= 7


def test_the_last_of_quick_jobs_are_not_waited_for(bought):
    house, times = bought(60, upload_seconds=0.02, answer_seconds=0.02, job_seconds=0.0, call_seconds=0.01)
    assert house.service.now - max(when(times, Upload)) < 2.0


def test_a_look_that_waits_for_more_submits_does_not_once_none_will_come():
    world = World(Terms("m1", {}), random.Random(1), START, more_to_send=True)
    desk = WatchDesk(world)
    for number in range(3):
        desk.watch(
            Task(number, "m1", SERVICE, SERVICE, "k", {}, State.SUBMITTED, since=START, job_id=str(number))
        )
    assert desk.due() - START >= LONGEST_LOOK
    world.now = START + 1
    world.tell_waiting(any_waits=False)
    assert desk.due() - START == 1 + FIRST_LOOK
    world.now = desk.due()
    desk.work()
    assert [type(action) for action in world.take_turn().actions] == [ReadList]
    desk.listed(Listed(SERVICE, (), frozenset()))
    assert desk.due() > world.now, "and then as ever"


@pytest.mark.parametrize(("pages", "seconds"), [(0.5, 2.0), (1.0, 2.0), (4.0, 9.0), (15.0, 42.0)])
def test_of_very_many_jobs_looks_are_as_rare_as_they_are_long(pages, seconds):
    world = World(Terms("m1", {}), random.Random(1), START)
    desk = WatchDesk(world)
    for number in range(int(pages * LISTED)):
        desk.watch(
            Task(number, "m1", SERVICE, SERVICE, "k", {}, State.SUBMITTED, since=START, job_id=str(number))
        )
    desk.listed(Listed(SERVICE, (), frozenset()))
    assert seconds <= desk.due() - START <= seconds * 1.2


def test_a_state_that_nothing_rests_on_is_durable_once_there_is_time(tmp_path):
    """That an upload has begun is written with the next turn that writes, or when nothing else happens."""
    house = House(tmp_path, VirtualService(Behaviour(upload_seconds=10.0)))
    house.approve(house.add(1))
    assert set(house.states().values()) == {State.RESERVED}
    begun = house.service.now
    house.loop.run([], until=lambda: house.service.now > begun + 2)
    assert set(house.states().values()) == {State.UPLOADING}
