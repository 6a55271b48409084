"""Clocks that are set back or forward while a run waits, or between two runs."""

import pytest

from manifests.states import State
from runner.api.interface import JobStatus
from runner.engine.messages import Tick
from support.virtual import START, Behaviour, House, VirtualService

HOUR = 3600.0


def house_waiting_for_a_job(tmp_path, **behaviour):
    made = House(tmp_path, VirtualService(Behaviour(**behaviour)))
    made.approve(made.add(1))
    made.loop.run([], until=lambda: set(made.states().values()) == {State.SUBMITTED})
    return made


def set_clock(made, by):
    """The machine's clock is set; time goes on as ever."""
    service = made.service
    made.loop._clock = lambda: service.now + by


@pytest.mark.parametrize("by", [-24 * HOUR, -HOUR, -1.5, HOUR])
def test_a_clock_that_is_set_during_a_run_holds_nothing_up(tmp_path, by):
    made = house_waiting_for_a_job(tmp_path)
    set_clock(made, by)
    made.finish()
    assert set(made.states().values()) == {State.SAVED}
    assert made.service.now < START + 60


def test_a_clock_that_is_set_again_and_again_holds_nothing_up(tmp_path):
    made = house_waiting_for_a_job(tmp_path)
    for by in (-HOUR, HOUR, -2 * HOUR, 0.0):
        set_clock(made, by)
        made.loop.run([], until=lambda: True)
    made.finish()
    assert made.service.now < START + 60


def test_the_engine_asks_to_be_woken_by_the_machines_clock(tmp_path):
    made = house_waiting_for_a_job(tmp_path)
    made.engine.step(Tick(), made.service.now - HOUR)
    wake = made.engine.next_wake()
    assert made.service.now - HOUR <= wake <= made.service.now - HOUR + 30


def test_a_failure_of_the_future_is_given_back_after_the_usual_wait(tmp_path):
    made = house_waiting_for_a_job(tmp_path, fate=lambda _nth: JobStatus.FAILED)
    made.finish()
    assert set(made.states().values()) == {State.FAILED}
    made.service.now -= HOUR  # the failure's time is now an hour ahead
    made.resume()
    made.finish()
    assert set(made.states().values()) == {State.RELEASED}
    assert made.service.now < START - HOUR + 300
