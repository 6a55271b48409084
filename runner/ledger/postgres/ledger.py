"""The ledger in a PostgreSQL database: the same books, kept for many hosts at once."""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Self

import psycopg

from manifests.errors import MachineError
from runner.ledger.interface import Ledger
from runner.ledger.postgres import connecting, migrating
from runner.ledger.postgres import dsn as address
from runner.ledger.postgres.bulk import BulkItems
from runner.ledger.postgres.db import Patience, PostgresDb, Undone
from runner.ledger.postgres.locks import PostgresLocks, be_alone
from runner.ledger.postgres.reserving import GroupedAttempts
from runner.ledger.store import LeaseLost, LedgerUnwritable
from runner.ledger.versions import VERSION
from runner.locks import Locks
from runner.points import Point

TRIES = 10
"""How often in a row a transaction is begun again that another one undid."""


_TURNS: defaultdict[str, threading.RLock] = defaultdict(threading.RLock)
"""By database: this process's own turns wait for each other here. Waiting at the server, they would get their
locks one after the other while the process is paused, and each keep all hosts waiting for its time."""

_NOW = "CAST(extract(epoch FROM clock_timestamp()) AS double precision)"

_TURN = (
    "WITH me AS (UPDATE runs SET turns = turns + 1 WHERE id = ? AND fenced IS NULL AND ended IS NULL"  # noqa: S608
    f" AND lease_until > {_NOW} RETURNING turns, manifest_id)"
    f" SELECT me.turns, {_NOW} FROM me JOIN manifests m ON m.id = me.manifest_id FOR NO KEY UPDATE OF m"
)


@dataclass(frozen=True, slots=True)
class _Counted:
    """A transaction as a run's turn: durable once the run has counted so many."""

    run_id: int
    number: int


@dataclass(frozen=True, slots=True)
class _Named:
    """A transaction by the server's own number."""

    transaction: str


class NotMigrated(MachineError):
    """A database without a ledger, or with one of another version."""


class PostgresLedger(BulkItems, GroupedAttempts, Ledger):
    """One wallet's database; used by one thread."""

    def __init__(
        self,
        dsn: str,
        clock: Callable[[], float],
        *,
        purpose: str = "run",
        patience: Patience | None = None,
        writes: bool = True,
    ) -> None:
        """Open the ledger at an address.

        Args:
            dsn: postgresql://...
            clock: seconds since 1970.
            purpose: shown by the server beside the connection.
            patience: how long the server is waited for when it goes away.
            writes: else everything that is read is of one moment, and nothing can be written.

        Raises:
            MachineError: it cannot be reached, or is no ledger of this version.
        """
        self.dsn, self._patience = dsn, patience
        self._server = PostgresDb(dsn, purpose=purpose, writes=writes, patience=patience)
        super().__init__(self._server, clock)
        self._undone = 0  # transactions in a row
        self._ahead = 0.0  # seconds by which the server's clock is ahead of this machine's
        self._turn: _Counted | _Named = _Named("")
        try:
            self._recognise()
            self._keep_time(clock(), PostgresLedger.moment(self))
            if not writes:
                self._server.begin("ISOLATION LEVEL REPEATABLE READ READ ONLY")
        except BaseException:
            self._server.close()
            raise

    @classmethod
    def reading(cls, dsn: str, clock: Callable[[], float]) -> Self:
        """A ledger to look into while others write it; no method that writes works.

        Raises:
            MachineError: it cannot be reached, or is no ledger of this version.
        """
        return cls(dsn, clock, purpose="look", writes=False)

    shared = True

    @property
    def another_wallet(self) -> str:
        """Another database."""
        return (
            "make a database of its own for that wallet, name it in EARMARK_LEDGER,"
            " and `earmark ledger migrate`"
        )

    @property
    def place(self) -> str:
        """The server and the database."""
        return address.shown(self.dsn)

    def close(self) -> None:
        """Give the connection back."""
        self._server.close()

    def alone(self, name: str) -> None:
        """By a lock that the server keeps until the transaction ends."""
        be_alone(self._server, name)

    def locks(self) -> Locks:
        """The server's own, on a connection of their own."""
        return PostgresLocks(
            lambda: PostgresDb(self.dsn, purpose="locks", writes=False, patience=self._patience),
            self._server,
        )

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All writes inside become durable together, or none does.

        Raises:
            LedgerUnwritable: they did not; `make_room` tells whether to try again.
        """
        run = self.run_id, self.lease
        try:
            with self._queue():
                self._begin()
                try:
                    yield
                    self.reach(Point.BEFORE_COMMIT)
                except BaseException:
                    self._server.roll_back()
                    raise
                self._commit()
        except Undone:
            self._undone += 1
            self.run_id, self.lease = run  # as before: a run that did not end after all has its lease
            raise
        self._undone = 0
        self.reach(Point.AFTER_COMMIT)

    def make_room(self) -> bool:
        """Whether a transaction that came to nothing may be done again; waits for a server that went away.

        Raises:
            LedgerUnwritable: it stays away.
        """
        if not 0 < self._undone <= TRIES:
            return False
        if self._server.connection.closed:
            self._server.reconnect()
        return True

    def _weigh(self, rows: int) -> None:
        pass

    def moment(self) -> float:
        """The server's clock: hosts may disagree about the hour without harm."""
        return float(self._db.execute(f"SELECT {_NOW}").fetchone()[0])

    def hour(self) -> float:
        """The server's clock, as it was told with the beginning of the last transaction."""
        return self._clock() + self._ahead

    def _keep_time(self, asked: float, moment: float) -> None:
        """Learn what the server said is the time, somewhere between when it was asked and now.

        Whoever waits for a lock meanwhile learns less, and what was known before stays as far as it can.
        """
        self._ahead = min(max(self._ahead, moment - self._clock()), moment - asked)

    def _queue(self) -> AbstractContextManager[object]:
        """Only turns are so many, and take a lock that all hosts want."""
        return nullcontext() if self.lease is None else _TURNS[self.dsn]

    def _begin(self) -> None:
        self._server.begin()
        try:
            self._count_turn()
        except BaseException:
            self._server.roll_back()
            raise

    def _count_turn(self) -> None:
        """Count a turn of the run that has the lease, and lock its row and its manifest's, in this order.

        Turns of one manifest follow each other then, on all hosts: they would wait for each other's sums
        anyway, and in whatever order they came to them.

        Raises:
            LeaseLost: it was fenced, or its lease is over.
        """
        asked = self._clock()
        if self.lease is None:
            found = self._server.execute(f"SELECT CAST(pg_current_xact_id() AS TEXT), {_NOW}").fetchone()
            self._turn = _Named(found[0])
            self._keep_time(asked, found[1])
            return
        found = self._server.execute(_TURN, (self.lease,)).fetchone()
        if found is None:
            raise LeaseLost
        self._turn = _Counted(self.lease, found[0])
        self._keep_time(asked, found[1])

    def _commit(self) -> None:
        try:
            self._server.commit()
        except psycopg.Error as error:
            if not connecting.is_lost(self._server.connection, error):
                self._server.tell(error)
            self._find_out()

    def _find_out(self) -> None:
        """Whether a transaction is durable whose COMMIT had no answer.

        Raises:
            Undone: it is not.
            LedgerUnwritable: nobody can tell.
        """
        self._server.reconnect()
        match self._turn:
            case _Counted(
                run_id, number
            ):  # waits until the connection before has ended, one way or the other
                row = self._server.execute("SELECT turns FROM runs WHERE id = ? FOR UPDATE", (run_id,))
                durable = row.fetchone()[0] >= number
            case _Named(transaction):
                durable = self._became_durable(transaction)
        if not durable:
            raise Undone(f"the connection to {self.place} was lost before the ledger was written")

    def _became_durable(self, transaction: str) -> bool:
        """Raises LedgerUnwritable where nobody can tell."""
        for is_last in self._server.patience.tries():
            try:
                row = self._server.execute("SELECT pg_xact_status(CAST(? AS xid8))", (transaction,))
            except psycopg.DataError:  # another server took over, which has never heard of it
                return False
            status = row.fetchone()[0]
            if status in ("committed", "aborted"):
                return bool(status == "committed")
            if is_last:
                break
        raise LedgerUnwritable(
            f"the connection to {self.place} was lost while the ledger was written, and whether it was cannot"
            " be told; look with `earmark status`, and type the same command again"
        )

    def _recognise(self) -> None:
        try:
            version = migrating.version_of(self._server.connection)
        except psycopg.Error as error:
            self._server.tell(error)
        if version != VERSION:
            raise NotMigrated(f"{self.place}: {migrating.odd(version)}")
