"""Hosts whose clocks are wrong: what they write down of a shared ledger bears the ledger's own hour."""

import time
from contextlib import closing
from pathlib import Path

import pytest

from manifests.money import Cents
from manifests.states import State
from runner.ledger.postgres.ledger import PostgresLedger
from runner.ledger.rows import Move, NewItem, Reservation, ResultRow
from runner.ledger.runs import RunBy

HOUR = 3600.0
SLACK = 60.0
"""Seconds that a busy machine may take over a test."""


def item(number):
    return NewItem(
        line=f"l{number}", file=f"{number}.mp3", size=10, print="p", base="b", wanted="{}",
        content_key=f"{number:064x}", sha256="s", product="transcription", options="{}", generation=0,
        audio_bytes=5,
    )  # fmt: skip


@pytest.fixture(params=[HOUR, -HOUR, 40 * 24 * HOUR], ids=["ahead", "behind", "in another month"])
def host(request, ledger_database):
    """A host with a wrong clock, which began a run."""
    with closing(PostgresLedger(ledger_database, lambda: time.time() + request.param)) as made:
        with made.transaction():
            made.put_manifest("m1", Path("/m1.yaml"), Cents(100), 50)
            made.put_items("m1", [item(1), item(2), item(3)])
            made.begin_run("m1", RunBy(), 600.0)
        yield made


@pytest.fixture
def right(ledger_database):
    """A host whose clock is right."""
    with closing(PostgresLedger(ledger_database, time.time)) as made:
        yield made


def buy(host, part, currency="cents"):
    """One that fails, and is given back."""
    with host.transaction():
        made = host.reserve(
            Reservation(part, "m1", "transcription", f"t{part}", Cents(5), Cents(6), currency)
        )
        for state in (State.UPLOADING, State.SENDING, State.SUBMITTED, State.FAILED, State.RELEASED):
            host.move(Move(made, state, job_id=str(part) if state is State.SUBMITTED else None))
    return made


def test_everything_that_is_written_bears_the_ledgers_hour(host):
    buy(host, 1)
    with host.transaction():
        host.reserve_many([Reservation(part, "m1", "tts", f"g{part}", Cents(1), Cents(1)) for part in (2, 3)])
        host.add_extra_charge("m1", Cents(7), "account credits fell")
        host.put_results([ResultRow(1, "txt", "/r/1.txt", 5, "d")])
        host.end_run(0)
    for column in (
        *("manifests.created", "purchases.created", "attempts.created", "attempts.changed", "history.at"),
        *("runs.started", "runs.ended", "extra_charges.at", "results.saved"),
    ):
        table, _, name = column.partition(".")
        times = [row[0] for row in host.db.execute(f"SELECT {name} FROM {table}")]
        assert times, column
        assert all(abs(each - time.time()) < SLACK for each in times), column
    assert abs(host.hour() - time.time()) < SLACK


def test_limits_of_a_month_and_late_bills_count_what_a_host_with_another_hour_did(host, right):
    buy(host, 1)
    since = right.hour() - SLACK
    with host.transaction():
        host.reserve(Reservation(2, "m1", "tts", "t", Cents(5), Cents(6)))
        host.add_extra_charge("m1", Cents(7), "account credits fell")
    assert right.committed_since(since) == 13
    assert host.committed_since(host.hour() - SLACK) == 13
    assert right.committed_since(right.hour() + SLACK) == 0  # nor does any of it count in a month to come
    assert [each.part_id for each in right.released("m1", since)] == [1]


def test_credits_that_a_host_with_another_hour_may_have_taken_are_told(host, right):
    with right.transaction():
        right.begin_run("m1", RunBy(), 600.0)
    since = right.hour() - SLACK
    buy(host, 1, "credits")
    assert right.credits_beside("m1", since) == 6
    assert right.credits_beside("m1", right.hour() + SLACK) == 0


def test_a_clock_that_is_set_while_it_runs_is_noticed_with_the_next_transaction(ledger_database):
    ahead = [0.0]
    with closing(PostgresLedger(ledger_database, lambda: time.time() + ahead[0])) as ledger:
        ahead[0] = -HOUR
        with ledger.transaction():
            assert abs(ledger.hour() - time.time()) < SLACK
        ahead[0] = HOUR
        with ledger.transaction():
            assert abs(ledger.hour() - time.time()) < SLACK


def test_who_waits_long_for_an_answer_keeps_what_was_known_of_the_hour(ledger_database):
    """The server says its time somewhere amid the wait; where, nobody knows."""
    now = [1000.0]
    with closing(PostgresLedger(ledger_database, lambda: now[0])) as ledger:
        before = ledger.hour() - now[0]
        asked, now[0] = now[0], now[0] + 50.0
        ledger._keep_time(asked, asked + before)  # told at once, and then a long wait
        assert ledger.hour() - now[0] == before
        asked, now[0] = now[0], now[0] + 50.0
        ledger._keep_time(asked, now[0] + before)  # a long wait, and told at its end
        assert ledger.hour() - now[0] == before
