"""Signs of life: a thread with a ledger of its own gives them for all runs of a process.

What it knows is asked where no ledger can be: by an upload's thread before its last chunk goes. A run counts
as alive for a lease from before its last sign was given, by a clock that goes on while the machine sleeps.
"""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

from manifests.errors import MachineError
from runner.fleet.rates import SharedRates
from runner.ledger.fleet_rows import BEAT_EVERY, LEASE
from runner.ledger.interface import Ledger

MARGIN = 5.0
"""Seconds before the end of a lease from which on no last chunk goes: it needs some time to arrive."""


class Pulse(Protocol):
    """What a run with a lease asks about itself."""

    def add(self, run_id: int, since: float) -> None:
        """A run whose lease began after this moment of `now`."""
        ...

    def drop(self, run_id: int) -> None:
        """The run has ended: no more signs for it."""
        ...

    def now(self) -> float:
        """Seconds by the clock of this machine."""
        ...

    def holds(self, run_id: int) -> bool:
        """Whether the run's lease surely goes on for a moment."""
        ...

    def is_lost(self, run_id: int) -> bool:
        """Whether the run was fenced: what it drove goes on elsewhere."""
        ...

    def stopped(self, run_id: int) -> str:
        """Why nothing more is to be bought for its dispatch; empty where nobody said so."""
        ...


def awake() -> float:
    """Seconds by a clock that cannot be set, and that goes on while the machine sleeps."""
    kind = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if kind is None else time.clock_gettime(kind)


class Beating:
    """Gives the signs, and keeps what they tell back."""

    def __init__(
        self,
        open_ledger: Callable[[], Ledger],
        worker_id: int | None,
        *,
        lease: float = LEASE,
        clock: Callable[[], float] = awake,
        rates: SharedRates | None = None,
    ) -> None:
        """Give none yet.

        Args:
            open_ledger: makes the connection of the thread's own; raises MachineError where none can be had.
            worker_id: of the process, where it takes shifts.
            lease: seconds for which a run counts as alive after a sign.
            clock: seconds, of this machine.
            rates: shared with the fleet at each sign; None where nothing is.
        """
        self._open, self._worker_id, self._lease, self.now = open_ledger, worker_id, lease, clock
        self._rates = rates or SharedRates()
        self._ledger: Ledger | None = None
        self._lock = threading.Lock()
        self._until: dict[int, float] = {}  # by run, on our clock
        self._lost: set[int] = set()
        self._stopped: dict[int, str] = {}
        self._over = threading.Event()
        self._thread: threading.Thread | None = None
        self.live = 0  # runs of shifts in the whole fleet, as last told

    def add(self, run_id: int, since: float) -> None:
        """A run whose lease began after this moment of `now`."""
        with self._lock:
            self._until[run_id] = since + self._lease

    def drop(self, run_id: int) -> None:
        """The run has ended: no more signs for it."""
        with self._lock:
            self._until.pop(run_id, None)
            self._lost.discard(run_id)
            self._stopped.pop(run_id, None)

    def holds(self, run_id: int) -> bool:
        """Whether the run's lease surely goes on for a moment."""
        return self.now() < self._until.get(run_id, 0.0) - MARGIN

    def is_lost(self, run_id: int) -> bool:
        """Whether the run was fenced: what it drove goes on elsewhere."""
        return run_id in self._lost

    def stopped(self, run_id: int) -> str:
        """Why nothing more is to be bought for its dispatch; empty where nobody said so."""
        return self._stopped.get(run_id, "")

    def once(self) -> bool:
        """Give one sign; False where the ledger cannot be reached, which says nothing about the runs."""
        runs = frozenset(self._until) - self._lost
        began = self.now()
        try:
            if self._ledger is None:
                self._ledger = self._open()
            with self._ledger.transaction():
                told = self._ledger.beat(self._worker_id, runs, self._lease)
                self._rates.exchange(self._ledger)
        except MachineError:
            self._close()
            return False
        with self._lock:
            for run_id in runs & self._until.keys():
                if run_id in told.alive:
                    self._until[run_id] = began + self._lease
                else:
                    self._until[run_id] = 0.0
                    self._lost.add(run_id)
            self._stopped = dict(told.stopped)
        self.live = told.live
        return True

    def start(self, every: float = BEAT_EVERY) -> None:
        """Give a sign every so many seconds, from a thread."""
        self._thread = threading.Thread(target=self._go_on, args=(every,), name="beat", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Give no more signs."""
        self._over.set()
        if self._thread is not None:
            self._thread.join()
        self._close()

    def _go_on(self, every: float) -> None:
        while not self._over.is_set():
            self.once()
            self._over.wait(every)
        self._close()

    def _close(self) -> None:
        ledger, self._ledger = self._ledger, None
        if ledger is not None:
            with suppress(MachineError):
                ledger.close()
