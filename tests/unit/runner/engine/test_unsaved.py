"""What is done at the service and not on our disk is bounded: more is bought only while results come."""

from dataclasses import replace

import pytest

from manifests.exits import Exit
from manifests.states import State
from runner.engine.messages import Fetch, FetchFailed, FetchProblem, Signal
from runner.engine.world import EXITS, Stop
from support.virtual import Behaviour, House, VirtualService

TIMES = {"upload_seconds": 4.0, "job_seconds": 1.0}
"""Jobs are done long before the next upload is; looks at the list come in between."""


def house_of(tmp_path, most, **does):
    """A house that lets so many results be missing."""
    made = House(tmp_path, VirtualService(Behaviour(**{**TIMES, **does})))
    made.engine.world.terms = replace(made.engine.world.terms, max_unsaved=most)
    return made


def away(problem=FetchProblem.LATER, *, until=1e12, service=None):
    """A service whose results do not come before a moment."""

    def fetch(action, _nth):
        now = service().now if service else 0.0
        return FetchFailed(action.part_id, problem, "not there") if now < until else None

    return fetch


def slow_disk(made, seconds):
    """Each fetch takes so long."""
    perform = made.service.perform

    def spy(action):
        if isinstance(action, Fetch):
            made.service.later(seconds, made.service._fetched(action, 1))
        else:
            perform(action)

    made.service.perform = spy


def unsaved_at_each_reservation(made):
    """How many results were missing whenever something more was set aside."""
    seen = []
    reserve = made.ledger.reserve

    def spy(wish):
        seen.append(sum(state is State.FINISHED for state in made.states().values()))
        return reserve(wish)

    made.ledger.reserve = spy
    return seen


def test_a_slow_disk_holds_submits_back_until_it_has_caught_up(tmp_path):
    made = house_of(tmp_path, most=3)
    slow_disk(made, 300.0)
    seen = unsaved_at_each_reservation(made)
    made.buy(made.add(30))
    assert len(seen) == 30
    assert max(seen) < 3
    assert set(made.states().values()) == {State.SAVED}
    assert made.engine.world.stops == {}
    assert made.amounts == (150, 0, 0)


def test_without_the_bound_the_same_disk_lets_all_be_bought(tmp_path):
    made = house_of(tmp_path, most=100)
    slow_disk(made, 300.0)
    seen = unsaved_at_each_reservation(made)
    made.buy(made.add(30))
    assert max(seen) >= 3


def test_results_that_come_later_let_submits_go_on(tmp_path):
    made = house_of(tmp_path, most=4)
    made.service.does.fetch = away(until=1_000_010.0, service=lambda: made.service)
    made.buy(made.add(30))
    assert set(made.states().values()) == {State.SAVED}
    assert made.engine.world.stops == {}


@pytest.mark.parametrize("problem", [FetchProblem.LATER, FetchProblem.EMPTY, FetchProblem.GONE])
def test_results_that_do_not_come_end_the_buying_and_the_rest_is_seen_through(tmp_path, problem):
    made = house_of(tmp_path, most=5, fetch=away(problem))
    made.buy(made.add(100))
    told = made.engine.world.stops[Stop.UNSAVED]
    assert told.endswith("finished results did not come, so nothing more is bought (--max-unsaved 5)")
    assert EXITS[Stop.UNSAVED] is Exit.SERVICE_DOWN
    assert 5 <= len(made.service.jobs) < 100
    left = State.FINISHED if problem is FetchProblem.LATER else State.LOST
    assert sorted(set(made.states().values())) == sorted({left, State.PLANNED})
    made.service.does.fetch = lambda _action, _nth: None
    made.resume()
    made.buy(made.candidates())
    assert set(made.states().values()) == {State.SAVED}
    assert len(made.service.jobs) == 100


def test_what_never_comes_stops_only_who_wants_to_buy_more(tmp_path):
    made = house_of(tmp_path, most=2, fetch=away())
    made.buy(made.add(2))
    assert set(made.states().values()) == {State.FINISHED}
    assert made.engine.world.stops == {}


def test_a_full_disk_stops_at_the_first_result(tmp_path):
    made = house_of(tmp_path, most=50, fetch=away(FetchProblem.DISK))
    made.buy(made.add(30))
    assert EXITS[Stop.DISK] is Exit.MACHINE
    assert list(made.engine.world.stops) == [Stop.DISK]
    assert len(made.service.jobs) < 30


def test_what_was_lost_long_ago_keeps_nobody_from_buying(tmp_path):
    made = house_of(tmp_path, most=3, fetch=away(FetchProblem.GONE))
    made.buy(made.add(2))
    assert set(made.states().values()) == {State.LOST}
    made.resume()
    made.engine.world.terms = replace(made.engine.world.terms, max_unsaved=2)
    made.service.does.fetch = lambda action, _nth: (
        FetchFailed(action.part_id, FetchProblem.GONE, "not there") if action.job_id in {"1", "2"} else None
    )
    made.buy(made.add(3, first=10))
    assert [*made.states().values()].count(State.SAVED) == 3
    assert made.engine.world.stops == {}


def test_a_signal_ends_the_waiting_for_a_slow_disk(tmp_path):
    made = house_of(tmp_path, most=1)
    slow_disk(made, 1e9)
    made.service.later(100.0, Signal(2))
    made.buy(made.add(40))
    assert list(made.engine.world.stops) == [Stop.SIGNAL]
    assert State.PLANNED in made.states().values()


def test_uploads_under_way_are_not_cut_for_it(tmp_path):
    made = house_of(tmp_path, most=1)
    slow_disk(made, 50.0)
    made.buy(made.add(6))
    assert all(State.PLANNED is not state for state in made.states().values())
    assert not [each for each in made.service.actions if getattr(each, "go", True) is False]
