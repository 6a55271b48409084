"""What each part of the ledger stands on: a database, a clock, transactions that are durable as a whole."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AbstractContextManager

from manifests.errors import EarmarkError, MachineError
from runner.ledger.db import Db
from runner.locks import Locks
from runner.points import Reach, nowhere


class NoLedgerYet(MachineError):
    """A place in which another process is about to make a ledger, or that a crash left empty."""


class OverTheCap(EarmarkError):
    """A reservation that the cap does not allow."""


class LedgerUnwritable(MachineError):
    """A transaction that could not be made durable; all of it is undone."""


class AlreadyLive(EarmarkError):
    """Another attempt of this part lives: another run buys it."""


class Store(ABC):
    """One wallet's database; used by one thread."""

    def __init__(self, db: Db, clock: Callable[[], float]) -> None:
        self.reach: Reach = nowhere
        self.run_id: int | None = None  # the run that reserves, once it has begun
        self._clock = clock
        self._db = db

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

        Raises:
            LedgerUnwritable: the ledger can no longer be written.
        """

    @abstractmethod
    def locks(self) -> Locks:
        """The locks of this ledger's manifests; none is held yet."""

    @abstractmethod
    def make_room(self) -> bool:
        """Make room for the last writes where none is left; False when there is nothing more to free."""

    @abstractmethod
    def _weigh(self, rows: int) -> None:
        """Told that a transaction writes many rows."""

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
