"""Many hosts share a wallet in virtual time, and all that can go wrong does: the books are exact, each time.

At every transaction the cap holds, and whatever the service has taken or may still take is held here. At
the end the service's books are ours, job by job, no recording was paid twice, and every doubt that is left
has a name: the service never made a job for it.
"""

import pytest

from support.fleetsim.fleet import Fleet, Scale
from support.fleetsim.weather import Climate

ROUGH = Climate(between=120.0)
"""Something befalls each host every two minutes: it is killed, stands still, is cut off."""

LEFT = {"in doubt", "failed charged"}
"""What a person decides about."""


def checked(told):
    """What must hold whatever happened, beside what the fleet checks itself."""
    assert set(told.states) <= {"saved", *LEFT}
    assert sum(told.states.values()) == told.items
    assert told.doubted_jobs == 0
    assert told.spent == told.charged <= told.cap
    return told


def test_twenty_hosts_to_which_everything_happens_end_with_exact_books(tmp_path):
    told = checked(Fleet(tmp_path, Scale(hosts=20, items=600, seed=1, climate=ROUGH)).run())
    assert told.fenced > 0
    assert told.states["saved"] > 0.98 * told.items


@pytest.mark.parametrize("seed", [2, 3])
def test_few_lines_on_many_hosts(tmp_path, seed):
    checked(Fleet(tmp_path, Scale(hosts=8, items=120, seed=seed, climate=Climate(between=40.0))).run())


def test_a_cap_that_is_too_small_is_never_passed_by_all_of_them_together(tmp_path):
    told = Fleet(tmp_path, Scale(hosts=6, items=300, seed=4, climate=ROUGH, share=0.5)).run()
    assert told.cap - 5 <= told.spent + told.in_doubt <= told.cap
    assert told.states["planned"] > 0


def test_the_same_seed_tells_the_same_story(tmp_path):
    def story(name, seed):
        (tmp_path / name).mkdir()
        told = Fleet(
            tmp_path / name, Scale(hosts=4, items=60, seed=seed, climate=Climate(between=30.0))
        ).run()
        return told.story, told.switches, told.requests

    assert story("one", 5) == story("same", 5) != story("other", 6)


@pytest.mark.long
def test_a_hundred_hosts_bring_a_million_recordings(tmp_path):
    """Takes more than an hour of one core, and some gigabytes of memory."""
    mild = Climate(between=3600.0)  # with so many hosts something happens every half minute
    checked(Fleet(tmp_path, Scale(hosts=100, items=1_000_000, seed=1, climate=mild, grain=1.0)).run())
