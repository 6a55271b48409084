"""SQLite's own connection, with the few calls that the ledger asks for beside."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from runner.ledger.db import Refused


class SqliteDb(sqlite3.Connection):
    """A connection; a statement that is refused leaves no trace in SQLite, and the transaction goes on."""

    def insert(self, sql: str, values: Sequence[Any] = ()) -> int:
        """Add one row; its number."""
        made = self.execute(sql, values)
        assert made.lastrowid is not None
        return made.lastrowid

    @contextmanager
    def tentative(self) -> Iterator[None]:
        """One statement that a constraint may refuse.

        Raises:
            Refused: with SQLite's words.
        """
        try:
            yield
        except sqlite3.IntegrityError as error:
            raise Refused(str(error)) from error
