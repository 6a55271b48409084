"""How often all hosts together call the service: stated by a run that offers work, learned from 429."""

import pytest

from manifests.money import Cents
from runner.ledger.paces import HALVED_ONCE, Kind
from runner.ledger.runs import RunBy
from runner.tempo import FORGOTTEN_AFTER, LEAST_READS, RAISED_AFTER
from support.fleet import new_item, new_shift

START = 1_800_000_000.0


class Clock:
    def __init__(self):
        self.now = START

    def __call__(self):
        return self.now


class Fleet:
    """A run that offers lines, and hosts that take them, each by a run of its own."""

    def __init__(self, store, path):
        self.clock = Clock()
        self.store, self.path = store, path
        self.ledger = store.open(self.clock)
        self.dispatches = {}

    def dispatch(self, manifest_id, lines):
        """Offer so many lines, a shift each."""
        ledger = self.store.open(self.clock)
        with ledger.transaction():
            ledger.put_manifest(manifest_id, self.path / "m.yaml", Cents(100))
            ledger.put_items(manifest_id, [new_item(number) for number in range(lines)])
            run = ledger.begin_run(manifest_id, RunBy("anna", "desk", 1), 1e6)
            made = ledger.begin_dispatch(manifest_id, "{}", "{}", 100)
            for number in range(lines):
                ledger.offer(made, new_shift(f"l{number}"))
        return run, made

    def work(self, lease=1e6):
        """One more host takes a shift."""
        ledger = self.store.open(self.clock)
        by = RunBy("anna", "host", 7, "1.0", "", "")
        with ledger.transaction():
            worker = ledger.enter(by, ())
            assert ledger.take_shift(worker, by, lease=lease) is not None

    def share(self, kind=Kind.READ):
        return self.ledger.share(kind)

    def halve(self, own=10.0, kind=Kind.READ):
        with self.ledger.transaction():
            self.ledger.halve_rate(kind, own)


@pytest.fixture
def fleet(store, tmp_path):
    return Fleet(store, tmp_path)


def test_without_a_word_from_anybody_there_is_no_limit(fleet):
    assert fleet.share() is None
    assert fleet.share(Kind.SUBMIT) is None


def test_what_a_run_was_told_is_shared_by_the_living_runs_while_its_dispatch_lasts(fleet):
    run, dispatch = fleet.dispatch("m1", 4)
    with fleet.ledger.transaction():
        fleet.ledger.state_rate(Kind.READ, run, 8.0)
    assert fleet.share() == 8.0
    for expected in (8.0, 4.0, 8 / 3):
        fleet.work()
        assert fleet.share() == pytest.approx(expected)
    assert fleet.share(Kind.SUBMIT) is None
    with fleet.ledger.transaction():
        fleet.ledger.end_dispatch(dispatch)
    assert fleet.share() is None


def test_of_two_limits_the_lower_one_counts(fleet):
    for manifest, rate in (("m1", 6.0), ("m2", 2.0)):
        run, _ = fleet.dispatch(manifest, 1)
        with fleet.ledger.transaction():
            fleet.ledger.state_rate(Kind.SUBMIT, run, rate)
    assert fleet.share(Kind.SUBMIT) == 2.0


def test_a_429_of_one_host_halves_the_calls_of_all(fleet):
    fleet.dispatch("m1", 4)
    for _ in range(4):
        fleet.work()
    fleet.halve(own=10.0)
    assert fleet.share() == pytest.approx(40 / 2 / 4)


def test_429_that_many_hosts_meet_at_once_halve_once(fleet):
    fleet.halve(own=16.0)
    for _ in range(5):
        fleet.clock.now += 1
        fleet.halve(own=16.0)
    assert fleet.share() == pytest.approx(8.0, rel=0.05)
    fleet.clock.now += HALVED_ONCE
    fleet.halve(own=16.0)
    assert fleet.share() == pytest.approx(4.0, rel=0.15)


def test_a_stated_rate_is_halved_and_slowly_raised_up_to_what_was_stated(fleet):
    run, _ = fleet.dispatch("m1", 1)
    with fleet.ledger.transaction():
        fleet.ledger.state_rate(Kind.READ, run, 8.0)
    fleet.halve(own=1.0)
    assert fleet.share() == 4.0
    fleet.clock.now += RAISED_AFTER / 2
    assert fleet.share() == pytest.approx(4 * 2**0.5)
    fleet.clock.now += RAISED_AFTER
    assert fleet.share() == 8.0


def test_what_429_taught_is_forgotten_when_none_comes_any_more(fleet):
    fleet.halve()
    fleet.clock.now += FORGOTTEN_AFTER
    assert fleet.share() is None


def test_nothing_but_429_does_not_stop_a_fleet_for_good(fleet):
    for _ in range(50):
        fleet.halve(own=0.0)
        fleet.clock.now += HALVED_ONCE
    assert fleet.share() >= LEAST_READS


def test_runs_that_are_not_alive_leave_their_share_to_the_others(fleet):
    fleet.dispatch("m1", 2)
    fleet.work()
    fleet.work(lease=30.0)
    fleet.halve(own=8.0)
    assert fleet.share() == pytest.approx(4.0)
    fleet.clock.now += 31
    assert fleet.share() == pytest.approx(8.0 * 2 ** (31 / RAISED_AFTER))


def test_a_clock_that_is_set_back_lets_a_429_count(fleet):
    fleet.halve(own=16.0)
    fleet.clock.now -= 3600
    fleet.halve(own=16.0)
    assert fleet.share() == pytest.approx(4.0)
