"""Watching: lists that show little, jobs that never end, numbers that clash, runs that leave."""

import dataclasses

import pytest

from manifests.states import State
from runner.api.interface import Accepted, Job, JobStatus
from runner.engine.journal import Journal
from runner.engine.messages import Listed, ReadJob
from runner.engine.timing import Patience
from runner.engine.watching import SINGLE_LOOKS
from runner.engine.world import Stop
from runner.ledger.rows import Move, Reservation
from support.virtual import SERVICE, START, Behaviour, House, VirtualService

TURNS = 5_000
"""More than any of these runs needs: a loop that spins without waiting takes them all in one instant."""


@pytest.fixture
def house(tmp_path):
    """Opens a house whose loop must not spin: `house(patience=..., **behaviour)`."""

    def made(patience=None, **behaviour):
        service = VirtualService(Behaviour(**behaviour))
        turns = iter(range(TURNS))
        service.on_take = lambda: next(turns)  # StopIteration: it spins
        return House(tmp_path, service, patience=patience or Patience())

    return made


def submitted(house, count):
    """So many items at the service."""
    house.approve(house.add(count))
    house.loop.run([], until=lambda: len(house.service.jobs) == count and not house.engine.submits.busy)


def with_state(house, state):
    return [file for file, found in house.states().items() if found is state]


# -- one by one


def test_jobs_that_never_end_do_not_hide_the_ones_behind_them(house):
    made = house(Patience(job=300.0))
    submitted(made, 3 * SINGLE_LOOKS)
    for number, job in enumerate(made.service.jobs):
        job.listed = False
        job.ends = 1e12 if number < 2 * SINGLE_LOOKS else job.ends
    made.finish()
    assert len(with_state(made, State.SAVED)) == SINGLE_LOOKS
    assert Stop.WAITED in made.engine.world.stops


def test_jobs_missing_from_the_list_are_all_looked_at_in_turn(house):
    made = house(job_seconds=600.0)
    submitted(made, 3 * SINGLE_LOOKS)
    for job in made.service.jobs:
        job.listed = False
    made.loop.run([], until=lambda: made.service.now > START + 300)
    looks = [action.part_id for action in made.service.actions if isinstance(action, ReadJob)]
    assert len(set(looks)) == 3 * SINGLE_LOOKS
    assert max(map(looks.count, looks)) - min(map(looks.count, looks)) <= 1


# -- leaving


@pytest.mark.parametrize(("word", "told"), [("ARCHIVED", True), ("processing", False), ("", False)])
def test_a_status_that_nobody_knows_is_still_running_and_named(house, word, told):
    made = house(job_seconds=600.0)
    submitted(made, 1)
    number = made.service.jobs[0].job_id
    shown = Job(number, JobStatus.RUNNING, word=word)
    made.loop.run([Listed(SERVICE, (shown,), frozenset({number}))], until=lambda: True)
    assert made.engine.watches.running == 1
    assert any(word in note for note in made.engine.world.notes) is told


def test_a_run_that_waited_long_enough_does_not_spin_while_an_answer_is_out(house):
    made = house(Patience(job=50.0), job_seconds=1e9)
    tasks = made.add(2)
    made.approve(tasks[:1])
    made.loop.run([], until=lambda: made.service.now > START + 40)
    made.service.does.answer_seconds = 200.0
    made.approve(tasks[1:])
    made.finish()
    assert set(made.states().values()) == {State.SUBMITTED}


# -- numbers that clash


def test_an_answer_with_the_number_of_a_running_job_leaves_that_job_watched(house):
    made = house(outcome=lambda _upload, nth: Accepted("1") if nth == 2 else None)
    made.buy(made.add(2))
    assert sorted(made.states().values()) == [State.IN_DOUBT, State.SAVED]
    assert made.amounts == (5, 0, 6)


def test_a_token_shown_at_the_job_of_an_earlier_purchase_proves_nothing(house):
    made = house()
    made.buy(made.add(1))
    made.start()
    made.service.does.lose_answer = lambda _upload, nth: "504" if nth == 2 else ""
    view = made.service._view

    def mixed_up(job):
        """The second job does not show; its token stands at the first one's, which is done."""
        return dataclasses.replace(view(job), tokens=frozenset(each.token for each in made.service.jobs))

    made.service._view = mixed_up
    made.approve(made.add(1, first=1))
    made.loop.run([], until=lambda: len(made.service.jobs) == 2)
    made.service.jobs[1].listed = False
    read = made.service._read
    first, second = made.service.jobs

    def shows_both(action):
        if hasattr(action, "tokens") and second.token in action.tokens:
            found = read(dataclasses.replace(action, job_ids=action.job_ids | {first.job_id}))
            return dataclasses.replace(found, asked=action.job_ids)
        return read(action)

    made.service._read = shows_both
    made.finish()
    assert sorted(made.states().values()) == [State.IN_DOUBT, State.SAVED]
    assert made.amounts == (5, 0, 6)
    assert made.service.now < START + 300


# -- bills that came first


def test_a_bill_read_before_the_job_was_found_counts_also_when_the_job_is_gone(house):
    made = house(list_delay=20.0, job_seconds=5.0)
    made.service.does.lose_answer = lambda _upload, nth: "504" if nth == 1 else ""
    made.approve(made.add(2))

    def rows():
        return made.ledger.db.execute("SELECT count(*) FROM usage_rows").fetchone()[0]

    made.loop.run([], until=lambda: rows() == 2)
    view = made.service._view
    lost = made.service.jobs[0]
    made.service._view = lambda job: (
        dataclasses.replace(view(job), status=JobStatus.RUNNING) if job is lost else view(job)
    )
    made.loop.run([], until=lambda: State.IN_DOUBT not in made.states().values())
    lost.gone, lost.listed = True, False
    made.finish()
    assert sorted(made.states().values()) == [State.LOST, State.SAVED]
    assert made.amounts == (10, 0, 0)


# -- another run was quicker


def submitted_attempt(made):
    """An attempt whose job runs."""
    (task,) = made.add(1)
    token = f"ek-{0:016x}-{0:016x}"
    wish = Reservation(task.part_id, "m1", SERVICE, token, task.expected, task.ceiling)
    with made.ledger.transaction():
        attempt = made.ledger.reserve(wish)
        for state in (State.UPLOADING, State.SENDING):
            made.ledger.move(Move(attempt, state))
        made.ledger.move(Move(attempt, State.SUBMITTED, job_id="1"))
    return attempt


@pytest.mark.parametrize(
    ("first", "late"),
    [
        ((State.FAILED, State.FAILED_CHARGED), State.RELEASED),
        ((State.FINISHED, State.SAVED), State.LOST),
    ],
)
def test_a_move_that_another_run_has_outrun_changes_nothing(house, first, late):
    made = house()
    attempt = submitted_attempt(made)
    journal = Journal(made.ledger, "m1")
    journal.commit([Move(attempt, state) for state in first])
    assert journal.commit([Move(attempt, late)]) == []
    assert set(made.states().values()) == {first[-1]}
