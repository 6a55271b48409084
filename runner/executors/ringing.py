"""Ringing in a ledger's own transaction, whichever store keeps it."""

from collections.abc import Sequence

from manifests.errors import MachineError
from runner.ledger.interface import Ledger
from runner.ledger.sqlite.db import SqliteDb


def ring(ledger: Ledger, shifts: Sequence[int]) -> None:
    """Tell hosts of shifts that wait: heard once the transaction in which this is called is durable.

    A ledger in a file is that of one machine: who works there looks for itself, and nobody is told.

    Raises:
        LedgerUnwritable: as the ledger's own statements do.
    """
    if not shifts or isinstance(ledger.db, SqliteDb):
        return
    import psycopg

    from runner.executors import procrastinate_door
    from runner.ledger.postgres.db import PostgresDb

    assert isinstance(ledger.db, PostgresDb)
    try:
        procrastinate_door.defer(ledger.db.connection, shifts)
    except psycopg.Error as error:
        ledger.db.tell(error)


def need_queue() -> None:
    """Make sure that the queue's library is here.

    Raises:
        MachineError: it is not; with the command that installs it.
    """
    try:
        import procrastinate  # noqa: F401 - the door needs it
    except ImportError as error:
        raise MachineError(
            f"a part of Earmark is missing for work on several hosts ({error}):"
            " `pip install 'earmark-audio[distributed]'`"
        ) from error
