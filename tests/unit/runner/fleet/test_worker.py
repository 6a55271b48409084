"""A worker takes what it is rung for, or what else waits; it ends only where nothing could be done."""

import signal

import pytest

from manifests.errors import MachineError
from manifests.states import State
from runner.api.errors import KeyRefused
from runner.fleet.outcome import Outcome
from runner.fleet.worker import Tools, Worker, _Seen
from runner.ledger.fleet_rows import LEASE
from runner.ledger.interface import NoLedgerYet
from runner.told import Change, ItemTold
from support.shifts import Fleet


@pytest.fixture
def fleet(desk):
    made = Fleet(desk)
    yield made
    made.close()


class Host:
    """A worker on a bench, with what it told and whom it rang for."""

    def __init__(self, fleet, name, *files, **changes):
        self.bench = fleet.host(name, *files)
        self.told, self.rung = [], []
        self.worker = Worker(
            self.bench.place,
            Tools(
                fleet.open,
                lambda ledger, watch: self.bench.ends(ledger=ledger, watch=watch, **changes),
                lambda _ledger, shifts: self.rung.extend(shifts),
                self.told.append,
            ),
        )


def test_it_sees_a_shift_through_and_tells_what_it_came_to(fleet, desk):
    plan = desk.manifest("a.mp3", "b.mp3")
    fleet.offer(plan)
    host = Host(fleet, "a", "a.mp3", "b.mp3")
    host.worker.handle(1)
    assert fleet.shifts() == ["done"]
    assert host.told == ["shift 1 begun: 2 items", "shift 1 ended: 2 saved"]
    host.worker.close()


def test_where_another_host_was_quicker_it_takes_what_else_waits(fleet, desk):
    fleet.offer(desk.manifest("a.mp3", "b.mp3"), size=1)
    host = Host(fleet, "a", "a.mp3", "b.mp3")
    host.worker.handle(1)
    host.worker.handle(1)
    assert fleet.shifts() == ["done", "done"]
    host.worker.handle(1)
    assert len(host.told) == 4


def test_what_it_does_not_have_is_rung_for_and_not_taken_again(fleet, desk):
    fleet.offer(desk.manifest("a.mp3", "b.mp3"))
    host = Host(fleet, "a", "a.mp3")
    host.worker.handle(1)
    assert host.rung == [2]
    assert "1 for another host" in host.told[-1]
    assert not host.worker.may_take()
    other = Host(fleet, "b", "b.mp3")
    assert other.worker.may_take()
    other.worker.handle(None)
    assert fleet.shifts() == ["done", "done"]
    for each in (host, other):
        each.worker.close()


def test_an_item_counts_once_as_what_became_of_it():
    seen = _Seen()
    for item, change in (
        (1, Change.SUBMITTED), (1, Change.SAVED), (1, Change.CHARGED),
        (2, Change.IN_DOUBT), (2, Change.IN_DOUBT),
        (3, Change.IN_DOUBT), (3, Change.SAVED),
        (4, Change.IN_DOUBT), (4, Change.SUBMITTED),
        (5, Change.FAILED), (5, Change.RELEASED),
    ):  # fmt: skip
        seen.watch(
            ItemTold(change, item, "a.mp3", "tts", State.PLANNED, "", "", "cents", 1, 1, None, False, (), 0)
        )
    assert seen.told(Outcome()) == "2 saved, 1 failed, 1 in doubt"


def test_a_key_that_is_refused_ends_it(fleet, desk):
    fleet.offer(desk.manifest("a.mp3"))

    def refused():
        raise KeyRefused("the service does not take this key")

    host = Host(fleet, "a", "a.mp3", api=refused)
    with pytest.raises(KeyRefused, match="does not take"):
        host.worker.handle(1)


def test_results_that_can_no_longer_be_kept_end_it(fleet, desk):
    fleet.offer(desk.manifest("a.mp3"))
    host = Host(fleet, "a", "a.mp3")
    host.bench.output.write_text("a file where the folder should be")
    with pytest.raises(MachineError):
        host.worker.handle(1)


def test_a_ledger_that_is_away_is_told_and_costs_one_shift(fleet, desk):
    fleet.offer(desk.manifest("a.mp3"))
    host = Host(fleet, "a", "a.mp3")

    def away():
        raise NoLedgerYet("the server is away")

    host.worker._tools = Tools(away, host.worker._tools.ends, host.worker._tools.ring, host.told.append)
    host.worker.handle(1)
    assert host.told == ["a shift was left: the server is away"]
    assert not host.worker.is_idle()
    with pytest.raises(MachineError):
        host.worker.recover()


def test_the_recovery_names_what_waits_and_who_was_lost(fleet, desk):
    fleet.offer(desk.manifest("a.mp3", "b.mp3"), size=1)
    lost = fleet.host("b", "a.mp3")
    assert lost.take(1) is not None
    host = Host(fleet, "a", "a.mp3", "b.mp3")
    fleet.ahead += LEASE + 1
    assert host.worker.recover() == [1, 2]
    assert "host b gave no sign of life: its shift 1 waits again" in host.told
    host.worker.close()


def test_a_shift_that_was_just_offered_is_not_rung_for_again(fleet, desk):
    fleet.offer(desk.manifest("a.mp3"))
    host = Host(fleet, "a", "a.mp3")
    assert host.worker.recover() == []
    host.worker.close()


def test_it_is_idle_once_no_run_offers_anything(fleet, desk):
    plan = desk.manifest("a.mp3")
    host = Host(fleet, "a", "a.mp3")
    assert host.worker.is_idle()
    made = fleet.offer(plan)
    assert not host.worker.is_idle()
    host.worker.handle(1)
    with desk.ledger.transaction():
        desk.ledger.end_dispatch(made)
    assert host.worker.is_idle()


def test_a_signal_that_came_before_a_shift_ends_it_and_leaves_all_to_others(fleet, desk):
    fleet.offer(desk.manifest("a.mp3"))
    host = Host(fleet, "a", "a.mp3")
    host.worker.interrupt(signal.SIGTERM)
    host.worker.handle(1)
    assert fleet.shifts() == ["done", "waiting"]
    assert host.rung == [2]
    assert desk.api.orders == []
