"""A run is alive as long as it gives signs of life by the ledger's clock; then it writes nothing more."""

import threading

import pytest

from manifests.exits import Exit
from manifests.money import Cents
from manifests.states import State
from runner.ledger.interface import LeaseLost
from runner.ledger.rows import Move, Reservation
from support.fleet import new_shift

SENDING = (State.UPLOADING, State.SENDING)


def turn(host):
    """An empty turn of a run."""
    with host.ledger.transaction():
        pass


def beat(yard, host, *runs):
    """A sign of life, from a connection of its own."""
    ledger = yard.open()
    with ledger.transaction():
        return ledger.beat(host.worker_id, runs)


def attempt(yard, attempt_id):
    return yard.ledger.attempt(attempt_id)


def test_a_run_may_write_until_its_lease_is_over(yard):
    yard.dispatch(("l0",))
    a = yard.host("a")
    a.take()
    yard.clock.now += 29.9
    turn(a)
    yard.clock.now += 0.1
    with pytest.raises(LeaseLost, match="taken for lost") as told:
        turn(a)
    assert told.value.exit_code is Exit.MACHINE


def test_a_sign_of_life_lets_it_go_on(yard):
    yard.dispatch(("l0",))
    a = yard.host("a")
    taken = a.take()
    for _ in range(5):
        yard.clock.now += 20
        beats = beat(yard, a, taken.run_id)
        assert beats.alive == {taken.run_id}
        assert beats.live == 1
        turn(a)
    assert yard.fence()[0].host == "desk"  # the run that offered gave none


def test_each_turn_is_counted(yard):
    yard.dispatch(("l0",))
    a = yard.host("a")
    taken = a.take()
    turn(a)
    turn(a)
    assert yard.ledger.db.execute("SELECT turns FROM runs WHERE id = ?", (taken.run_id,)).fetchone() == (2,)


def test_nothing_of_a_turn_is_kept_once_the_lease_is_lost(yard):
    yard.dispatch(("l0",))
    a = yard.host("a")
    a.take()
    made = a.reserve(1, State.UPLOADING)
    yard.clock.now += 31
    with pytest.raises(LeaseLost), a.ledger.transaction():
        a.ledger.move(Move(made, State.SENDING))
    assert attempt(yard, made).state is State.UPLOADING


def test_a_run_that_is_late_goes_on_as_long_as_nobody_fenced_it(yard):
    yard.dispatch(("l0",))
    a = yard.host("a")
    taken = a.take()
    yard.clock.now += 45
    assert beat(yard, a, taken.run_id).alive == {taken.run_id}
    turn(a)


def test_a_run_that_was_fenced_never_comes_back(yard):
    yard.dispatch(("l0",))
    a = yard.host("a")
    taken = a.take()
    yard.clock.now += 31
    yard.fence()
    assert beat(yard, a, taken.run_id).alive == set()
    with pytest.raises(LeaseLost):
        turn(a)


def test_who_lives_is_not_fenced(yard):
    yard.dispatch(("l0",))
    a = yard.host("a")
    a.take()
    yard.clock.now += 29
    assert yard.fence() == []
    assert yard.states() == ["taken"]


def test_what_a_lost_run_drove_surely_made_no_job_or_is_in_doubt_or_is_anybodys(yard):
    yard.dispatch(("l0", "l1", "l2", "l3"))
    a = yard.host("a")
    taken = a.take()
    reserved = a.reserve(1)
    uploading = a.reserve(2, State.UPLOADING)
    sending = a.reserve(3, *SENDING)
    submitted = a.reserve(4, *SENDING, State.SUBMITTED)
    yard.clock.now += 31
    fenced = {each.run_id: each for each in yard.fence()}[taken.run_id]
    assert (fenced.planned, fenced.in_doubt, fenced.shift_id) == (2, 1, taken.shift.shift_id)
    found = [attempt(yard, each) for each in (reserved, uploading, sending, submitted)]
    assert [each.state for each in found] == [
        State.PLANNED,
        State.PLANNED,
        State.IN_DOUBT,
        State.SUBMITTED,
    ]
    assert [each.driver for each in found] == [None] * 4
    amounts = yard.ledger.amounts("m1")
    assert (amounts.reserved, amounts.in_doubt) == (6, 6)
    reasons = yard.ledger.db.execute("SELECT reason FROM history WHERE reason <> '' ORDER BY id").fetchall()
    assert [reason for (reason,) in reasons] == [
        "host a was lost during the upload",
        "host a was lost during the upload",
        "host a was lost before the answer came",
    ]


def test_a_run_is_fenced_once(yard):
    yard.dispatch(("l0",))
    yard.host("a").take()
    yard.clock.now += 31
    assert len(yard.fence()) == 2
    assert yard.fence() == []


def test_an_attempt_is_driven_by_who_reserved_it_and_belongs_to_the_run_that_offers(yard):
    yard.dispatch(("l0",))
    a = yard.host("a")
    taken = a.take()
    made = a.reserve(1)
    assert attempt(yard, made).driver == taken.run_id
    row = yard.ledger.db.execute("SELECT run_id FROM attempts WHERE id = ?", (made,)).fetchone()
    assert row == (taken.dispatch.run_id,)


def test_without_a_lease_nobody_drives(yard):
    with yard.ledger.transaction():
        made = yard.ledger.reserve(Reservation(1, "m1", "transcription", "t", Cents(5), Cents(6)))
    assert attempt(yard, made).driver is None


def test_one_run_at_a_time_drives_what_is_free(yard):
    yard.dispatch(("l0",), ("l1",))
    a, b = yard.host("a"), yard.host("b")
    a.take()
    b.take()
    made = a.reserve(1, *SENDING, State.SUBMITTED)
    with b.ledger.transaction():
        assert b.ledger.drive([made]) == set()
    with a.ledger.transaction():
        a.ledger.let_go(a.ledger.lease)
    with b.ledger.transaction():
        assert b.ledger.drive([made]) == {made}
        assert b.ledger.drive([made]) == {made}
    with a.ledger.transaction():
        assert a.ledger.drive([made]) == set()


def test_a_run_that_ends_lets_go_of_what_it_drove(yard):
    a = yard.host("a")
    with yard.ledger.transaction():
        yard.ledger.begin_run("m1", a.by, 30.0)
    with yard.ledger.transaction():
        made = yard.ledger.reserve(Reservation(1, "m1", "transcription", "t", Cents(5), Cents(6)))
    assert attempt(yard, made).driver is not None
    with yard.ledger.transaction():
        yard.ledger.end_run(0)
    assert attempt(yard, made).driver is None
    assert yard.ledger.lease is None
    yard.clock.now += 100
    assert yard.fence() == []


def test_beats_tell_how_many_runs_of_shifts_share_the_service(yard):
    yard.dispatch(("l0",), ("l1",))
    a, b = yard.host("a"), yard.host("b")
    first = a.take()
    b.take()
    assert beat(yard, a, first.run_id).live == 2
    yard.clock.now += 31
    assert beat(yard, a, first.run_id).live == 1


def beside(act):
    """Do something in a thread that is under way when this returns, or waits for what we hold; its errors."""
    began, errors = threading.Event(), []

    def go():
        began.set()
        try:
            act()
        except LeaseLost as error:
            errors.append(error)

    thread = threading.Thread(target=go)
    thread.start()
    assert began.wait(10)
    thread.join(0.2)  # it waits, if it is to: either way the end is the same
    return thread, errors


def test_a_turn_under_way_when_the_lease_ends_is_whole_before_its_run_is_fenced(yard):
    yard.dispatch(("l0",))
    a, b = yard.host("a"), yard.host("b")
    a.take()
    made = a.reserve(1, State.UPLOADING)

    def fence():
        with b.ledger.transaction():
            b.ledger.fence_dead()

    with a.ledger.transaction():
        yard.clock.now += 31
        thread, _ = beside(fence)
        a.ledger.move(Move(made, State.SENDING))
    thread.join(30)
    assert attempt(yard, made).state is State.IN_DOUBT


def test_a_turn_that_begins_while_its_run_is_fenced_writes_nothing(yard):
    yard.dispatch(("l0",))
    a, b = yard.host("a"), yard.host("b")
    a.take()
    made = a.reserve(1, State.UPLOADING)

    def send():
        with a.ledger.transaction():
            a.ledger.move(Move(made, State.SENDING))

    yard.clock.now += 31
    with b.ledger.transaction():
        b.ledger.fence_dead()
        thread, lost = beside(send)
    thread.join(30)
    assert len(lost) == 1
    assert attempt(yard, made).state is State.PLANNED


def test_of_two_hosts_that_reach_for_one_shift_one_has_it(yard):
    yard.dispatch(("l0",))
    a, b = yard.host("a"), yard.host("b")
    found = []
    with a.ledger.transaction():
        mine = a.ledger.take_shift(a.worker_id, a.by)
        thread, _ = beside(lambda: found.append(b.take()))
    thread.join(30)
    assert mine is not None
    assert found == [None]


def stop(ledger, dispatch_id):
    with ledger.transaction():
        ledger.stop_dispatch(dispatch_id, "enough")


def test_a_shift_that_is_taken_while_its_dispatch_is_stopped_keeps_its_lines(yard):
    made = yard.dispatch(("l0",))
    a, other = yard.host("a"), yard.open()
    with a.ledger.transaction():
        taken = a.ledger.take_shift(a.worker_id, a.by)
        thread, _ = beside(lambda: stop(other, made))
    thread.join(30)
    assert taken is not None
    assert (yard.states(), yard.claims()) == (["taken"], {"l0": 1})


def test_nothing_waits_for_ever_that_a_lost_host_had_when_its_dispatch_was_stopped(yard):
    made = yard.dispatch(("l0",), lease=1000)
    a, b, other = yard.host("a"), yard.host("b"), yard.open()
    a.take()
    yard.clock.now += 31
    with b.ledger.transaction():
        b.ledger.fence_dead()
        thread, _ = beside(lambda: stop(other, made))
    thread.join(30)
    assert (yard.states(), yard.claims()) == (["cancelled"], {})


def test_nothing_waits_for_ever_that_a_host_leaves_while_its_dispatch_is_stopped(yard):
    made = yard.dispatch(("l0",), lease=1000)
    a, other = yard.host("a"), yard.open()
    taken = a.take()
    with a.ledger.transaction():
        a.ledger.end_shift(taken.shift.shift_id, "{}", 0, [new_shift("l0")])
        thread, _ = beside(lambda: stop(other, made))
    thread.join(30)
    assert (yard.states(), yard.claims()) == (["done", "cancelled"], {})


def test_nothing_is_offered_for_a_dispatch_that_another_host_stopped(yard):
    made = yard.dispatch(("l0",), lease=1000)
    stop(yard.open(), made)
    with yard.ledger.transaction():
        assert yard.ledger.offer(made, new_shift("l1")) is None
    assert yard.claims() == {}
