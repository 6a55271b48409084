"""Bills read by several runs at once: each row counts once, and each run records what it sees through."""

import threading

import pytest

from manifests.money import Cents
from manifests.states import State
from runner.api.interface import UsageRow
from runner.engine.journal import Journal
from runner.engine.writes import MatchUsage, Unverified
from runner.fleet.proof import keep_answers
from runner.ledger import billing
from runner.ledger.rows import Move, Reservation
from runner.ledger.runs import RunBy
from support.fleet import new_item
from support.overtaking import Beside, overtake

ROW = UsageRow("r1", "transcription", Cents(5), job_id="7")


@pytest.fixture
def ledger(store, tmp_path):
    found = store.open()
    with found.transaction():
        found.put_manifest("m1", tmp_path / "m.yaml", Cents(100))
        found.put_items("m1", [new_item(1)])
    return found


def sent(ledger, *further):
    """The only part, sent as job 7."""
    with ledger.transaction():
        (row,) = ledger.items("m1")
        made = ledger.reserve(Reservation(row.part_id, "m1", "transcription", "t", Cents(5), Cents(6)))
        for state in (State.UPLOADING, State.SENDING, State.SUBMITTED, *further):
            ledger.move(Move(made, state, "", "7" if state is State.SUBMITTED else None))
    return made


def test_a_row_that_two_runs_record_at_once_is_charged_once(ledger, store):
    sent(ledger)
    other, both, charges = store.open(), threading.Barrier(2, timeout=20), []

    def record(mine):
        both.wait()
        with mine.transaction():
            charges.extend(billing.add_rows(mine, [ROW]))

    threads = [threading.Thread(target=record, args=(each,)) for each in (ledger, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert [charge.cents for charge in charges] == [5]
    assert ledger.amounts("m1").spent == 5


def test_a_row_that_was_recorded_after_it_was_asked_for_is_left_as_it_is(ledger, monkeypatch):
    sent(ledger)
    with ledger.transaction():
        assert billing.add_rows(ledger, [ROW])
    monkeypatch.setattr(billing, "known_rows", lambda _ledger, _ids: set())  # another run was quicker
    with ledger.transaction():
        assert billing.add_rows(ledger, [ROW]) == []
    assert ledger.amounts("m1").spent == 5


def test_the_bill_of_a_job_that_another_run_sees_through_is_left_to_that_run(ledger, store):
    other = store.open()
    for each in (ledger, other):
        with each.transaction():
            each.begin_run("m1", RunBy("anna", "a", 1), 30.0)
    made = sent(ledger)
    with ledger.transaction():
        assert ledger.attempt(made).driver == ledger.lease
    with other.transaction():
        assert billing.add_rows(other, [ROW]) == []
    with ledger.transaction():
        assert [charge.cents for charge in billing.add_rows(ledger, [ROW])] == [5]


def test_a_job_that_was_charged_before_it_was_seen_to_fail_counts_as_charged(ledger, store):
    made = sent(ledger)
    other = store.open()
    with other.transaction():
        billing.add_rows(other, [ROW])
    with ledger.transaction():
        ledger.move(Move(made, State.FAILED, "broken"))
    (billed,) = Journal(ledger, "m1").commit([MatchUsage(made)])
    assert (billed.cents, ledger.attempt(made).state) == (5, State.FAILED_CHARGED)
    assert ledger.amounts("m1").spent == 5


def recording(ledger, *rows):
    """Another run that records these rows, in a thread of its own."""

    def record():
        with ledger.transaction():
            billing.add_rows(ledger, rows)

    return Beside(record)


@pytest.mark.parametrize("to", [State.FINISHED, State.FAILED])
def test_a_bill_that_comes_while_its_job_moves_on_is_kept(ledger, store, to):
    made = sent(ledger)
    other = recording(store.open(), ROW)
    read = overtake(ledger, other, "FROM attempts")
    with ledger.transaction():
        ledger.move(Move(made, to))
    other.ended()
    attempt = ledger.attempt(made)
    assert (read.happened, attempt.charge, attempt.hold, attempt.settled) == (True, 5, 0, "billed")
    assert ledger.amounts("m1").spent == 5


def test_two_rows_of_one_job_that_two_runs_record_at_once_add_up(ledger, store):
    made = sent(ledger)
    other = recording(store.open(), UsageRow("r2", "transcription", Cents(3), job_id="7"))
    with ledger.transaction():
        billing.add_rows(ledger, [ROW])
        other()
    other.ended()
    assert ledger.attempt(made).charge == 8
    assert ledger.amounts("m1").spent == 8


def test_a_bill_that_comes_while_nothing_is_said_to_bill_a_job_is_kept(ledger, store):
    made = sent(ledger, State.FINISHED)
    other = recording(store.open(), ROW)
    read = overtake(ledger, other, "FROM attempts")
    Journal(ledger, "m1").commit([Unverified(made)])
    other.ended()
    assert read.happened
    assert (ledger.attempt(made).charge, ledger.attempt(made).settled) == (5, "billed")


def test_a_failed_job_that_is_billed_while_its_money_is_given_back_counts_as_charged(ledger, store):
    made = sent(ledger, State.FAILED)
    other = recording(store.open(), ROW)
    read = overtake(ledger, other, "FROM attempts")
    Journal(ledger, "m1").commit([Move(made, State.RELEASED)])
    other.ended()
    assert read.happened
    assert ledger.attempt(made).state is State.FAILED_CHARGED
    assert ledger.amounts("m1").spent == 5


def test_a_late_answer_never_sets_a_job_back_that_went_on_meanwhile(ledger, store):
    with ledger.transaction():
        (row,) = ledger.items("m1")
        made = ledger.reserve(Reservation(row.part_id, "m1", "transcription", "t", Cents(5), Cents(6)))
        for state in (State.UPLOADING, State.SENDING, State.IN_DOUBT):
            ledger.move(Move(made, state))
    other = store.open()

    def find():
        with other.transaction():
            other.move(Move(made, State.SUBMITTED, "found by its token", "7"))
            other.move(Move(made, State.FINISHED))

    finding = Beside(find)
    read = overtake(ledger, finding, "FROM attempts")
    keep_answers(ledger, [Move(made, State.SUBMITTED, "", "7")])
    finding.ended()
    assert read.happened
    assert ledger.attempt(made).state is State.FINISHED
