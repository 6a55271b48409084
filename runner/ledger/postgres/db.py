"""The ledger's database calls, spoken to PostgreSQL over a connection that may be lost and made again."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NoReturn

import psycopg
from psycopg.pq import TransactionStatus

from runner.ledger.db import Refused, Rows
from runner.ledger.postgres import connecting
from runner.ledger.postgres import dsn as address
from runner.ledger.postgres.dialect import translated
from runner.ledger.store import LedgerUnwritable


class Undone(LedgerUnwritable):
    """Nothing of a transaction is kept, through no fault of its own: it may be done again."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a server that went away is waited for."""

    seconds: float = 30.0
    gap: float = 0.2  # seconds between two tries at first; it doubles up to `most`
    most: float = 2.0
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], object] = time.sleep

    def tries(self) -> Iterator[bool]:
        """Whether it is the last one; the time between them passes here."""
        end, gap = self.clock() + self.seconds, self.gap
        while (left := end - self.clock()) > 0:
            yield False
            self.sleep(min(gap, left))
            gap = min(self.most, 2 * gap)
        yield True


class PostgresDb:
    """One connection at a time; used by one thread."""

    def __init__(self, dsn: str, *, purpose: str, writes: bool, patience: Patience | None = None) -> None:
        """Connect.

        Raises:
            NoServer: it cannot be reached, or does not let us in.
        """
        self.dsn, self._purpose, self._writes = dsn, purpose, writes
        self.patience = patience or Patience()
        self._connection = connecting.connect(dsn, purpose=purpose, writes=writes)
        self._name = self._who()

    @property
    def connection(self) -> connecting.Connection:
        """The driver's own, as it is now."""
        return self._connection

    @property
    def in_transaction(self) -> bool:
        """Whether BEGIN was said, and the transaction has not ended."""
        return self._connection.info.transaction_status in (
            TransactionStatus.INTRANS,
            TransactionStatus.INERROR,
        )

    def close(self) -> None:
        """Give the connection back."""
        connecting.close(self._connection)

    def execute(self, sql: str, values: Sequence[Any] = ()) -> Rows:
        """One statement; repeated after a reconnect where it stands alone, as what stands alone only reads.

        Raises:
            Undone: the transaction in which it stands is lost.
            LedgerUnwritable: the server is away for long, or cannot write.
        """
        inside = self.in_transaction
        try:
            return self._connection.execute(translated(sql), values)
        except psycopg.Error as error:
            if inside or not connecting.is_lost(self._connection, error):
                self.tell(error)
        self.reconnect()
        return self.execute(sql, values)

    def executemany(self, sql: str, values: Iterable[Sequence[Any]]) -> Rows:
        """The same statement for many rows of values, without waiting for each answer.

        Raises:
            Undone: the transaction in which it stands is lost.
            LedgerUnwritable: the server cannot write.
        """
        cursor = self._connection.cursor()
        try:
            cursor.executemany(translated(sql), values)
        except psycopg.Error as error:
            self.tell(error)
        return cursor

    def commit(self) -> None:
        """End the transaction; where the driver raises, whether it is durable is not known."""
        self._connection.execute("COMMIT")

    def insert(self, sql: str, values: Sequence[Any] = ()) -> int:
        """Add one row; its number."""
        return int(self.execute(f"{sql} RETURNING id", values).fetchone()[0])

    @contextmanager
    def tentative(self) -> Iterator[None]:
        """What is done inside may be refused without harm to the rest of the transaction.

        Raises:
            Refused: by a constraint or a trigger; nothing of it is kept.
        """
        self.execute("SAVEPOINT tentative")
        try:
            yield
        except psycopg.IntegrityError as error:
            self.execute("ROLLBACK TO SAVEPOINT tentative")
            raise Refused(error.diag.message_primary or str(error)) from error
        self.execute("RELEASE SAVEPOINT tentative")

    def reconnect(self) -> None:
        """Connect anew, waiting for the server, and end what hangs there of the connection before.

        Raises:
            LedgerUnwritable: it stays away, or does not let us in.
        """
        connecting.close(self._connection)
        for is_last in self.patience.tries():
            try:
                made = connecting.connect(self.dsn, purpose=self._purpose, writes=self._writes)
                break
            except connecting.NoServer as error:
                if is_last or not error.passing:
                    raise LedgerUnwritable(
                        f"{error}; nothing is lost: type the same command again"
                    ) from error
        self._connection, before = made, self._name
        self._name = self._who()
        # a line that was cut: the server may not know it yet, and its locks would hold us up
        self.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = ? AND backend_start = ?",
            before,
        )

    def _who(self) -> tuple[int, object]:
        """What tells this connection from all others there ever were."""
        pid = self._connection.info.backend_pid
        row = self._connection.execute(
            "SELECT backend_start FROM pg_stat_activity WHERE pid = %s", (pid,)
        ).fetchone()
        return pid, row[0] if row else None

    def tell(self, error: psycopg.Error) -> NoReturn:
        """Raise what the ledger's users know of it; a refusal by a constraint and a bug stay as they are."""
        if connecting.is_lost(self._connection, error) or isinstance(error, connecting.UNDONE):
            raise Undone(self._told(error)) from error
        if isinstance(error, psycopg.OperationalError | psycopg.errors.ReadOnlySqlTransaction):
            raise LedgerUnwritable(self._told(error)) from error
        raise error

    def _told(self, error: psycopg.Error) -> str:
        said = " ".join(address.without_secrets(str(error), self.dsn).split())
        return (
            f"the ledger on {address.shown(self.dsn)} cannot be written: {said}; nothing is lost,"
            " type the same command again"
        )
