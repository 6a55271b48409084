"""The ledger in a SQLite file."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from manifests.errors import MachineError
from runner.file_locks import FileLocks
from runner.ledger.interface import Ledger
from runner.ledger.sqlite import opening
from runner.ledger.sqlite.db import SqliteDb
from runner.ledger.sqlite.epochs import Epochs
from runner.ledger.store import LedgerUnwritable
from runner.locks import Locks
from runner.points import Point


class SqliteLedger(Ledger):
    """One wallet's file; used by one thread."""

    def __init__(self, path: Path, clock: Callable[[], float], db: SqliteDb | None = None) -> None:
        """Open or make the ledger in a file; `db` is a connection that is open already."""
        self.path = path
        self._file = opening.connect(path) if db is None else db
        super().__init__(self._file, clock)
        self._epochs = Epochs(self._file)
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

    @property
    def another_wallet(self) -> str:
        """A file beside this one."""
        return "add --new-wallet, once: that wallet gets a ledger of its own"

    @property
    def place(self) -> str:
        """The file's path."""
        return str(self.path)

    @property
    def db(self) -> SqliteDb:
        """The file's connection."""
        return self._file

    def close(self) -> None:
        """Close the file."""
        self._epochs.end()
        self._file.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All writes inside become durable together, or none does.

        Raises:
            LedgerUnwritable: the disk is full or the file can no longer be written.
        """
        try:
            self._epochs.count()
            self._file.execute("BEGIN IMMEDIATE")
            try:
                self._count_turn()
                yield
                self.reach(Point.BEFORE_COMMIT)
                self._file.execute("COMMIT")
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

    def alone(self, name: str) -> None:
        """As every transaction is: one follows the other."""

    def locks(self) -> Locks:
        """Files beside the ledger's own."""
        return FileLocks(self.path.parent / "locks")

    def make_room(self) -> bool:
        """Free the ballast for the last writes on a full disk; False when it was already gone."""
        return opening.drop_ballast(self.path)

    def _weigh(self, rows: int) -> None:
        self._epochs.weigh(rows)

    def _rollback(self) -> None:
        if self._file.in_transaction:  # SQLite rolls back by itself when the disk is full
            self._file.execute("ROLLBACK")
