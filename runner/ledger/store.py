"""What each part of the ledger stands on: a database, a clock, transactions that are durable as a whole."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import TypeVar

from manifests.errors import EarmarkError, MachineError
from runner.ledger.db import Db
from runner.locks import Locks
from runner.points import Reach, nowhere

T = TypeVar("T")


class NoLedgerYet(MachineError):
    """A place in which another process is about to make a ledger, or that a crash left empty."""


class OverTheCap(EarmarkError):
    """A reservation that the cap does not allow."""


class LedgerUnwritable(MachineError):
    """A transaction that could not be made durable; all of it is undone."""


class LeaseLost(MachineError):
    """The run was taken for lost, as it gave no sign of life: what it drove may go on elsewhere."""

    def __init__(self) -> None:
        super().__init__(
            "this run gave no sign of life for too long, paused or cut off from the ledger, and was taken for"
            " lost: nothing more was sent, and what may have been is looked for by whoever goes on. Type the"
            " same command again"
        )


class AlreadyLive(EarmarkError):
    """Another attempt of this part lives: another run buys it."""


class Store(ABC):
    """One wallet's database; used by one thread."""

    def __init__(self, db: Db, clock: Callable[[], float]) -> None:
        self.reach: Reach = nowhere
        self.run_id: int | None = None  # the run that reserves, once it has begun
        self.lease: int | None = (
            None  # the run whose turns these are, where it counts as alive for a while only
        )
        self.among: Sequence[str] | None = None  # keys of the only lines that `items` tells of; all
        self.host = ""  # written beside results, where many hosts keep them
        self._clock = clock
        self._db = db

    shared: bool = False
    """Whether many hosts use it at once, each run by a lease."""

    @property
    @abstractmethod
    def another_wallet(self) -> str:
        """How a key of another wallet gets a ledger of its own: the end of a sentence."""

    @property
    @abstractmethod
    def place(self) -> str:
        """Where the ledger is, for people; no secret is in it."""

    @abstractmethod
    def close(self) -> None:
        """Give the database back."""

    @abstractmethod
    def transaction(self) -> AbstractContextManager[None]:
        """All writes inside become durable together, or none does.

        With a lease it is a turn of that run, counted before anything else is done.

        Raises:
            LedgerUnwritable: the ledger can no longer be written.
            LeaseLost: the run was fenced, or its lease is over.
        """

    @abstractmethod
    def alone(self, name: str) -> None:
        """Wait until nobody else is in a transaction that said this name; belongs in one, before it reads.

        What is read then, and decided by, stays so until this transaction is durable.
        """

    @abstractmethod
    def locks(self) -> Locks:
        """The locks of this ledger's manifests; none is held yet."""

    @abstractmethod
    def make_room(self) -> bool:
        """After a transaction that came to nothing: whether another try may do better.

        Frees what was kept for the last writes; waits for a server that went away.
        """

    @abstractmethod
    def _weigh(self, rows: int) -> None:
        """Told that a transaction writes many rows."""

    def durably(self, act: Callable[[], T]) -> T:
        """Do something in a transaction of its own; anew after one that came to nothing, where that may help.

        `act` may be called more than once, each time as if it had not been before.

        Raises:
            LedgerUnwritable: it did not become durable.
            LeaseLost: the run was fenced, or its lease is over.
        """
        while True:
            try:
                with self.transaction():
                    return act()
            except LedgerUnwritable:
                if not self.make_room():
                    raise

    def retried(self, act: Callable[[], T]) -> T:
        """The same, but anew only where a connection was lost or another host was in the way.

        What is kept for the last writes to a full disk is left for those.

        Raises:
            LedgerUnwritable: it did not become durable.
            LeaseLost: the run was fenced, or its lease is over.
        """
        while True:
            try:
                with self.transaction():
                    return act()
            except LedgerUnwritable:
                if not (self.shared and self.make_room()):
                    raise

    def moment(self) -> float:
        """The ledger's own clock, in seconds since 1970; what leases go by."""
        return self._clock()

    def hour(self) -> float:
        """The same without asking it, by this machine's clock and what that differed by lately.

        What is written down bears it, and what is compared with that goes by it: hosts may disagree.
        """
        return self._clock()

    def _count_turn(self) -> None:
        """Count a turn of the run that has the lease, which keeps others from fencing it until the turn ends.

        Raises:
            LeaseLost: it was fenced, or its lease is over.
        """
        if self.lease is None:
            return
        counted = self._db.execute(
            "UPDATE runs SET turns = turns + 1"
            " WHERE id = ? AND lease_until > ? AND fenced IS NULL AND ended IS NULL",
            (self.lease, self.moment()),
        )
        if not counted.rowcount:
            raise LeaseLost

    def meta(self, key: str) -> str | None:
        """A fact kept under a key, or None."""
        row = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def set_meta(self, key: str, value: str) -> None:
        """Keep a fact under a key."""
        self._db.execute(
            "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            (key, value),
        )

    @property
    def db(self) -> Db:
        """The database, for the ledger's own neighbours."""
        return self._db
