"""The mark on a ledger's file that was moved to a server: its money is counted there, and no more here."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from manifests.errors import MachineError
from runner.ledger.sqlite.db import SqliteDb

if TYPE_CHECKING:
    from runner.ledger.sqlite.ledger import SqliteLedger

TO, FROM = "moved to", "moved from"
"""Where the file keeps its mark, and the database the same one's name."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a ledger went, under a name that tells one move from another."""

    name: str
    target: str


def refuse(db: SqliteDb, path: Path) -> None:
    """Refuse a file that was moved.

    Raises:
        MachineError: it was; the message says where to.
    """
    found = _read(db)
    if found is not None:
        raise MachineError(told(path, found.target))


def told(path: Path, target: str) -> str:
    """What to say of it."""
    return (
        f"the ledger {path} was moved to {target}, where its money is counted now: set EARMARK_LEDGER to that"
        f" address, with its user and password. If the move was cut short, `earmark ledger import {path}`"
        " ends it"
    )


def mark_of(ledger: "SqliteLedger") -> Mark | None:
    """The mark on a ledger; None where it was not moved."""
    return _read(ledger.db)


def put_on(ledger: "SqliteLedger", target: str, name: str) -> str:
    """Mark a ledger as moved, durably; the mark's name."""
    with ledger.transaction():
        ledger.set_meta(TO, f"{name} {target}")
    return name


def take_off(ledger: "SqliteLedger") -> None:
    """Nothing was moved after all."""
    with ledger.transaction():
        ledger.db.execute("DELETE FROM meta WHERE key = ?", (TO,))


def _read(db: SqliteDb) -> Mark | None:
    row = db.execute("SELECT value FROM meta WHERE key = ?", (TO,)).fetchone()
    if row is None:
        return None
    name, _, target = row[0].partition(" ")
    return Mark(name, target)
