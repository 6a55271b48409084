"""Other runs on the same wallet: waited for while they live, taken over when they are gone."""

import pytest

from manifests.money import Cents
from manifests.states import State
from runner.engine.messages import ForeignSeen
from runner.engine.task import Task
from runner.file_locks import FileLocks
from runner.ledger.rows import Move, Reservation
from runner.others import LOOK_EVERY, Others
from runner.prepare import check, new_items
from support.small_run import PROBES, manifest_of

NOW = 1000.0


@pytest.fixture
def other_run(desk):
    """The locks of another process; m2, which shares `a.mp3` with m1, is its manifest."""
    found = check(desk.lines(manifest_of([desk.item("a.mp3")])).values(), PROBES)
    items = list(new_items(found, {}, PROBES))
    with desk.ledger.transaction():
        for manifest_id in ("m1", "m2"):
            desk.ledger.put_manifest(manifest_id, desk.folder / "m.yaml", Cents(100))
            desk.ledger.put_items(manifest_id, items)
    locks = FileLocks(desk.folder / "state" / "locks")
    locks.take("m2")
    yield locks
    locks.release()


def drive(desk, *states, manifest_id="m2"):
    with desk.ledger.transaction():
        made = desk.ledger.reserve(Reservation(1, manifest_id, "transcription", "t", Cents(1), Cents(2)))
        for state in states:
            desk.ledger.move(Move(made, state, "", "7" if state is State.SUBMITTED else None))
    return made


def others(desk):
    return Others(desk.ledger, desk.locks, "m1")


def waiting(*, foreign=True):
    return Task(1, "m2", "transcription", "transcription", "k", {}, State.SENDING, foreign=foreign)


SENDING = (State.UPLOADING, State.SENDING)


def test_a_living_run_keeps_what_it_drives(desk, other_run):
    drive(desk, *SENDING)
    found = others(desk)
    found.take_over()
    assert not found.is_free("m2")
    assert desk.ledger.part(1)[0] is State.SENDING
    (event,) = found.seen([waiting()], NOW)
    assert (event.state, event.free) == (State.SENDING, False)
    assert event.attempt.token == "t"


def test_what_a_dead_run_left_is_recovered_and_ours(desk, other_run):
    drive(desk, *SENDING)
    other_run.release()
    found = others(desk)
    found.take_over()
    assert found.is_free("m2")
    assert desk.ledger.part(1)[0] is State.IN_DOUBT
    assert not other_run.try_take("m2")  # it cannot start again meanwhile


def test_a_run_that_ends_while_it_is_waited_for_is_taken_over(desk, other_run):
    drive(desk, *SENDING)
    found = others(desk)
    found.take_over()
    other_run.release()
    (event,) = found.seen([waiting()], NOW)
    assert (event.state, event.free) == (State.IN_DOUBT, True)
    assert event.attempt.state is State.IN_DOUBT
    assert found.is_free("m2")


def test_a_purchase_that_was_never_begun_is_free(desk, other_run):
    assert others(desk).seen([waiting()], NOW) == [ForeignSeen(1, State.PLANNED, None, free=True)]


def test_only_what_is_waited_for_is_looked_at_and_not_too_often(desk, other_run):
    drive(desk, *SENDING)
    found = others(desk)
    assert found.seen([waiting(foreign=False)], NOW) == []
    assert found.seen([waiting()], NOW + LOOK_EVERY / 2) == []
    assert len(found.seen([waiting()], NOW + LOOK_EVERY)) == 1


@pytest.mark.parametrize(
    "states", [(), (*SENDING, State.SUBMITTED, State.FINISHED, State.SAVED)], ids=["ours", "saved"]
)
def test_a_run_that_has_nothing_of_ours_is_not_locked_out(desk, other_run, states):
    drive(desk, *states, manifest_id="m2" if states else "m1")
    other_run.release()
    found = others(desk)
    found.take_over()
    assert not found.is_free("m2")
    assert other_run.try_take("m2")
