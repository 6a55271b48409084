"""What a run on a shared ledger is given beside the ends of any run."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from runner.fleet.place import Place
from runner.fleet.rates import SharedRates
from runner.ledger.fleet_rows import LEASE
from runner.ledger.interface import Ledger

AT_ONCE = 4
"""Shifts that one process works on at once: while one waits for its last jobs and bills, others send."""

LOOK = 0.5
"""Seconds between two looks at the shifts: some ten small questions to the ledger."""

Connect = Callable[[], Ledger]
"""Another connection to the ledger, for another thread; raises MachineError where none can be had."""

Ring = Callable[[Ledger, Sequence[int]], None]
"""Wakes hosts for shifts by their numbers, in the ledger's open transaction: all of it or nothing."""


class Hand(Protocol):
    """A shift that was taken."""

    def work(self) -> object:
        """See it through, and end it."""
        ...

    def interrupt(self, number: int) -> None:
        """Leave as on a signal, which a second one hurries; from any thread."""
        ...


class Take(Protocol):
    """Takes a shift that waits, for a process on this host; None where none may be taken."""

    def __call__(self, place: Place, ends: Any, *, manifest_id: str | None = None) -> Hand | None:
        """`ends` are those of any run, with a ledger of the thread's own."""
        ...


def _nobody(_ledger: Ledger, _shifts: Sequence[int]) -> None:
    return None


@dataclass(frozen=True, slots=True)
class FleetEnds:
    """The outside of a dispatch; tests put fakes here."""

    connect: Connect
    take: Take  # `runner.fleet.shift.take`
    ring: Ring = _nobody
    at_once: int = AT_ONCE  # 0: this process takes no shifts itself
    lease: float = LEASE  # seconds
    rates: SharedRates = field(default_factory=SharedRates)  # of this process
    look: float = LOOK  # seconds between two looks at the shifts, and at what waits for a free hand
