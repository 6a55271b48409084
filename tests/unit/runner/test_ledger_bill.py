"""What a ledger paid in a period: each cent at the moment at which the wallet billed it."""

from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest

from manifests.money import Cents
from manifests.states import State
from runner.api.interface import UsageRow
from runner.ledger import billing
from runner.ledger.bill import Extra, entries, extras
from runner.ledger.rows import Move, NewItem, Reservation
from runner.ledger.runs import RunBy

NUMBERS = count(1)
MAY, JUNE, JULY = (datetime(2026, month, 1, tzinfo=UTC).timestamp() for month in (5, 6, 7))


class Made:
    """A ledger whose clock is set by hand."""

    def __init__(self, store):
        self.now = MAY + 100
        self.ledger = store.open(lambda: self.now)
        with self.ledger.transaction():
            self.ledger.put_manifest("m1", Path("/x/m.yaml"), Cents(10_000), 10_000)

    def send(self, file="a.mp3", *states, product="transcription", currency="cents", expected=9):
        """An attempt of 9 cents, 10 at most."""
        key = f"{next(NUMBERS):064x}"
        item = NewItem(file, file, 1, "p", "b", "{}", key, key, product, "{}", 0, 1)
        service = product.partition(":")[0]
        with self.ledger.transaction():
            self.ledger.put_items("m1", [item])
            (part,) = self.ledger.db.execute("SELECT max(id) FROM parts").fetchone()
            wish = Reservation(part, "m1", service, key, Cents(expected), Cents(10), currency)
            attempt = self.ledger.reserve(wish)
            for state in (State.UPLOADING, State.SENDING, *states):
                job = key[-3:] if state is State.SUBMITTED else None
                self.ledger.move(Move(attempt, state, "", job))
        return attempt, key[-3:]

    def bill(self, job, cents, at, service="transcription"):
        when = datetime.fromtimestamp(at, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        row = UsageRow(f"r{next(NUMBERS)}", service, Cents(cents), 60, job, when)
        with self.ledger.transaction():
            billing.add_rows(self.ledger, [row])

    def entries(self, start=MAY, end=JULY):
        return list(entries(self.ledger, start, end))


DONE = (State.SUBMITTED, State.FINISHED, State.SAVED)


@pytest.fixture
def made(store):
    return Made(store)


def test_a_charge_belongs_to_the_moment_of_the_wallets_row(made):
    _, job = made.send("talks/a.mp3", *DONE)
    made.bill(job, 9, JUNE + 5)
    (entry,) = made.entries()
    assert (entry.at, entry.charged, entry.planned, entry.ceiling) == (JUNE + 5, 9, 9, 10)
    assert (entry.file, entry.job_id, entry.settled, entry.state) == ("talks/a.mp3", job, "billed", "saved")
    assert made.entries(MAY, JUNE) == []


def test_the_periods_end_is_not_in_it(made):
    _, job = made.send("a.mp3", *DONE)
    made.bill(job, 9, JUNE)
    assert (len(made.entries(MAY, JUNE)), len(made.entries(JUNE, JULY))) == (0, 1)


def test_what_is_held_or_in_doubt_belongs_to_when_it_was_sent(made):
    made.send("a.mp3", State.SUBMITTED)
    made.send("b.mp3", State.IN_DOUBT)
    found = made.entries(MAY, JUNE)
    assert [(each.at, each.charged, each.reserved, each.in_doubt) for each in found] == [
        (MAY + 100, 0, 10, 0),
        (MAY + 100, 0, 0, 10),
    ]


def test_what_failed_and_cost_nothing_is_in_no_bill(made):
    made.send("a.mp3", State.SUBMITTED, State.FAILED, State.RELEASED)
    made.send("b.mp3", State.PLANNED)
    assert made.entries() == []


def test_a_job_that_is_paid_back_later_has_an_entry_in_each_month(made):
    _, job = made.send("a.mp3", *DONE)
    made.bill(job, 9, MAY + 200)
    made.bill(job, -4, JUNE + 1)
    may, june = made.entries(MAY, JUNE), made.entries(JUNE, JULY)
    assert [(each.charged, each.planned, each.first) for each in may] == [(9, 9, True)]
    assert [(each.charged, each.planned, each.first) for each in june] == [(-4, 0, True)]
    both = made.entries()
    assert [(each.charged, each.first) for each in both] == [(9, True), (-4, False)]


def test_what_is_paid_back_beyond_the_charge_counts_as_the_ledger_counts_it(made):
    attempt, job = made.send("a.mp3", *DONE)
    made.bill(job, 9, MAY + 200)
    made.bill(job, -20, JUNE + 1)
    assert made.ledger.attempt(attempt).charge == 0
    assert [each.charged for each in made.entries()] == [9, -9]


def test_a_charge_that_no_row_names_belongs_to_when_it_was_sent(made):
    attempt, _ = made.send("a.mp3", *DONE)
    with made.ledger.transaction():
        billing.settle_unverified(made.ledger, made.ledger.attempt(attempt))
    (entry,) = made.entries()
    assert (entry.at, entry.charged, entry.settled) == (MAY + 100, 9, "unverified")


def test_a_row_without_a_time_counts_when_its_job_was_sent(made):
    _, job = made.send("a.mp3", *DONE)
    made.bill(job, 9, MAY)
    made.ledger.db.execute("UPDATE usage_rows SET created = ''")
    assert [each.at for each in made.entries()] == [MAY + 100]


def test_rows_of_another_services_job_of_the_same_number_are_not_in_it(made):
    _, job = made.send("v.txt", *DONE, product="tts", expected=9)
    made.bill(job, 5, MAY + 1, "text_to_speech")
    made.bill(job, 3, MAY + 2, "voice_cloning")
    assert [each.charged for each in made.entries()] == [5]


def test_credits_keep_their_currency(made):
    made.send("a.mp3", State.SUBMITTED, product="denoise:balanced", currency="credits")
    assert [(each.currency, each.reserved) for each in made.entries()] == [("credits", 10)]


def test_entries_come_by_runs_and_as_they_were_sent(made):
    with made.ledger.transaction():
        made.ledger.begin_run("m1", RunBy("anna"))
    first, _ = made.send("a.mp3", State.SUBMITTED)
    with made.ledger.transaction():
        made.ledger.begin_run("m1", RunBy("ben"))
    second, _ = made.send("b.mp3", State.SUBMITTED)
    made.ledger.run_id = None
    unknown, _ = made.send("c.mp3", State.SUBMITTED)
    found = [(each.run_id, each.attempt_id) for each in made.entries()]
    assert found == [(None, unknown), (1, first), (2, second)]


def test_a_job_without_a_line_any_more_has_no_file(made):
    made.send("a.mp3", State.SUBMITTED)
    made.ledger.db.execute("DELETE FROM items")
    assert [each.file for each in made.entries()] == [""]


def test_what_credits_paid_instead_of_the_wallet_is_told_apart(made):
    with made.ledger.transaction():
        made.ledger.add_extra_charge("m1", Cents(7), "account credits fell by 160")
    assert list(extras(made.ledger, MAY, JUNE)) == [Extra(MAY + 100, "m1", 7, "account credits fell by 160")]
    assert list(extras(made.ledger, JUNE, JULY)) == []


def test_the_owner_of_a_row_is_an_attempt_of_this_ledger(made):
    attempt, job = made.send("a.mp3", State.SUBMITTED)
    mine = UsageRow("r", "transcription", Cents(1), job_id=job)
    assert billing.owner(made.ledger, mine).attempt_id == attempt
    for other in (
        UsageRow("r", "transcription", Cents(1), job_id="other"),
        UsageRow("r", "stem_extraction", Cents(1), job_id=job),
        UsageRow("r", "transcription", Cents(1)),
        UsageRow("r", "something new", Cents(1), job_id=job),
    ):
        assert billing.owner(made.ledger, other) is None
