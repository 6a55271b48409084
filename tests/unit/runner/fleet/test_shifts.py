"""Shifts: each line in one at a time, each shift with one host; what a host leaves waits for another."""

import pytest

from manifests.states import State
from runner.ledger.fleet_rows import MOST_LOST, ShiftState
from support.fleet import new_shift


def offered(yard, dispatch_id, *keys):
    with yard.ledger.transaction():
        return yard.ledger.offer(dispatch_id, new_shift(*keys))


def end(host, taken, *rest, outcome="{}", code=0):
    with host.ledger.transaction():
        return host.ledger.end_shift(taken.shift.shift_id, outcome, code, rest)


def give_back(host, taken, **reasons):
    with host.ledger.transaction():
        host.ledger.give_back(taken.dispatch.dispatch_id, host.worker_id, reasons)


def test_a_shift_is_taken_once(yard):
    yard.dispatch(("l0", "l1"))
    a, b = yard.host("a"), yard.host("b")
    taken = a.take()
    assert taken.keys == {"l0", "l1"}
    assert (taken.shift.state, taken.shift.run_id, taken.shift.size) == (ShiftState.TAKEN, taken.run_id, 2)
    assert b.take() is None
    assert b.take(shift_id=taken.shift.shift_id) is None
    assert yard.ledger.db.execute("SELECT count(*) FROM runs").fetchone() == (2,)


def test_shifts_are_taken_in_their_order_or_by_number(yard):
    yard.dispatch(("l0",), ("l1",), ("l2",))
    a, b = yard.host("a"), yard.host("b")
    assert a.take(shift_id=2).keys == {"l1"}
    assert b.take().keys == {"l0"}


def test_a_host_may_take_those_of_one_manifest_alone(yard):
    yard.dispatch(("l0",))
    a = yard.host("a")
    assert a.take(manifest_id="m2") is None
    assert a.take(manifest_id="m1") is not None


def test_a_line_is_in_one_shift_at_a_time(yard):
    made = yard.dispatch(("l0", "l1"))
    assert offered(yard, made, "l1", "l2") is None
    assert yard.claims() == {"l0": 1, "l1": 1}
    assert yard.ledger.elsewhere("m1", ["l0", "l2"]) == {"l0"}
    assert offered(yard, made, "l2") is not None


def test_the_lines_of_a_shift_are_free_once_it_is_over(yard):
    made = yard.dispatch(("l0", "l1"))
    a = yard.host("a")
    taken = a.take()
    assert end(a, taken, outcome='{"done":1}') == []
    assert yard.claims() == {}
    (over,) = yard.ledger.ended_shifts(made)
    assert (over.state, over.host, over.outcome) == (ShiftState.DONE, "a", '{"done":1}')
    assert offered(yard, made, "l0") is not None
    run = yard.ledger.db.execute("SELECT ended, exit FROM runs WHERE id = ?", (taken.run_id,)).fetchone()
    assert run == (yard.clock.now, 0)
    assert a.ledger.lease is None


def test_what_a_host_left_waits_anew_within_the_same_turn(yard):
    yard.dispatch(("l0", "l1", "l2"))
    a, b = yard.host("a"), yard.host("b")
    taken = a.take()
    (rest,) = end(a, taken, new_shift("l1", "l2"))
    assert yard.claims() == {"l1": rest, "l2": rest}
    assert b.take(shift_id=rest).keys == {"l1", "l2"}


def test_a_host_does_not_take_again_what_it_cannot_send(yard):
    made = yard.dispatch(("l0", "l1"))
    a, b = yard.host("a"), yard.host("b")
    taken = a.take()
    give_back(a, taken, l1="no such file")
    (rest,) = end(a, taken, new_shift("l1"))
    assert a.take() is None
    (absent,) = yard.ledger.absences(made)
    assert (absent.line, absent.host, absent.reason) == ("l1", "a", "no such file")
    assert yard.ledger.hopeless(made) == []
    again = b.take()
    assert again.shift.shift_id == rest
    give_back(b, again, l1="changed since planning")
    end(b, again, new_shift("l1"))
    assert yard.ledger.hopeless(made) == ["l1"]
    assert [each.reason for each in yard.ledger.absences(made)] == ["no such file", "changed since planning"]


def test_a_host_that_has_some_of_the_lines_takes_a_shift_all_the_same(yard):
    yard.dispatch(("l0", "l1"), ("l2",))
    a = yard.host("a")
    taken = a.take(shift_id=1)
    give_back(a, taken, l0="no such file")
    end(a, taken, new_shift("l0", "l1"))
    taken = a.take()
    assert taken.keys == {"l2"}
    end(a, taken)
    assert a.take().keys == {"l0", "l1"}


def test_a_worker_that_began_later_may_have_what_no_other_had(yard):
    made = yard.dispatch(("l0",))
    a = yard.host("a")
    taken = a.take()
    give_back(a, taken, l0="no such file")
    end(a, taken, new_shift("l0"))
    assert yard.ledger.hopeless(made) == ["l0"]
    b = yard.host("b")
    assert yard.ledger.hopeless(made) == []
    with b.ledger.transaction():
        b.ledger.leave(b.worker_id)
    assert yard.ledger.hopeless(made) == ["l0"]


def test_a_worker_that_gives_no_sign_is_not_waited_for(yard):
    made = yard.dispatch(("l0",))
    a, b = yard.host("a"), yard.host("b")
    taken = a.take()
    give_back(a, taken, l0="no such file")
    end(a, taken, new_shift("l0"))
    assert yard.ledger.hopeless(made) == []
    yard.clock.now += 31
    with a.ledger.transaction():
        a.ledger.beat(a.worker_id, [])
    assert yard.ledger.hopeless(made) == ["l0"]
    assert b.take().keys == {"l0"}


def test_lines_that_are_given_up_wait_no_more_and_may_be_offered_anew(yard):
    made = yard.dispatch(("l0", "l1"), ("l2",))
    with yard.ledger.transaction():
        yard.ledger.give_up(made, ["l1", "l2"])
    assert yard.states() == ["waiting", "cancelled"]
    assert yard.claims() == {"l0": 1}
    assert yard.host("a").take().keys == {"l0"}


def test_a_stopped_dispatch_offers_nothing_and_tells_who_works_on_it(yard):
    made = yard.dispatch(("l0",), ("l1",))
    a, b = yard.host("a"), yard.host("b")
    taken = a.take()
    with yard.ledger.transaction():
        yard.ledger.stop_dispatch(made, "Ctrl-C on desk")
    assert yard.states() == ["taken", "cancelled"]
    assert b.take() is None
    with yard.ledger.transaction():
        assert yard.ledger.beat(None, [taken.run_id]).stopped == {taken.run_id: "Ctrl-C on desk"}
    assert end(a, taken, new_shift("l0")) == []  # nothing waits any more
    assert yard.claims() == {}
    assert yard.states() == ["done", "cancelled"]


def test_the_shift_of_a_lost_host_waits_again(yard):
    yard.dispatch(("l0",))
    a, b = yard.host("a"), yard.host("b")
    taken = a.take()
    yard.clock.now += 31
    yard.fence()
    assert yard.states() == ["waiting"]
    again = b.take()
    assert (again.shift.shift_id, again.shift.tries, again.keys) == (taken.shift.shift_id, 1, {"l0"})


def test_a_shift_that_kills_its_hosts_is_given_to_no_more(yard):
    made = yard.dispatch(("l0",))
    for number in range(MOST_LOST):
        assert yard.host(str(number)).take() is not None
        yard.clock.now += 31
        yard.fence()
    assert yard.states() == ["cancelled"]
    assert yard.claims() == {}
    (over,) = yard.ledger.ended_shifts(made)
    assert (over.state, over.host, over.outcome) == (ShiftState.CANCELLED, str(MOST_LOST - 1), "")


def test_the_shift_of_a_lost_host_does_not_wait_once_its_dispatch_was_stopped(yard):
    made = yard.dispatch(("l0",))
    yard.host("a").take()
    with yard.ledger.transaction():
        yard.ledger.stop_dispatch(made, "over")
    yard.clock.now += 31
    assert [each.shift_id for each in yard.fence()] == [None, None]
    assert yard.states() == ["cancelled"]


def test_the_shifts_of_a_lost_dispatcher_go_on_and_end_with_the_last(yard):
    made = yard.dispatch(("l0",), ("l1",))
    yard.clock.now += 31
    yard.fence()
    a = yard.host("a")
    end(a, a.take())
    assert yard.ledger.dispatch(made).ended is None
    assert yard.ledger.allotted() == {"m1": 50}
    end(a, a.take())
    assert yard.ledger.dispatch(made).ended == yard.clock.now
    assert yard.ledger.allotted() == {}


def test_a_living_dispatcher_ends_its_dispatch_itself(yard):
    made = yard.dispatch(("l0",))
    a = yard.host("a")
    end(a, a.take())
    assert [each.dispatch_id for each in yard.ledger.dispatches("m1")] == [made]
    with yard.ledger.transaction():
        yard.ledger.end_dispatch(made)
    assert yard.ledger.dispatches("m1") == []


def test_what_waits_is_counted_and_rung_for(yard):
    yard.dispatch(("l0", "l1"), ("l2",), ("l3",))
    yard.clock.now += 5
    yard.host("a").take()
    found = yard.ledger.waiting("m1")
    assert (found.waiting, found.taken, found.waiting_lines, found.taken_lines) == (2, 1, 2, 2)
    assert yard.ledger.waiting_shifts(yard.clock.now - 5) == [2, 3]
    assert yard.ledger.waiting_shifts(yard.clock.now - 6) == []


def test_hosts_tell_what_they_hold(yard):
    yard.dispatch(("l0", "l1"), ("l2",))
    a = yard.host("a", "/media")
    yard.host("b")
    a.take()
    a.reserve(1, State.UPLOADING)
    a.reserve(2, State.UPLOADING, State.SENDING, State.IN_DOUBT, ceiling=9)
    first, second = yard.ledger.hosts()
    assert (first.host, first.roots, first.alive, first.shifts, first.lines) == ("a", ("/media",), True, 1, 2)
    assert (first.reserved, first.in_doubt) == (6, 9)
    assert (second.shifts, second.lines, second.reserved) == (0, 0, 0)
    yard.clock.now += 31
    assert [each.alive for each in yard.ledger.hosts()] == [False, False]
    assert yard.ledger.hosts(since=yard.clock.now - 10) == []


@pytest.mark.parametrize("ended", [False, True])
def test_parts_of_a_run_are_no_runs_of_their_own(yard, ended):
    yard.dispatch(("l0",))
    a = yard.host("a")
    taken = a.take()
    if ended:
        end(a, taken)
    assert [each.by.host for each in yard.ledger.runs("m1")] == ["desk"]
    assert yard.ledger.lately("m1", 0.0) is not None
