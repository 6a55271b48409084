"""The ledger's database calls, spoken to PostgreSQL over a connection that may be lost and made again."""

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, NoReturn, TypeAlias

import psycopg

from runner.ledger.db import Refused, Rows
from runner.ledger.postgres import connecting
from runner.ledger.postgres import dsn as address
from runner.ledger.postgres.dialect import translated
from runner.ledger.store import LedgerUnwritable


class Undone(LedgerUnwritable):
    """Nothing of a transaction is kept, through no fault of its own: it may be done again."""


_Name: TypeAlias = tuple[int, object]
"""What tells a connection from all others there ever were: its process on the server, and when that began."""


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
        self._before: list[_Name] = []  # connections that were lost, and may hang on the server
        self._open = False
        self._connection, self._name = self._connected()

    @property
    def connection(self) -> connecting.Connection:
        """The driver's own, as it is now."""
        return self._connection

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction was begun, and nobody ended it: also where its connection is lost since.

        What the driver knows of the connection says something else: it may have learned of the loss together
        with the answer to the last statement, and the next one would be written alone on another connection.
        """
        return self._open

    def close(self) -> None:
        """Give the connection back."""
        connecting.close(self._connection)

    def execute(self, sql: str, values: Sequence[Any] = ()) -> Rows:
        """One statement; repeated after a reconnect where it stands alone, as what stands alone only reads.

        Raises:
            Undone: the transaction in which it stands is lost.
            LedgerUnwritable: the server is away for long, or cannot write.
        """
        while True:
            inside = self.in_transaction
            try:
                with self._whole():
                    return self._connection.execute(translated(sql), values)
            except psycopg.Error as error:
                if inside or not connecting.is_lost(self._connection, error):
                    self.tell(error)
            self.reconnect()

    def executemany(self, sql: str, values: Iterable[Sequence[Any]]) -> Rows:
        """The same statement for many rows of values, without waiting for each answer.

        Raises:
            Undone: the transaction in which it stands is lost.
            LedgerUnwritable: the server cannot write.
        """
        cursor = self._connection.cursor()
        try:
            with self._whole():
                cursor.executemany(translated(sql), values)
        except psycopg.Error as error:
            self.tell(error)
        return cursor

    def begin(self, how: str = "") -> None:
        """Begin a transaction, on another connection where this one was lost meanwhile.

        Raises:
            LedgerUnwritable: the server is away for long.
        """
        self.execute(f"BEGIN {how}")
        self._open = True

    def commit(self) -> None:
        """End the transaction; where the driver raises, whether it is durable is not known."""
        self._open = False
        with self._whole():
            said = self._connection.execute("COMMIT").statusmessage
        if said != "COMMIT":
            raise psycopg.errors.InFailedSqlTransaction("the server undid a transaction that was to be kept")

    def roll_back(self) -> None:
        """End a transaction that was begun, if any, and keep nothing of it."""
        if self._open:
            self._open = False
            with suppress(psycopg.Error), self._whole():  # lost: the server does it by itself
                self._connection.execute("ROLLBACK")

    @contextmanager
    def _whole(self) -> Iterator[None]:
        """Give up the connection where a call was broken off, by a signal: the driver is amid an exchange.

        Whatever came next would wait for answers that never come, with the transaction's locks held.
        """
        before = sys.exception()
        try:
            yield
        except BaseException as error:
            cause = _broken_off(error, before)
            if cause is None:
                raise
            connecting.close(self._connection)
            if cause is error:
                raise
            raise cause from None

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
        self._open = False
        self._before.append(self._name)
        for is_last in self.patience.tries():
            try:
                self._connection, self._name = self._connected()
                break
            except connecting.NoServer as error:
                if is_last or not error.passing:
                    raise LedgerUnwritable(
                        f"{error}; nothing is lost: type the same command again"
                    ) from error

    def _connected(self) -> tuple[connecting.Connection, _Name]:
        """A connection that has answered, and its name; what hangs there of those before is ended.

        Raises:
            NoServer: none can be had, or it was lost again at once, as while a server stops.
        """
        made = connecting.connect(self.dsn, purpose=self._purpose, writes=self._writes)
        try:
            pid = made.info.backend_pid
            row = made.execute("SELECT backend_start FROM pg_stat_activity WHERE pid = %s", (pid,)).fetchone()
            for name in self._before:
                # a line that was cut: the server may not know it yet, and its locks would hold us up
                made.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE pid = %s AND backend_start = %s",
                    name,
                )
        except psycopg.Error as error:
            lost = connecting.is_lost(made, error)
            connecting.close(made)
            if not lost:
                raise
            raise connecting.NoServer(self._told(error), passing=True) from error
        self._before.clear()
        return made, (pid, row[0] if row else None)

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


def _broken_off(error: BaseException | None, before: BaseException | None) -> BaseException | None:
    """What came amid a call and is no answer to it; the driver, on its way out of it, may hide it."""
    while error is not None and error is not before:
        if not isinstance(error, psycopg.Error):
            return error
        error = error.__context__
    return None
