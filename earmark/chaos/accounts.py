"""The two accounts as they stand: the simulator's books, and the ledger, read by its bare tables.

The ledger is read without the code that writes it, so that what is compared was not made by one hand.
"""

import os
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from simulator import Books


@dataclass(frozen=True, slots=True)
class Cap:
    """A manifest that was run, with its cap and what counts against it, in cents."""

    manifest: str
    path: str
    cap: int
    committed: int
    credits_cap: int
    credits_committed: int


@dataclass(frozen=True, slots=True)
class Attempt:
    """One send of a purchase."""

    manifest: str
    part: int
    service: str
    token: str
    state: str
    job_id: str | None
    charge: int | None
    hold: int
    settled: str
    currency: str
    superseded: bool
    sha256: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a manifest, with the part that it points to and the results that were recorded for it."""

    results: tuple[str, ...]
    manifest: str
    file: str
    part: int
    state: str
    reason: str
    tries: int


@dataclass(frozen=True, slots=True)
class LedgerView:
    """The ledger at one moment."""

    caps: Mapping[str, Cap]
    attempts: tuple[Attempt, ...] = ()
    lines: tuple[Line, ...] = ()

    @property
    def by_job(self) -> Mapping[tuple[str, str], Attempt]:
        """The attempts that have a job, by service and job number."""
        return {(each.service, each.job_id): each for each in self.attempts if each.job_id is not None}


class Asked(Protocol):
    """A connection to a database."""

    def execute(self, query: Any, /) -> Iterable[Any]:
        """The rows of a question."""
        ...


def read_ledger(path: Path) -> LedgerView:
    """The ledger in a file; nothing in it where there is none yet, or where it is just being made."""
    if not path.exists():
        return LedgerView({})
    # Read-only: who closes a ledger last, and may write, tidies up after the killed, which is not our trade.
    place = f"{path.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(place, uri=True, timeout=10, isolation_level=None)) as db:
        try:
            db.execute("BEGIN")
            return view_of(db)
        except sqlite3.OperationalError as error:
            # A run killed while it made the ledger leaves nothing, or a journal for the next one to undo.
            if "no such table" in str(error) or error.sqlite_errorname == "SQLITE_READONLY_ROLLBACK":
                return LedgerView({})
            raise


def view_of(db: Asked) -> LedgerView:
    """The ledger as a connection shows it; to be asked in one transaction, of either store."""
    return LedgerView(_caps(db), _attempts(db), _lines(db))


def _caps(db: Asked) -> dict[str, Cap]:
    rows = db.execute(
        "SELECT id, path, cap, spent + reserved + in_doubt, credits_cap,"
        " credits_spent + credits_reserved + credits_in_doubt FROM manifests"
    )
    return {row[0]: Cap(row[0], os.fsdecode(row[1]), *row[2:]) for row in rows}


def _attempts(db: Asked) -> tuple[Attempt, ...]:
    rows = db.execute(
        "SELECT a.manifest_id, a.part_id, a.service, a.token, a.state, a.job_id, a.charge, a.hold, a.settled,"
        " a.currency, a.superseded, p.sha256 FROM attempts a JOIN parts t ON t.id = a.part_id"
        " JOIN purchases p ON p.id = t.purchase_id ORDER BY a.id"
    )
    return tuple(Attempt(*row) for row in rows)


def _lines(db: Asked) -> tuple[Line, ...]:
    results: dict[int, list[str]] = {}
    for item, path in db.execute("SELECT item_id, path FROM results"):
        results.setdefault(item, []).append(os.fsdecode(path))
    rows = db.execute(
        "SELECT i.id, i.manifest_id, CAST(i.file AS TEXT), t.id, t.state, t.reason, t.tries FROM items i"
        " JOIN parts t ON t.purchase_id = i.purchase_id ORDER BY i.id"
    )
    return tuple(Line(tuple(sorted(results.get(row[0], ()))), *row[1:]) for row in rows)


def read_books(document: bytes) -> "Books":
    """The simulator's books from its own JSON."""
    import msgspec

    from simulator import Books

    return msgspec.json.decode(document, type=Books, dec_hook=_fraction)


def _fraction(kind: type, value: Any) -> Any:
    if kind is Fraction:
        return Fraction(value)
    raise NotImplementedError(kind)  # how msgspec is told that a hook knows no such type
