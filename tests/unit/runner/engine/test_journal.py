"""The journal: a turn is durable as a whole or not at all, and the ledger's word comes back as events."""

import pytest

from manifests.money import Cents
from manifests.states import State
from runner.api.interface import UsageRow
from runner.engine.journal import Journal
from runner.engine.messages import Billed, Clash, NoRoom, Reserved, Taken
from runner.engine.writes import AddUsage, EndAllotment, ExtraCharge, MatchUsage, Reserve, Save, Unverified
from runner.ledger.interface import LedgerUnwritable
from runner.ledger.rows import Adoption, Move, Reservation, ResultRow
from runner.ledger.sqlite.ledger import SqliteLedger
from support.virtual import SERVICE, House

DONE = (State.UPLOADING, State.SENDING, State.SUBMITTED, State.FINISHED)


@pytest.fixture
def house(tmp_path):
    made = House(tmp_path, cap=10)
    made.add(3)
    yield made
    made.ledger.close()


@pytest.fixture
def journal(house):
    return Journal(house.ledger, "m1")


def reserve(part_id, ceiling=4, token=None):
    wish = Reservation(part_id, "m1", SERVICE, token or f"t{part_id}", Cents(ceiling - 1), Cents(ceiling))
    return Reserve(wish)


def moves(attempt_id, *states, job="7"):
    return [Move(attempt_id, state, "", job if state is State.SUBMITTED else None) for state in states]


def row(job="7", cents=3):
    return UsageRow(f"row {job}", SERVICE, Cents(cents), 60, job)


# -- what the ledger answers


def test_a_reservation_is_answered_with_its_attempt(journal, house):
    assert journal.commit([reserve(1)]) == [Reserved(1, 1, "t1")]
    assert house.amounts == (0, 4, 0)


def test_the_cap_and_other_runs_are_answers_and_not_errors(journal, house):
    answers = journal.commit([reserve(1, 8), reserve(2, 3), reserve(1, 2, "again"), reserve(3, 2)])
    assert answers == [Reserved(1, 1, "t1"), NoRoom(2), Taken(1), Reserved(3, 2, "t3")]
    assert house.amounts == (0, 10, 0)


def test_a_bill_is_answered_with_what_is_over(journal, house):
    journal.commit([reserve(1)])
    journal.commit(moves(1, *DONE))
    (billed,) = journal.commit([AddUsage((row(cents=9),))])
    assert isinstance(billed, Billed)
    assert (billed.attempt.attempt_id, billed.cents, billed.over) == (1, 9, 5)
    assert journal.commit([AddUsage((row(cents=9),))]) == []  # seen before
    assert house.amounts == (9, 0, 0)


def test_a_bill_that_came_before_its_job_was_known_is_matched_later(journal, house):
    journal.commit([reserve(1)])
    assert journal.commit([AddUsage((row(),))]) == []
    (billed,) = journal.commit([*moves(1, *DONE), MatchUsage(1)])
    assert (billed.cents, billed.over) == (3, 0)
    assert house.amounts == (3, 0, 0)


def test_a_job_without_a_bill_has_no_match(journal):
    journal.commit([reserve(1)])
    assert journal.commit([*moves(1, *DONE), MatchUsage(1)]) == []


def test_an_unverified_job_counts_at_its_expected_price_once(journal, house):
    journal.commit([reserve(1)])
    journal.commit(moves(1, *DONE))
    (billed,) = journal.commit([Unverified(1)])
    assert (billed.cents, billed.over) == (3, 0)
    assert journal.commit([Unverified(1)]) == []
    assert house.amounts == (3, 0, 0)


def test_a_job_number_of_another_attempt_is_a_doubt(journal, house):
    journal.commit([reserve(1), reserve(2)])
    journal.commit(moves(1, *DONE[:3]))
    (clash,) = journal.commit(moves(2, *DONE[:3]))
    assert clash == Clash(2, "the service answered with the number of another job, 7")
    assert house.ledger.attempt(2).state is State.IN_DOUBT
    assert house.ledger.attempt(2).job_id == ""
    assert house.amounts == (0, 4, 4)


def test_what_a_turn_tells_of_a_clashing_job_is_not_believed(journal, house):
    journal.commit([reserve(1), reserve(2)])
    journal.commit([*moves(1, *DONE), AddUsage((row(),))])
    answers = journal.commit([*moves(2, *DONE), MatchUsage(2)])
    assert [type(answer) for answer in answers] == [Clash]
    assert house.ledger.attempt(2).state is State.IN_DOUBT


def test_results_extra_charges_adoptions_and_the_end_of_an_allotment_are_written(journal, house):
    with house.ledger.transaction():
        house.ledger.allot("m1", 9)
    result = ResultRow(1, "json", "/results/a.json", 3, "0" * 64)
    adoption = Adoption(2, "m1", SERVICE, "t9", Cents(1), Cents(2), "99")
    writes = [Save((result,)), ExtraCharge(Cents(5), "credits fell"), adoption, EndAllotment()]
    assert journal.commit(writes) == []
    assert house.ledger.results(1) == [result]
    assert house.amounts == (5, 2, 0)
    assert house.ledger.attempt_of_job(SERVICE, "99").token == "t9"
    assert house.ledger.allotted() == {}


# -- whole or not at all


def test_a_turn_with_nothing_to_write_opens_no_transaction(tmp_path):
    assert Journal(None, "m1").commit([]) == []


def test_a_turn_that_breaks_off_leaves_nothing_and_remembers_what_it_was(journal, house):
    writes = [reserve(1), Move(99, State.UPLOADING)]
    with pytest.raises(TypeError):
        journal.commit(writes)
    assert house.amounts == (0, 0, 0)
    assert journal.unsaved == writes


class Full(SqliteLedger):
    """A ledger on a disk that is full until the ballast is gone, or for good."""

    ballast = True

    def transaction(self):
        if self.full:
            raise LedgerUnwritable("disk full")
        return super().transaction()

    def make_room(self):
        had, self.ballast = self.ballast, False
        self.full = self.full and not had
        return had


@pytest.fixture
def full(house):
    found = Full(house.ledger.path, lambda: 0.0)
    found.full = True
    yield found
    found.close()


def test_a_full_disk_gets_the_room_that_was_kept_and_the_turn_is_durable(full, house):
    journal = Journal(full, "m1")
    assert journal.commit([reserve(1)]) == [Reserved(1, 1, "t1")]
    assert journal.unsaved == []
    assert house.amounts == (0, 4, 0)


def test_a_disk_that_stays_full_is_said_with_what_could_not_be_written(full, house):
    full.ballast = False
    journal = Journal(full, "m1")
    with pytest.raises(LedgerUnwritable):
        journal.commit([reserve(1)])
    assert journal.unsaved == [reserve(1)]
    assert house.amounts == (0, 0, 0)


def test_an_upload_that_was_cut_and_answered_late_counts_even_where_another_run_has_the_part(journal, house):
    journal.commit([reserve(1), *moves(1, State.UPLOADING, State.PLANNED)])
    assert journal.commit([reserve(1, token="of another run")]) == [Reserved(1, 2, "of another run")]
    assert journal.commit(moves(1, State.SUBMITTED)) == []
    assert house.amounts == (0, 8, 0)
    assert house.ledger.part(1)[1].attempt_id == 2
