"""The looks of a fleet in its ledger, over a connection of their own: they never wait for a run's turn."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock

from manifests.errors import MachineError
from runner.fleet.looks import Board, LiveJobs
from runner.ledger.interface import Ledger


class LedgerLooks:
    """A `runner.fleet.looks.Looks`; the connection is made when first needed, and anew after it was lost."""

    def __init__(self, opened: Callable[[], Ledger]) -> None:
        """`opened` opens the fleet's ledger once more, without a lease."""
        self._opened = opened
        self._lock = Lock()
        self._ledger: Ledger | None = None

    def board(self, name: str, after: int = 0) -> Board:
        """The looks of a name as they stand."""
        with self._using() as ledger:
            return ledger.board(name, after)

    def begin(self, name: str, seconds: float) -> int | None:
        """Begin a look and claim the name; None where somebody else looks, or where the name rests."""
        with self._using() as ledger, ledger.transaction():
            return ledger.begin_look(name, seconds)

    def sign(self, name: str, number: int, seconds: float) -> None:
        """Hold the claim for so many seconds more."""
        with self._using() as ledger, ledger.transaction():
            ledger.claim_look(name, number, seconds)

    def end(self, name: str, number: int, body: str, rest: float) -> None:
        """Tell what was seen."""
        with self._using() as ledger, ledger.transaction():
            ledger.end_look(name, number, body, rest)

    def drop(self, name: str, number: int) -> None:
        """Nothing was seen that others could use."""
        with self._using() as ledger, ledger.transaction():
            ledger.drop_look(name, number)

    def live_jobs(self, service: str) -> LiveJobs:
        """The jobs of a service that any run waits for."""
        with self._using() as ledger:
            return ledger.live_jobs(service)

    def close(self) -> None:
        """Give the connection back."""
        with self._lock:
            self._give_back()

    @contextmanager
    def _using(self) -> Iterator[Ledger]:
        with self._lock:
            if self._ledger is None:
                self._ledger = self._opened()
            try:
                yield self._ledger
            except MachineError:
                self._give_back()
                raise

    def _give_back(self) -> None:
        ledger, self._ledger = self._ledger, None
        if ledger is not None:
            ledger.close()
