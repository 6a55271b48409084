"""Signs of life: given while the ledger can be reached; what they told back is there when it cannot."""

import threading

import pytest

from manifests.errors import MachineError
from runner.fleet.beating import MARGIN, Beating, awake
from runner.ledger.fleet_rows import LEASE


class Gone:
    """A ledger that cannot be reached while it is gone."""

    def __init__(self, yard):
        self.yard, self.gone, self.opened = yard, False, 0

    def __call__(self):
        if self.gone:
            raise MachineError("no route to host")
        self.opened += 1
        return self.yard.open()


@pytest.fixture
def run(yard):
    """A run of host a with its beats, on a clock of the machine that may differ from the ledger's."""
    yard.dispatch(("l0",), ("l1",))
    host = yard.host("a")
    opens = Gone(yard)
    machine = {"now": 50.0}
    beating = Beating(opens, host.worker_id, clock=lambda: machine["now"])
    taken = host.take()
    beating.add(taken.run_id, beating.now())

    def passes(seconds):
        machine["now"] += seconds
        yard.clock.now += seconds

    yield beating, taken.run_id, passes, opens
    beating.stop()


def test_a_lease_holds_until_shortly_before_its_end(run):
    beating, run_id, passes, _ = run
    assert beating.holds(run_id)
    passes(LEASE - MARGIN - 0.1)
    assert beating.holds(run_id)
    passes(0.2)
    assert not beating.holds(run_id)
    assert not beating.is_lost(run_id)  # nobody has said so yet


def test_each_sign_lets_it_go_on(run, yard):
    beating, run_id, passes, _ = run
    for _ in range(4):
        passes(20)
        assert beating.once()
        assert beating.holds(run_id)
    assert beating.live == 1
    assert yard.ledger.hosts()[0].seen == yard.clock.now


def test_without_the_ledger_nothing_is_sent_and_nothing_is_said_to_be_lost(run):
    beating, run_id, passes, opens = run
    opens.gone = True
    for _ in range(6):
        passes(5)
        assert not beating.once()
    assert not beating.holds(run_id)
    assert not beating.is_lost(run_id)
    opens.gone = False
    assert beating.once()
    assert beating.holds(run_id)


def test_a_run_that_was_fenced_is_lost_for_ever(run, yard):
    beating, run_id, passes, _ = run
    passes(LEASE + 1)
    yard.fence()
    beating.once()
    assert beating.is_lost(run_id)
    beating.once()
    assert beating.is_lost(run_id)
    assert not beating.holds(run_id)


def test_why_nothing_more_is_to_be_bought_is_told(run, yard):
    beating, run_id, _, _ = run
    beating.once()
    assert beating.stopped(run_id) == ""
    with yard.ledger.transaction():
        yard.ledger.stop_dispatch(1, "over")
    beating.once()
    assert beating.stopped(run_id) == "over"


def test_a_run_that_ended_is_given_no_signs(run, yard):
    beating, run_id, passes, _ = run
    beating.drop(run_id)
    passes(LEASE + 1)
    beating.once()
    assert not beating.holds(run_id)
    assert [each.run_id for each in yard.fence()] == [1, run_id]


def test_a_thread_gives_the_signs(yard):
    beaten, enough = [], threading.Event()

    class Counted(Beating):
        def once(self):
            beaten.append(super().once())
            if len(beaten) > 2:
                enough.set()
            return True

    beating = Counted(yard.open, None)
    beating.start(every=0.001)
    assert enough.wait(10)
    beating.stop()
    assert all(beaten)


def test_the_clock_goes_on():
    assert awake() <= awake()
