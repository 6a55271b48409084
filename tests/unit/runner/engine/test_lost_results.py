"""A result that the service said it no longer has: not bought again, and asked for once more by every run."""

import pytest

from manifests.states import State
from runner.engine.messages import Fetch, FetchFailed, FetchProblem
from support.virtual import Behaviour, House, VirtualService

PROBLEMS = [FetchProblem.GONE, FetchProblem.EMPTY]


def house_without_results(tmp_path, problem, until):
    """A service that shows no results before a moment."""

    def fetch(action, _nth):
        return FetchFailed(action.part_id, problem, "not there") if service.now < until else None

    service = VirtualService(Behaviour(fetch=fetch))
    return House(tmp_path, service)


def fetches(made):
    return sum(isinstance(action, Fetch) for action in made.service.actions)


@pytest.mark.parametrize("problem", PROBLEMS)
def test_a_later_run_saves_what_was_lost_when_it_is_there_again(tmp_path, problem):
    made = house_without_results(tmp_path, problem, until=1_000_500.0)
    made.buy(made.add(2))
    assert set(made.states().values()) == {State.LOST}
    made.service.now = 1_000_600.0
    made.resume()
    assert set(made.states().values()) == {State.SAVED}
    assert made.amounts == (10, 0, 0)
    assert len(made.service.jobs) == 2


@pytest.mark.parametrize("problem", [*PROBLEMS, FetchProblem.LATER])
def test_a_run_asks_for_a_lost_result_once_and_buys_nothing(tmp_path, problem):
    made = house_without_results(tmp_path, FetchProblem.GONE, until=1e12)
    made.buy(made.add(1))
    made.service.does.fetch = lambda action, _nth: FetchFailed(action.part_id, problem, "not there")
    before = fetches(made)
    made.resume()
    made.finish()
    assert fetches(made) == before + 1
    assert set(made.states().values()) == {State.LOST}
    assert made.candidates() == []


def test_a_job_that_the_service_had_forgotten_is_saved_when_it_remembers(tmp_path):
    made = House(tmp_path, VirtualService(Behaviour(job_seconds=60.0)))
    made.approve(made.add(1))
    made.loop.run([], until=lambda: set(made.states().values()) == {State.SUBMITTED})
    (job,) = made.service.jobs
    job.listed, job.gone = False, True
    made.finish()
    assert set(made.states().values()) == {State.LOST}
    assert made.amounts[1] == 6  # perhaps charged
    job.listed, job.gone = True, False
    made.service.now += 100
    made.resume()
    made.finish()
    assert set(made.states().values()) == {State.SAVED}
    assert made.amounts == (5, 0, 0)
