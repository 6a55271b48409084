"""Looks for a lost answer: each at its time, and those that were slept through as one."""

import pytest

from manifests.states import State
from runner.engine.task import Task
from runner.engine.timing import THROTTLED_TO_STOP
from runner.engine.watching import Doubt


def doubt(*looks):
    return Doubt(Task(1, "m1", "transcription", "transcription", "k", {}, State.IN_DOUBT), 100.0, looks)


def test_each_look_has_its_time():
    found = doubt(0.0, 2.0, 5.0)
    taken = []
    for now in (100.0, 101.0, 102.5, 104.9, 105.0, 900.0):
        if found.due(now):
            taken.append(now)
            found.looked(now)
    assert taken == [100.0, 102.5, 105.0]
    assert found.next is None


@pytest.mark.parametrize(
    ("woke", "following", "last"),
    [(100.0, 102.0, 105.0), (103.0, 102.0, 105.0), (106.0, 105.0, 140.0), (999.0, 140.0, None)],
)
def test_looks_that_were_slept_through_are_one(woke, following, last):
    """A laptop that was closed asks once, and once more at the end."""
    found = doubt(0.0, 2.0, 5.0, 40.0)
    found.looked(woke)
    assert found.next == following
    found.looked(max(woke, following))
    assert found.next == last


def test_a_look_that_showed_nothing_is_taken_again():
    found = doubt(0.0)
    found.looked(100.0)
    found.put_off(300.0, again=True)
    assert found.next == 300.0


def test_looks_that_were_all_taken_stay_taken():
    found = doubt(0.0)
    found.looked(100.0)
    found.put_off(300.0, again=False)
    assert found.next is None


def test_a_wait_beyond_a_quarter_of_an_hour_is_left_to_the_next_run():
    found = doubt(0.0, 2.0)
    found.looked(100.0)
    found.put_off(100.0 + THROTTLED_TO_STOP + 1, again=True)
    assert found.next is None


def test_without_looks_nothing_is_due():
    found = doubt()
    assert not found.due(1e9)
    assert found.next is None
