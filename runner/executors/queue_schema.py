"""The queue's tables: made once, brought up to date, refused where they are not Earmark's."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, LiteralString

import psycopg

from manifests.errors import MachineError

_TABLE: LiteralString = """
CREATE TABLE procrastinate_applied (name TEXT PRIMARY KEY, applied TIMESTAMPTZ NOT NULL DEFAULT now())
"""
"""What was applied here, and when: Procrastinate keeps no account of its own schema."""


class NoQueue(MachineError):
    """The database has no queue, another one's, or one of another age."""


def migrate(connection: psycopg.Connection[Any], whole: str, migrations: Sequence[Path]) -> list[str]:
    """Make the tables, or bring them up to date, in the caller's transaction.

    Args:
        connection: of the caller, who commits.
        whole: the statements that make all of it at once.
        migrations: files of statements, in order; `whole` is as if all of them had been applied.

    Returns:
        A sentence for each step that was done; none where all was there.

    Raises:
        NoQueue: the tables are not Earmark's, or are newer than the migrations.
    """
    newest, applied = migrations[-1].name, _applied(connection)
    if applied is None:
        connection.execute(_TABLE)
        connection.execute(whole.encode())
        _note(connection, newest)
        return [f"made the queue's tables (as of Procrastinate {_version(newest)})"]
    _refuse_newer(applied, newest)
    missing = [each for each in migrations if each.name > applied]
    for each in missing:
        connection.execute(each.read_bytes())
        _note(connection, each.name)
    return [f"brought the queue's tables up to date ({each.name})" for each in missing]


def check(connection: psycopg.Connection[Any], migrations: Sequence[Path]) -> None:
    """See that all of these migrations were applied, and no more.

    Raises:
        NoQueue: they were not; the message says what to do.
    """
    newest, applied = migrations[-1].name, _applied(connection)
    if applied is None:
        raise NoQueue("the database has no queue yet: run `earmark ledger migrate` once, then this again")
    _refuse_newer(applied, newest)
    if applied < newest:
        raise NoQueue(
            "the database's queue is older than this Earmark: run `earmark ledger migrate` once,"
            " then this again"
        )


def _applied(connection: psycopg.Connection[Any]) -> str | None:
    """The last migration that was applied here; None where there is no queue.

    Raises:
        NoQueue: somebody else's queue is there.
    """
    found = connection.execute(
        "SELECT to_regclass('procrastinate_applied'), to_regclass('procrastinate_jobs')"
    ).fetchone()
    ours, anybodys = found or (None, None)
    if anybodys and not ours:
        raise NoQueue(
            "the database has a Procrastinate queue that Earmark did not make:"
            " give Earmark a database of its own"
        )
    if not ours:
        return None
    row = connection.execute("SELECT max(name) FROM procrastinate_applied").fetchone()
    return str(row[0]) if row else None


def _version(migration: str) -> str:
    """`3.4.0`, of `03.04.00_50_post_add_….sql`."""
    return ".".join(str(int(number)) for number in migration.split("_", maxsplit=1)[0].split("."))


def _refuse_newer(applied: str, newest: str) -> None:
    if applied > newest:
        raise NoQueue(
            f"the database's queue is newer ({applied}) than the Procrastinate installed here:"
            " pip install --upgrade procrastinate"
        )


def _note(connection: psycopg.Connection[Any], name: str) -> None:
    connection.execute("INSERT INTO procrastinate_applied (name) VALUES (%s)", [name])
