"""A signal breaks off a call to the server: what it had begun is nothing, and the ledger stays of use."""

import os
import signal
import threading
import time
from contextlib import closing, suppress

import psycopg
import pytest

from runner.ledger.postgres.ledger import PostgresLedger

SLEEPING = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active'"
    " AND query LIKE '%pg_sleep%' AND pid <> pg_backend_pid()"
)
LONG = 600.0


class BrokenOff(BaseException):
    """What the handler raises, as the one of a run does."""


def until_calls_are(count, dsn):
    """Wait until so many calls are under way."""
    with psycopg.connect(dsn, autocommit=True) as watching:
        end = time.monotonic() + 30
        while watching.execute(SLEEPING).fetchone() != (count,):
            assert time.monotonic() < end
            time.sleep(0.01)


@pytest.fixture
def broken_off(ledger_database):
    """Sends the signal once the server is amid a call."""

    def handler(_number, _frame):
        raise BrokenOff

    def send():
        until_calls_are(1, ledger_database)
        os.kill(os.getpid(), signal.SIGUSR1)

    before = signal.signal(signal.SIGUSR1, handler)
    sender = threading.Thread(target=send)
    sender.start()
    yield
    sender.join()
    signal.signal(signal.SIGUSR1, before)


@pytest.fixture
def ledger(ledger_database):
    with closing(PostgresLedger(ledger_database, lambda: 0.0)) as opened:
        yield opened


def one(ledger):
    ledger.db.execute("SELECT pg_sleep(?)", (LONG,))


def many(ledger):
    ledger.db.executemany("INSERT INTO meta SELECT ?, pg_sleep(?)::text", [("a", 0.0), ("b", LONG)])


@pytest.mark.parametrize("call", [one, many])
def test_what_a_signal_broke_off_holds_up_nobody(ledger, ledger_database, broken_off, call):
    with suppress(BrokenOff), ledger.transaction():
        ledger.set_meta("colour", "blue")
        call(ledger)
    with ledger.transaction():
        ledger.set_meta("shape", "round")
    assert (ledger.meta("colour"), ledger.meta("shape"), ledger.meta("a")) == (None, "round", None)
    until_calls_are(0, ledger_database)


def test_nor_does_one_outside_of_a_transaction(ledger, broken_off):
    with pytest.raises(BrokenOff):
        one(ledger)
    assert ledger.meta("colour") is None
