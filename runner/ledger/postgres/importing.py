"""A ledger that moves from a file into a database: every row, with its number, compared after; or nothing.

The file is marked first, then the database is written, in one transaction. So the two can never both be used,
whatever is killed in between; and the same command again finishes what was begun.
"""

import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from manifests.errors import MachineError
from runner.ledger.checking import findings
from runner.ledger.postgres import connecting, migrating
from runner.ledger.postgres import dsn as address
from runner.ledger.postgres.db import PostgresDb
from runner.ledger.sqlite import epochs, moved, opening
from runner.ledger.sqlite.ledger import SqliteLedger
from runner.ledger.versions import VERSION
from runner.locks import Busy

TABLES = (
    # in an order in which what a row refers to is there already; each with what it is sorted by
    ("meta", "key"),
    ("manifests", "id"),
    ("workers", "id"),
    ("runs", "id"),
    ("dispatches", "id"),
    ("shifts", "id"),
    ("purchases", "id"),
    ("parts", "id"),
    ("attempts", "id"),
    ("items", "id"),
    ("standings", "manifest_id, state, currency"),
    ("results", "item_id, name"),
    ("allotments", "manifest_id"),
    ("usage_rows", "row_id"),
    ("extra_charges", "rowid"),
    ("history", "id"),
    ("claims", "manifest_id, line"),
    ("absences", "dispatch_id, line, worker_id"),
    ("looks", "name"),
    ("paces", "kind"),
)

_ROWS = 2_000
"""Rows that are read back at once."""

_LATER = {"runs": "shift_id"}
"""Columns that refer to rows which come only later."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What was moved: rows by table; `before` where an earlier command had done it."""

    rows: dict[str, int]
    before: bool = False


def import_file(path: Path, dsn: str, clock: Callable[[], float]) -> Imported:
    """Move a local ledger into an empty one on a server, and mark the file as moved.

    Raises:
        Busy: a run on the local ledger is under way.
        MachineError: the file is no ledger, was moved elsewhere, the database is not empty, or either cannot
            be used; nothing was moved then.
    """
    if not path.exists():
        raise MachineError(f"no ledger is at {path}")
    with closing(SqliteLedger(path, clock, opening.connect(path, though_moved=True))) as ledger:
        locks = ledger.locks()
        try:
            for manifest_id, _ in ledger.manifests():
                locks.take(manifest_id)
            return _moved(ledger, dsn)
        except Busy as error:
            raise Busy(f"a run on {path} is under way, and would be torn in two: {error}") from error
        finally:
            locks.release()


def _moved(ledger: SqliteLedger, dsn: str) -> Imported:
    target = address.shown(dsn)
    with closing(PostgresDb(dsn, purpose="import", writes=True)) as server:
        _recognise(server, target)
        known = moved.mark_of(ledger)
        mark = _mark(ledger, target)
        there = server.execute("SELECT value FROM meta WHERE key = ?", (moved.FROM,)).fetchone()
        if there and there[0] == mark:
            return Imported(_counts(server), before=True)
        try:
            _refuse_used(server, target)
            rows = _copied(ledger, server, mark)
        except BaseException:
            server.roll_back()
            if known is None:  # else an earlier move may still become whole
                moved.take_off(ledger)
            raise
        _commit(server, ledger.path)
    return Imported(rows)


def _mark(ledger: SqliteLedger, target: str) -> str:
    """Mark the file as moved, or find the mark that is there.

    Raises:
        MachineError: it was moved elsewhere.
    """
    known = moved.mark_of(ledger)
    if known is None:
        return moved.put_on(ledger, target, secrets.token_hex(16))
    if known.target != target:
        raise MachineError(moved.told(ledger.path, known.target))
    return known.name


def _recognise(server: PostgresDb, target: str) -> None:
    version = migrating.version_of(server.connection)
    if version != VERSION:
        raise MachineError(f"{target}: " + migrating.odd(version))


def _refuse_used(server: PostgresDb, target: str) -> None:
    for name in ("manifests", "purchases", "usage_rows", "extra_charges"):
        if server.execute(f"SELECT 1 FROM {name} LIMIT 1").fetchone():  # noqa: S608 - constant names
            raise MachineError(
                f"{target} is in use already, and two ledgers cannot become one: move this one into an empty"
                " database (`createdb`, `earmark ledger migrate`)"
            )


def _copied(ledger: SqliteLedger, server: PostgresDb, mark: str) -> dict[str, int]:
    """All rows, inside a transaction that is still open at the end; how many of each table."""
    counts = {}
    server.begin()
    server.execute("DELETE FROM meta")
    with ledger.transaction():  # nobody else writes the file meanwhile
        for table, order in TABLES:
            counts[table] = _copy(ledger, server, table, order)
        for table, column in _LATER.items():
            rows = ledger.db.execute(f"SELECT {column}, id FROM {table} WHERE {column} IS NOT NULL")  # noqa: S608
            server.executemany(f"UPDATE {table} SET {column} = ? WHERE id = ?", rows)  # noqa: S608
        for table, order in TABLES:
            _compare(ledger, server, table, order)
    server.execute("INSERT INTO meta VALUES (?, ?)", (moved.FROM, mark))
    wrong = next(findings(server), None)
    if wrong is not None:
        raise MachineError(f"what was moved is not in order, and was not kept: {wrong}")
    return counts


def _copy(ledger: SqliteLedger, server: PostgresDb, table: str, order: str) -> int:
    """One table; the triggers that count are still meanwhile, as what they count comes along."""
    columns = _columns(ledger, table)
    names = ", ".join(columns)
    later = columns.index(_LATER[table]) if table in _LATER else None
    server.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    number = 0
    with (
        server.connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({names}) FROM STDIN".encode()) as copy,
    ):
        for row in _rows(ledger, table, columns, order):
            number += 1
            copy.write_row(row if later is None else (*row[:later], None, *row[later + 1 :]))
    server.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    number_column = "rowid" if order == "rowid" else "id"
    if order in ("id", "rowid") and table != "manifests":
        server.execute(
            f"SELECT setval(pg_get_serial_sequence('{table}', '{number_column}'),"  # noqa: S608 - constant names
            f" coalesce(max({number_column}), 0) + 1, false) FROM {table}"
        )
    return number


def _columns(ledger: SqliteLedger, table: str) -> list[str]:
    named = [row[1] for row in ledger.db.execute(f"PRAGMA table_info({table})")]
    return ["rowid", *named] if table == "extra_charges" else named


def _rows(ledger: SqliteLedger, table: str, columns: Sequence[str], order: str) -> Iterator[tuple[Any, ...]]:
    """The rows of a table in the file, as the server can keep them."""
    where = " WHERE key NOT IN (?, ?, ?)" if table == "meta" else ""
    values = (epochs.BEGUN, epochs.IN_USE, moved.TO) if table == "meta" else ()
    rows = ledger.db.execute(
        f"SELECT {', '.join(columns)} FROM {table}{where} ORDER BY {order}",  # noqa: S608 - constant names
        values,
    )
    for row in rows:
        yield tuple(connecting.keepable(each) if isinstance(each, str) else each for each in row)


def _compare(ledger: SqliteLedger, server: PostgresDb, table: str, order: str) -> None:
    columns = _columns(ledger, table)
    with server.connection.cursor(name="compared") as cursor:
        cursor.itersize = _ROWS
        cursor.execute(f"SELECT {', '.join(columns)} FROM {table} ORDER BY {order}".encode())  # noqa: S608
        here = _rows(ledger, table, columns, order)
        for number, row in enumerate(cursor):
            if row != next(here, None):
                raise MachineError(
                    f"row {number + 1:,} of `{table}` did not arrive as it was; nothing was kept"
                )
        if next(here, None) is not None:
            raise MachineError(f"rows of `{table}` did not arrive; nothing was kept")


def _counts(server: PostgresDb) -> dict[str, int]:
    return {
        table: int(server.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608 - constant names
        for table, _ in TABLES
    }


def _commit(server: PostgresDb, path: Path) -> None:
    try:
        server.commit()
    except psycopg.Error as error:
        raise MachineError(
            f"the connection was lost while the ledger was moved: {error}. {path} is marked as moved, so that"
            " nothing is bought twice: `earmark ledger import` again finishes it, or finds that it is done"
        ) from error
