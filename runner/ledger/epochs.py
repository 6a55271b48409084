"""Marks by which a ledger is recognised that lost its `-wal` file, and with it its last changes.

SQLite keeps what was written last in a file of its own beside the ledger. Without it the ledger is a
sound one of an earlier moment: nothing in it tells that purchases are missing, and they would be bought
again. So, from time to time, a number is raised in the ledger itself (`BEGUN`), and then once more beside
it (`IN_USE`): the two are equal in every whole ledger, and in every copy of one moment. In a ledger whose
last changes lie in the other file they are not.
"""

import sqlite3
import time
from collections.abc import Callable

BEGUN, IN_USE = "epoch begun", "epoch in use"

EVERY = 500
"""Transactions of one epoch; after them all changes so far go into the ledger itself."""

LOOKS, GAP = 10, 0.05
"""How often, and how many seconds apart, the marks are read: another process may be between the two."""


class Epochs:
    """The epochs of one connection that writes."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._left = 0

    def count(self) -> None:
        """Called before each transaction."""
        if not self._left:
            self._begin()
            self._left = EVERY
        self._left -= 1

    def _begin(self) -> None:
        self._db.execute("PRAGMA wal_autocheckpoint = 0")  # the ledger itself changes here alone
        number = str(_mark(self._db, IN_USE) + 1)
        _set(self._db, BEGUN, number)
        self._db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
        _set(self._db, IN_USE, number)


def lacks_changes(db: sqlite3.Connection, sleep: Callable[[float], object] = time.sleep) -> bool:
    """Whether the last changes of a ledger are missing, where no `-wal` file was beside it."""
    for number in range(LOOKS):
        if number:
            sleep(GAP)
        if _mark(db, BEGUN) == _mark(db, IN_USE):
            return False
    return True


def make_whole(db: sqlite3.Connection) -> None:
    """A copy of one moment lacks nothing, even if it was taken between the two marks."""
    _set(db, IN_USE, str(_mark(db, BEGUN)))


def _mark(db: sqlite3.Connection, key: str) -> int:
    row = db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return 0 if row is None else int(row[0])


def _set(db: sqlite3.Connection, key: str, value: str) -> None:
    db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))
    if db.in_transaction:  # not so on connections that commit by themselves
        db.commit()
