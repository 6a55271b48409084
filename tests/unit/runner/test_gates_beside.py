"""Runs that come to the gate, or into the fleet, at the same moment: never do two count on the same money."""

import threading

import pytest

from manifests.money import Cents
from manifests.states import State
from runner.api.interface import Balance, Wallet
from runner.engine.task import Target, Task
from runner.fleet.entering import enter
from runner.fleet.terms import shift_terms
from runner.gate import Gate
from runner.ledger.rows import Reservation
from runner.ledger.runs import RunBy
from runner.options import RunOptions
from runner.points import Point
from support.fleet import new_item
from support.overtaking import overtake
from support.small_run import manifest_of

WALLET = Wallet(Balance(Cents(60), Cents(0)))


def task(part_id, manifest_id, ceiling):
    targets = [Target(part_id, "a.mp3", "a", {})]
    return Task(
        part_id,
        manifest_id,
        "transcription",
        "transcription",
        "k",
        {},
        State.PLANNED,
        Cents(ceiling),
        Cents(ceiling),
        targets=targets,
    )


@pytest.fixture
def opened(store, tmp_path):
    """One more connection, as of a run of a manifest with a lease."""

    def make(manifest_id):
        ledger = store.open()
        with ledger.transaction():
            ledger.put_manifest(manifest_id, tmp_path / f"{manifest_id}.yaml", Cents(100))
            ledger.put_items(manifest_id, [new_item(int(manifest_id[1:]))])
            ledger.begin_run(manifest_id, RunBy("anna", manifest_id, 1), 30.0)
        locks = ledger.locks()
        locks.share(manifest_id)
        made.append(locks)
        return ledger, locks

    made = []
    yield make
    for each in made:
        each.release()


def amid(ledger, act):
    """Have something done in a thread while the ledger's next transaction is about to be durable."""
    threads = []

    def reach(point):
        if point is Point.BEFORE_COMMIT and not threads:
            threads.append(threading.Thread(target=act))
            threads[0].start()
            threads[0].join(0.3)  # it waits, if it is to: either way the end is the same

    ledger.reach = reach
    return threads


def test_two_runs_at_the_gate_at_once_never_count_on_the_same_money(opened):
    (first, first_locks), (second, second_locks) = opened("m1"), opened("m2")
    passages = []
    other = Gate(second, second_locks, "m2", fits=False)
    threads = amid(first, lambda: passages.append(other.decide([task(2, "m2", 50)], WALLET)))
    passages.append(Gate(first, first_locks, "m1", fits=False).decide([task(1, "m1", 50)], WALLET))
    threads[0].join(30)
    assert sorted(each.passes for each in passages) == [False, True]
    assert sum(first.allotted().values()) == 50


def test_money_that_is_reserved_while_a_gate_looks_is_counted_once(opened):
    (first, _), (second, locks) = opened("m1"), opened("m2")
    with first.transaction():
        first.allot("m1", 50)

    def reserve():
        with first.transaction():
            first.reserve(Reservation(1, "m1", "transcription", "t1", Cents(50), Cents(50)))

    told = overtake(second, reserve)
    assert Gate(second, locks, "m2", fits=False).held() == 50
    assert told.happened
    assert first.allotted() == {"m1": 0}


def test_of_two_runs_that_come_at_once_the_smaller_cap_counts(store, tmp_path):
    options = [RunOptions(tmp_path / "m.yaml", tmp_path, caps=(Cents(cap),)) for cap in (8, 20)]
    head = manifest_of([]).head
    ledgers, entered = [store.open(), store.open()], {}

    def come(number):
        terms = shift_terms(options[number], {}, None)
        entered[number] = enter(ledgers[number], head, options[number], Cents(30), terms, 30.0)

    threads = amid(ledgers[0], lambda: come(1))
    come(0)
    threads[0].join(30)
    assert entered[1].cap == 8
    assert ledgers[0].stored_cap("m1") == 8


@pytest.mark.parametrize(
    ("first", "second", "counts"), [(8, 20, 8), (20, 8, 8), (8, None, 8), (None, 20, 20)]
)
def test_of_two_runs_that_spend_credits_the_smaller_cap_counts(store, tmp_path, first, second, counts):
    notes = []
    for asked in (first, second):
        options, ledger = RunOptions(tmp_path / "m.yaml", tmp_path, max_credits=asked), store.open()
        terms = shift_terms(options, {}, None)
        notes.append(enter(ledger, manifest_of([]).head, options, Cents(30), terms, 30.0).note)
    assert ledger.credits("m1").cap == counts
    assert ("8 credits, which counts, not 20" in notes[1]) is ((first, second) == (8, 20))


def test_a_run_that_comes_leaves_another_ones_allotment_that_offers_nothing_yet(store, tmp_path):
    options, head = RunOptions(tmp_path / "m.yaml", tmp_path), manifest_of([]).head
    first, second = store.open(), store.open()
    terms = shift_terms(options, {}, None)
    enter(first, head, options, Cents(30), terms, 30.0)
    with first.transaction():
        first.allot("m1", 25)
    enter(second, head, options, Cents(30), terms, 30.0)
    assert first.allotted() == {"m1": 25}
