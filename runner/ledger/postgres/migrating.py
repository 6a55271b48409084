"""The schema on a server, made and brought up to date by numbered files, each once, all in one transaction.

Unlike a file of one host's, a server is used by hosts of several versions of Earmark: none of them changes
its tables in passing. A person does, with `earmark ledger migrate`.
"""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from importlib import resources

import psycopg

from manifests.errors import MachineError
from runner.ledger.postgres import dsn as address
from runner.ledger.postgres.connecting import Connection, connect
from runner.ledger.versions import VERSION

OLDEST = 4
"""The first version that a server had; `schema_N.sql` leads from N - 1 to N, the first one from nothing."""

LOCK = 0x4541524D_4D494752  # "EARMMIGR"
"""Of the server's advisory locks: one migration at a time."""


FIRST_LEASES = 5
"""The first version that knows whether a run is alive."""


@dataclass(frozen=True, slots=True)
class Migrated:
    """What a migration did: from which version to which; `before` is 0 where nothing was there."""

    before: int
    after: int
    queue: tuple[str, ...] = ()  # what was done to the engine's own tables, in sentences


def version_of(connection: Connection) -> int:
    """The version of the ledger in a database; 0 where there is none."""
    there = connection.execute("SELECT to_regclass('earmark_versions') IS NOT NULL").fetchone()
    if there is None or not there[0]:
        return 0
    row = connection.execute("SELECT coalesce(max(version), 0) FROM earmark_versions").fetchone()
    return 0 if row is None else int(row[0])


def version_at(dsn: str) -> int:
    """The version of the ledger at an address; 0 where there is none.

    Raises:
        NoServer: it cannot be reached, or does not let us in.
    """
    with closing(connect(dsn, purpose="look", writes=False)) as connection:
        return version_of(connection)


def strangers(connection: Connection) -> list[str]:
    """Tables of somebody else's that stand where a ledger's would."""
    rows = connection.execute(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()"
        " AND table_name IN ('meta', 'manifests', 'runs', 'purchases', 'parts', 'attempts', 'items',"
        " 'standings', 'results', 'allotments', 'usage_rows', 'extra_charges', 'history') ORDER BY 1"
    )
    return [name for (name,) in rows]


def migrate_at(dsn: str, queue: Callable[[Connection], list[str]]) -> Migrated:
    """Make the tables at an address, or bring them up to date; all of it or nothing.

    Args:
        dsn: postgresql://...
        queue: makes the engine's own tables in the same transaction; a sentence for each step.

    Raises:
        MachineError: it cannot be reached or changed, holds a newer ledger or another program's tables,
            or runs are under way.
    """
    with closing(connect(dsn, purpose="migrate", writes=True)) as connection:
        try:
            with connection.transaction():
                done = migrate(connection)
                return replace(done, queue=tuple(queue(connection)))
        except psycopg.Error as error:
            said = " ".join(str(error).split())
            raise MachineError(
                f"{address.shown(dsn)} could not be changed, and is as it was: {said}. The address needs a"
                " user who owns the database, or may create tables in it"
            ) from error


def migrate(connection: Connection, to: int = VERSION) -> Migrated:
    """Bring a database's ledger to a version, or make it; nothing where it is there already.

    Raises:
        MachineError: a newer ledger, tables of another program, or runs that are under way.
    """
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
        before = version_of(connection)
        if before > to:
            raise MachineError(newer(before))
        if FIRST_LEASES <= before < to and (alive := _alive(connection)):
            raise MachineError(
                f"{alive:,} runs of earlier versions are under way: stop the workers first, then migrate,"
                " then start them with the new Earmark"
            )
        if not before and (found := strangers(connection)):
            raise MachineError(
                f"this database has tables of another program that are called as a ledger's are:"
                f" {', '.join(found[:3])}; make a database of its own for the ledger with `createdb`"
            )
        if not before:
            connection.execute(
                "CREATE TABLE earmark_versions (version BIGINT PRIMARY KEY, since TIMESTAMPTZ NOT NULL)"
            )
        for step in range(max(before + 1, OLDEST), to + 1):
            connection.execute(_text(step), prepare=False)
            connection.execute("INSERT INTO earmark_versions VALUES (%s, clock_timestamp())", (step,))
    return Migrated(before, to)


def _alive(connection: Connection) -> int:
    row = connection.execute(
        "SELECT count(*) FROM runs WHERE ended IS NULL AND fenced IS NULL"
        " AND lease_until > extract(epoch FROM clock_timestamp())"
    ).fetchone()
    return int(row[0]) if row else 0


def odd(version: int) -> str:
    """What to say of a database whose ledger is not of this version."""
    if version > VERSION:
        return newer(version)
    there = f"the ledger has version {version}" if version else "the database holds no ledger yet"
    return f"{there}, and this Earmark needs version {VERSION}: `earmark ledger migrate` makes it"


def newer(version: int) -> str:
    """What to say of a ledger of a later version."""
    return f"the ledger has version {version}, this Earmark knows {VERSION}: use the newer Earmark"


def _text(step: int) -> str:
    return (
        resources.files("runner.ledger.postgres").joinpath(f"schema_{step}.sql").read_text(encoding="utf-8")
    )
