"""Ledgers of either store for tests: what is promised of one is promised of both.

def test_something(store):       # runs once with each
    ledger = store.open()        # another call is another connection to the same ledger
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from runner.ledger.interface import Ledger
from runner.ledger.postgres import connecting, migrating
from runner.ledger.postgres.db import Patience
from runner.ledger.postgres.ledger import PostgresLedger
from runner.ledger.sqlite.ledger import SqliteLedger
from runner.ledger.store import Store as AnyStore

NAMES = ("sqlite", "postgres")

Clock = Callable[[], float]


class TimedPostgresLedger(PostgresLedger):
    """A ledger on a server whose hour the test sets."""

    def moment(self) -> float:
        return self._clock()

    def _keep_time(self, asked: float, moment: float) -> None:
        """The test's alone."""

    def _count_turn(self) -> None:
        if self.lease is None:
            super()._count_turn()
        else:
            AnyStore._count_turn(self)


@dataclass
class Shelf:
    """One ledger of one store, opened as often as a test wants; `place` is a file's path or an address."""

    name: str
    place: Path | str
    clock: Clock = lambda: 1000.0
    opened: list[Ledger] = field(default_factory=list)

    def open(self, clock: Clock | None = None, *, durable: bool = False) -> Any:
        """One more connection."""
        now = clock or self.clock
        made: Ledger
        if isinstance(self.place, str):
            made = TimedPostgresLedger(self.place, now, patience=Patience(5.0, 0.02))
        else:
            made = SqliteLedger(self.place, now)
            if not durable:  # tested by killing real processes
                made.db.execute("PRAGMA synchronous = OFF")
        self.opened.append(made)
        return made

    def reading(self) -> Any:
        """One that sees a moment."""
        made: Ledger
        if isinstance(self.place, str):
            made = PostgresLedger.reading(self.place, self.clock)
        else:
            made = SqliteLedger.reading(self.place, self.clock)
        self.opened.append(made)
        return made

    def close(self) -> None:
        """Close all that was opened."""
        for each in self.opened:
            each.close()


def emptied(dsn: str) -> None:
    """Take all rows out of a ledger's tables, which is quicker than to make them anew."""
    with psycopg.connect(dsn) as connection:
        rows = connection.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
            " AND table_type = 'BASE TABLE' AND table_name <> 'earmark_versions'"
        )
        emptying = [f'DELETE FROM "{name}"' for (name,) in rows]
        numbers = connection.execute("SELECT sequencename FROM pg_sequences")
        restart = [f'ALTER SEQUENCE "{name}" RESTART' for (name,) in numbers]
        # no trigger keeps rows then; TRUNCATE would make forty files anew
        statements = ["SET session_replication_role = replica", *emptying, *restart]
        connection.execute("; ".join(statements).encode())


def migrated(dsn: str) -> None:
    """Make the ledger's tables in a database."""
    connection = connecting.connect(dsn, purpose="test", writes=True)
    try:
        migrating.migrate(connection)
    finally:
        connection.close()
