"""A bell in the ledger's own transaction: durable with it, or never rung."""

import psycopg
import pytest

from runner.executors import procrastinate_door as door
from runner.executors.ringing import ring
from runner.ledger.interface import LedgerUnwritable, OverTheCap
from runner.ledger.postgres import connecting, migrating
from runner.ledger.postgres.ledger import PostgresLedger
from runner.ledger.sqlite.ledger import SqliteLedger
from support.bellringers import jobs, rows


@pytest.fixture
def dsn(database):
    connection = connecting.connect(database, purpose="migrate", writes=True)
    migrating.migrate(connection)
    with connection.transaction():
        door.migrate(connection)
    connection.close()
    return database


@pytest.fixture
def ledger(dsn):
    made = PostgresLedger(dsn, lambda: 1_000.0)
    yield made
    made.close()


def test_a_bell_is_durable_with_the_ledgers_transaction(dsn, ledger):
    with ledger.transaction():
        ring(ledger, [3, 4])
        ledger.set_meta("rung", "yes")
        assert jobs(dsn) == []
    assert jobs(dsn) == [{"shift": 3}, {"shift": 4}]
    assert ledger.meta("rung") == "yes"


def test_a_bell_is_undone_with_it(dsn, ledger):
    def turn():
        with ledger.transaction():
            ring(ledger, [3])
            raise OverTheCap

    with pytest.raises(OverTheCap):
        turn()
    assert jobs(dsn) == []


def test_thousands_are_rung_for_in_one_turn(dsn, ledger):
    with ledger.transaction():
        ring(ledger, range(2_500))
    assert len(jobs(dsn)) == 2_500


def test_a_connection_that_broke_is_told_as_by_the_ledger_itself(dsn, ledger):
    def turn():
        with ledger.transaction():
            rows(dsn, "SELECT pg_terminate_backend(%s)", ledger.db.connection.info.backend_pid)
            ring(ledger, [3])

    with pytest.raises(LedgerUnwritable, match="cannot be written"):
        turn()
    assert jobs(dsn) == []


def test_a_queue_that_is_not_there_is_no_silence(database):
    connection = connecting.connect(database, purpose="migrate", writes=True)
    migrating.migrate(connection)
    connection.close()
    ledger = PostgresLedger(database, lambda: 1_000.0)
    with pytest.raises(psycopg.Error), ledger.transaction():
        ring(ledger, [3])
    ledger.close()


def test_nobody_is_rung_for_on_a_ledger_in_a_file(tmp_path):
    ledger = SqliteLedger(tmp_path / "ledger.db", lambda: 1_000.0)
    with ledger.transaction():
        ring(ledger, [3])
    ledger.close()
