"""What the ledger holds of a fleet, as frozen values; times are seconds since 1970 by its own clock."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from manifests.money import ZERO, Cents

LEASE = 30.0
"""Seconds for which a run counts as alive after a sign of life."""

BEAT_EVERY = 5.0
"""Seconds between two signs of life."""

LOOK_EVERY = 5.0
"""Seconds between two looks for runs that give none any more."""

MOST_LOST = 8
"""Hosts that may be lost over one shift before it is given to nobody any more: something in it kills them."""


class ShiftState(StrEnum):
    """Where a shift stands."""

    WAITING = "waiting"
    TAKEN = "taken"
    DONE = "done"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class NewShift:
    """Lines to be worked on by one host at a time."""

    lines: str  # as JSON; the ledger only keeps them
    keys: Sequence[str]  # of these lines, each once
    buys: bool = True  # False: only what is bought already is seen through


@dataclass(frozen=True, slots=True)
class Dispatch:
    """What one run offers to the fleet."""

    dispatch_id: int
    manifest_id: str
    run_id: int  # of the run that offers; it is the one that reserves, whoever sends
    head: str  # of the manifest, as JSON
    options: str  # what the run was asked for, as JSON
    cap: Cents  # that this run asked for, whatever others asked for since
    created: float
    stopped: float | None = None  # from then on nothing more is bought for it
    ended: float | None = None
    reason: str = ""  # why it was stopped


@dataclass(frozen=True, slots=True)
class Shift:
    """Some lines of a manifest, with the run that has them while they are taken."""

    shift_id: int
    dispatch_id: int
    manifest_id: str
    ordinal: int
    lines: str  # as JSON
    size: int  # how many lines
    buys: bool
    state: ShiftState
    run_id: int | None
    tries: int  # hosts that were lost over it
    since: float  # when it came to this state
    outcome: str = ""  # what it ended with, as JSON


@dataclass(frozen=True, slots=True)
class Taken:
    """A shift that this process has from now on, and the run that it is."""

    shift: Shift
    run_id: int  # of this host's part; it has a lease
    dispatch: Dispatch
    keys: frozenset[str]  # of the lines that are still the shift's: others were given up meanwhile


@dataclass(frozen=True, slots=True)
class Beats:
    """What a sign of life tells back."""

    alive: frozenset[int]  # those of the runs whose leases go on; all others must send nothing more
    stopped: dict[int, str] = field(default_factory=dict)  # why, by run: it is to submit nothing more
    live: int = 0  # runs of shifts that are alive in the whole fleet
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class Fenced:
    """A run that gave no sign of life: it writes nothing any more, and what it drove is anybody's."""

    run_id: int
    manifest_id: str
    host: str
    shift_id: int | None  # that waits again; None where it had none, or too many hosts were lost over it
    planned: int  # attempts that surely sent nothing
    in_doubt: int  # attempts whose answer may have been lost


@dataclass(frozen=True, slots=True)
class Absence:
    """A line that a worker cannot send, and why."""

    line: str
    worker_id: int
    host: str
    reason: str
    at: float


@dataclass(frozen=True, slots=True)
class Host:
    """A process that takes shifts: its last sign of life and what it holds; amounts in cents."""

    worker_id: int
    host: str
    pid: int
    version: str
    roots: Sequence[str]  # folders under which it looks for files
    started: float
    seen: float
    ended: float | None
    alive: bool  # gave a sign of life within a lease, and did not end
    shifts: int = 0  # that it works on
    lines: int = 0
    reserved: Cents = ZERO
    in_doubt: Cents = ZERO


@dataclass(frozen=True, slots=True)
class Ended:
    """A shift that is over, and what it ended with."""

    shift_id: int
    dispatch_id: int
    state: ShiftState
    host: str  # that had it last; empty where none did
    outcome: str  # as JSON; empty where no run of it came to an end
    since: float


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many shifts and lines of a manifest are not over yet."""

    waiting: int = 0  # shifts
    taken: int = 0
    waiting_lines: int = 0
    taken_lines: int = 0

    @property
    def shifts(self) -> int:
        """All that are not over."""
        return self.waiting + self.taken
