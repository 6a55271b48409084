"""Marks by which a ledger is recognised that lost its `-wal` file, and with it its last changes.

SQLite keeps what was written last in a file of its own beside the ledger. Without it the ledger is a
sound one of an earlier moment: nothing in it tells that purchases are missing, and they would be bought
again. So, from time to time, a number is raised in the ledger itself (`BEGUN`), and then once more beside
it (`IN_USE`): the two are equal in every whole ledger, and in every copy of one moment. In a ledger whose
last changes lie in the other file they are not.

Several processes may begin epochs at once, and any may be killed between its two marks. Whoever is done
sets the second mark to what the first one is by then, so that a ledger that lacks nothing never looks as
if it did once the other file is gone, as it is after the last one has closed it.
"""

import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress

BEGUN, IN_USE = "epoch begun", "epoch in use"

EVERY = 500
"""Transactions of one epoch; after them all changes so far go into the ledger itself."""

ROWS = 100
"""Rows that count as another transaction."""

LOOKS, GAP = 10, 0.05
"""How often, and how many seconds apart, the marks are read: another process may be between the two."""


class Epochs:
    """The epochs of one connection that writes."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._left = 0
        self._counts = False

    def count(self) -> None:
        """Called before each transaction."""
        self._counts = True
        if not self._left:
            self._begin()
            self._left = EVERY
        self._left -= 1

    def _begin(self) -> None:
        self._db.execute("PRAGMA wal_autocheckpoint = 0")  # the ledger itself changes here alone
        _raise(self._db)
        self._db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
        make_whole(self._db)

    def weigh(self, rows: int) -> None:
        """Count many rows of one transaction as several: what lies beside the ledger stays small."""
        self._left = max(0, self._left - rows // ROWS)

    def end(self) -> None:
        """Called before the connection is closed: another process may have been killed between its marks."""
        if self._counts:
            with suppress(sqlite3.Error):  # a full disk, a damaged file: told where it matters
                make_whole(self._db)


def lacks_changes(db: sqlite3.Connection, sleep: Callable[[float], object] = time.sleep) -> bool:
    """Whether the last changes of a ledger are missing, where no `-wal` file was beside it."""
    for number in range(LOOKS):
        if number:
            sleep(GAP)
        if _mark(db, BEGUN) == _mark(db, IN_USE):
            return False
    return True


def make_whole(db: sqlite3.Connection) -> None:
    """Set the second mark to the first one, in a ledger that lacks nothing."""
    if _mark(db, BEGUN) != _mark(db, IN_USE):
        db.execute("INSERT OR REPLACE INTO meta SELECT ?, value FROM meta WHERE key = ?", (IN_USE, BEGUN))
        if db.in_transaction:  # not so on connections that commit by themselves
            db.commit()


def _raise(db: sqlite3.Connection) -> None:
    """Raise the first mark above both."""
    db.execute(
        "INSERT OR REPLACE INTO meta SELECT ?, CAST(1 + coalesce(max(CAST(value AS INTEGER)), 0) AS TEXT)"
        " FROM meta WHERE key IN (?, ?)",
        (BEGUN, BEGUN, IN_USE),
    )


def _mark(db: sqlite3.Connection, key: str) -> int:
    row = db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return 0 if row is None else int(row[0])
