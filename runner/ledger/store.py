"""The ledger's file: opened, closed, and written in transactions that are durable as a whole."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from manifests.errors import EarmarkError, MachineError
from runner.ledger import opening
from runner.ledger.epochs import Epochs
from runner.points import Point, Reach, nowhere


class OverTheCap(EarmarkError):
    """A reservation that the cap does not allow."""


class LedgerUnwritable(MachineError):
    """A transaction that could not be made durable; all of it is undone."""


class AlreadyLive(EarmarkError):
    """Another attempt of this part lives: another run buys it."""


class Store:
    """One wallet's file; used by one thread."""

    def __init__(self, path: Path, clock: Callable[[], float], db: sqlite3.Connection | None = None) -> None:
        """Open or make the ledger in a file; `db` is a connection that is open already."""
        self.path = path
        self.reach: Reach = nowhere
        self.run_id: int | None = None  # the run that reserves, once it has begun
        self._clock = clock
        self._db = opening.connect(path) if db is None else db
        self._epochs = Epochs(self._db)
        if db is None:
            opening.add_ballast(path)

    @classmethod
    def reading(cls, path: Path, clock: Callable[[], float]) -> Self:
        """A ledger that is there, to look into while others write it; no method that writes works.

        Raises:
            NoLedgerYet: there is nothing in it.
            MachineError: it cannot be read.
        """
        return cls(path, clock, opening.connect_to_read(path))

    def close(self) -> None:
        """Close the file."""
        self._epochs.end()
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All writes inside become durable together, or none does.

        Raises:
            LedgerUnwritable: the disk is full or the file can no longer be written.
        """
        try:
            self._epochs.count()
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self.reach(Point.BEFORE_COMMIT)
                self._db.execute("COMMIT")
                self.reach(Point.AFTER_COMMIT)
            except BaseException:
                self._rollback()
                raise
        except sqlite3.DatabaseError as error:
            if type(error) is sqlite3.DatabaseError:
                raise MachineError(opening.damaged(self.path, error)) from error
            if not isinstance(error, sqlite3.OperationalError):
                raise
            raise LedgerUnwritable(
                f"the ledger {self.path} cannot be written: {error}; nothing is lost, make room and run again"
            ) from error

    def make_room(self) -> bool:
        """Free the ballast for the last writes on a full disk; False when it was already gone."""
        return opening.drop_ballast(self.path)

    def _rollback(self) -> None:
        if self._db.in_transaction:  # SQLite rolls back by itself when the disk is full
            self._db.execute("ROLLBACK")

    def meta(self, key: str) -> str | None:
        """A fact kept under a key, or None."""
        row = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def set_meta(self, key: str, value: str) -> None:
        """Keep a fact under a key."""
        self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    @property
    def db(self) -> sqlite3.Connection:
        """The connection, for the ledger's own neighbours."""
        return self._db
