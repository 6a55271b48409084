"""What other runs of the fleet drive is waited for; what nobody drives any more is taken over, by one."""

import pytest

from manifests.money import Cents
from manifests.states import State
from runner.collect import Collector
from runner.engine.task import Task
from runner.fleet.drivers import Drivers
from runner.ledger.rows import Move, Reservation, ResultRow
from runner.others import LOOK_EVERY
from support.fleet import new_shift

OUT = (State.UPLOADING, State.SENDING)
NOW = 1000.0


@pytest.fixture
def two(yard):
    """Host a, and host b whose run wants the line that a buys."""
    yard.dispatch(("l0",), ("l1",))
    a, b = yard.host("a"), yard.host("b")
    a.take()
    b.take()
    b.ledger.among = ["l0", "l1"]
    return a, b


def drivers(host):
    return Drivers(host.ledger, "m1")


def waiting(state=State.SENDING):
    return Task(1, "m1", "transcription", "transcription", "k", {}, state, foreign=True)


def end(host):
    with host.ledger.transaction():
        host.ledger.end_shift(1, "{}", 0)


def test_what_a_living_run_drives_is_left_to_it(yard, two):
    a, b = two
    made = a.reserve(1, *OUT)
    found = drivers(b)
    found.take_over()
    assert not found.is_ours(yard.ledger.attempt(made))
    (event,) = found.seen([waiting()], NOW)
    assert (event.state, event.free) == (State.SENDING, False)
    assert drivers(a).is_ours(yard.ledger.attempt(made))


def test_what_a_run_left_when_it_ended_is_taken_over(yard, two):
    a, b = two
    made = a.reserve(1, *OUT, State.SUBMITTED)
    end(a)
    found = drivers(b)
    found.take_over()
    assert found.is_ours(yard.ledger.attempt(made))


def test_what_a_lost_run_was_sending_is_in_doubt_and_taken_over(yard, two):
    a, b = two
    made = a.reserve(1, *OUT)
    found = drivers(b)
    yard.clock.now += 20
    with yard.open().transaction():
        pass
    beats = yard.open()
    with beats.transaction():
        beats.beat(b.worker_id, [b.ledger.lease])
    yard.clock.now += 15
    (event,) = found.seen([waiting()], NOW)
    assert (event.state, event.free) == (State.IN_DOUBT, True)
    assert found.is_ours(yard.ledger.attempt(made))
    assert yard.states() == ["waiting", "taken"]


def test_what_an_older_run_left_between_two_states_is_cleared(yard, two):
    _, b = two
    b.ledger.lease, lease = None, b.ledger.lease
    made = b.reserve(1, *OUT)
    b.ledger.lease = lease
    found = drivers(b)
    found.take_over()
    assert yard.ledger.attempt(made).state is State.IN_DOUBT


def test_one_of_two_takes_over(yard, two):
    a, b = two
    c = yard.host("c")
    made = a.reserve(1, *OUT, State.SUBMITTED)
    a_shift = a.ledger.lease
    assert a_shift is not None
    end(a)
    with yard.ledger.transaction():
        yard.ledger.offer(1, new_shift("l0"))
    c.take()
    found = [drivers(each).seen([waiting(State.SUBMITTED)], NOW)[0].free for each in (b, c)]
    assert found == [True, False]
    assert yard.ledger.attempt(made).driver == b.ledger.lease


def test_what_was_never_begun_is_free(yard, two):
    (event,) = drivers(two[1]).seen([waiting(State.PLANNED)], NOW)
    assert (event.state, event.attempt, event.free) == (State.PLANNED, None, True)


def test_looks_are_not_taken_too_often(yard, two):
    a, b = two
    a.reserve(1, *OUT)
    found = drivers(b)
    assert len(found.seen([waiting()], NOW)) == 1
    assert found.seen([waiting()], NOW + LOOK_EVERY / 2) == []
    assert len(found.seen([waiting()], NOW + LOOK_EVERY)) == 1


@pytest.mark.parametrize(
    ("host", "on_disk", "fetched"),
    [("a", False, False), ("b", False, True), ("b", True, False), ("", False, True)],
    ids=["on another host", "gone from here", "elsewhere on this disk", "of one machine"],
)
def test_a_result_on_another_host_is_not_brought_again(yard, two, host, on_disk, fetched):
    a, b = two
    a.reserve(1, *OUT, State.SUBMITTED, State.FINISHED, State.SAVED)
    b.ledger.host = "b"
    path = yard.folder / "elsewhere.json"
    if on_disk:
        path.write_text("{}")
    with yard.ledger.transaction():
        yard.ledger.put_results([ResultRow(1, "json", str(path), 2, "0" * 64, host)])
    yard.ledger.db.execute('UPDATE items SET wanted = \'{"formats":["json"]}\'')
    collector = Collector(b.ledger, "m1", yard.folder / "results", drivers(b).is_ours)
    tasks = collector.tasks(b.ledger.items("m1"))
    assert [len(task.targets) for task in tasks if task.state is State.SAVED] == [int(fetched)]


def test_credits_of_runs_beside_on_the_same_manifest_explain_a_fall(yard, two):
    a, b = two
    with yard.ledger.transaction():
        yard.ledger.put_manifest("m1", yard.folder / "m.yaml", Cents(100), 100)
    with a.ledger.transaction():
        made = a.ledger.reserve(Reservation(1, "m1", "denoise", "t", Cents(5), Cents(9), "credits"))
        for state in OUT:
            a.ledger.move(Move(made, state))
    assert b.ledger.credits_beside("m1", 0.0) == Cents(9)
    assert a.ledger.credits_beside("m1", 0.0) == 0
    assert yard.ledger.credits_beside("m1", 0.0) == Cents(9)  # the run that offers sends nothing itself
