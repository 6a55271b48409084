"""What the desks of the engine share: the tasks, why the run stops, and the turn being written."""

import random
from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from manifests.exits import Exit
from manifests.money import Cents, Rate
from manifests.states import State, may_follow
from runner.engine import timing
from runner.engine.messages import Action, Turn
from runner.engine.task import Task
from runner.engine.timing import Patience
from runner.engine.writes import Write
from runner.ledger.rows import Move


class Stop(StrEnum):
    """Why nothing more is submitted."""

    SIGNAL = "signal"
    KEY = "key"
    SESSION = "session"  # there is no session token for what credits pay: what runs is seen through
    DISK = "disk"
    NAME = "name"  # one result cannot be kept: all others are still fetched
    PRICES = "prices"
    MONEY = "money"
    CREDITS = "credits"
    OVER = "over"
    CAP = "cap"
    DOWN = "down"
    UNSAVED = "unsaved"  # too many results do not come: what runs is seen through
    UNREACHABLE = "unreachable"
    WAITED = "waited"
    TIME = "time"  # --max-time is over: nothing more is sent, what runs is seen through for a while
    TOLD = "told"  # by whoever asked for the run: what runs is seen through
    TIME_UP = "time_up"  # that while is over, too


LEAVING = frozenset({Stop.SIGNAL, Stop.KEY, Stop.DISK, Stop.UNREACHABLE, Stop.WAITED, Stop.TIME_UP})
"""Stops after which even running jobs are left to the next run."""

EXITS: Mapping[Stop, Exit] = {
    Stop.KEY: Exit.KEY,
    Stop.SESSION: Exit.KEY,
    Stop.DISK: Exit.MACHINE,
    Stop.NAME: Exit.MACHINE,
    Stop.PRICES: Exit.STALE,
    Stop.MONEY: Exit.OUT_OF_MONEY,
    Stop.CREDITS: Exit.OUT_OF_MONEY,
    Stop.OVER: Exit.OUT_OF_MONEY,
    Stop.CAP: Exit.STOPPED_AS_TOLD,
    Stop.DOWN: Exit.SERVICE_DOWN,
    Stop.UNSAVED: Exit.SERVICE_DOWN,
    Stop.UNREACHABLE: Exit.SERVICE_DOWN,
    Stop.WAITED: Exit.SERVICE_DOWN,
    Stop.TOLD: Exit.STOPPED_AS_TOLD,
    Stop.TIME: Exit.STOPPED_AS_TOLD,
    Stop.TIME_UP: Exit.STOPPED_AS_TOLD,
}


_OUT = frozenset({State.SENDING, State.SUBMITTED, State.IN_DOUBT})
_NOT_RECEIVED = frozenset({State.PLANNED, State.REJECTED})


@dataclass(frozen=True, slots=True)
class Terms:
    """What a run agreed to."""

    manifest_id: str
    rates: Mapping[str, Rate]  # product -> cents a minute, as approved
    patience: Patience = field(default_factory=Patience)
    uploads: int = 8  # at most this many at once
    submit_rate: float | None = None  # submits a second at most; None: no limit but what 429 teaches
    until: float | None = None  # seconds since 1970: --max-time ends
    grace: float = 0.0  # seconds after that in which what runs is still seen through
    max_unsaved: int = timing.MAX_UNSAVED  # finished results that may be missing on disk while more is sent


@dataclass(slots=True)
class Shortfall:
    """What a 402 said, in cents."""

    required: Cents | None = None
    available: Cents | None = None


@dataclass(slots=True)
class Gone:
    """What is kept of tasks that were let go, as nothing can become of them any more."""

    saved: int = 0  # items
    failed: int = 0  # items
    reserved: dict[str, "array[float]"] = field(default_factory=dict)  # when, of finished jobs, by service

    def add(self, task: Task) -> None:
        """One more."""
        if task.state is State.SAVED:
            self.saved += len(task.targets)
            self.reserved.setdefault(task.service, array("d")).append(task.reserved)
        else:
            self.failed += len(task.targets)

    def done_since(self, service: str, moment: float) -> int:
        """How many finished jobs of a service were sent after a moment."""
        return sum(at >= moment for at in self.reserved.get(service, ()))


@dataclass(slots=True)
class World:
    """The engine's memory; one thread's."""

    terms: Terms
    rng: random.Random
    now: float = 0.0
    tasks: dict[int, Task] = field(default_factory=dict)
    gone: Gone = field(default_factory=Gone)
    to_come: frozenset[str] = frozenset()  # products of what will be handed over later
    foreign: set[int] = field(default_factory=set)  # parts that another living run buys
    stops: dict[Stop, str] = field(default_factory=dict)
    stopped: float | None = None  # when the first reason to stop came up
    signal: int = 0
    shortfall: Shortfall = field(default_factory=Shortfall)
    submitted: int = 0  # by this run
    more_to_send: bool = False  # whether parts wait for their turn to be sent
    none_waits: float = 0.0  # since when none does
    notes: list[str] = field(default_factory=list)
    # The most that each attempt may take of the account's credits, once it may have been received.
    credit_sends: dict[int, Cents] = field(default_factory=dict)
    credit_falls: int = 0  # how often credits fell for this manifest without a known reason
    credits_beside: int = 0  # the most that other runs on this ledger may have taken since this one began
    turn: Turn = field(default_factory=lambda: Turn([], []))
    late: list[Write] = field(default_factory=list)
    unhurried: bool = False  # whether this turn may be durable for the sake of late writes alone

    def write(self, write: Write) -> None:
        """Make a ledger write part of this turn."""
        self.turn.writes.append(write)

    def act(self, action: Action) -> None:
        """Ask for an action once this turn is durable."""
        self.turn.actions.append(action)

    def take_turn(self) -> Turn:
        """The turn so far, with the late writes before its own; a new one begins."""
        turn, self.turn = self.turn, Turn([], [])
        if turn.writes or self.unhurried:
            turn.writes, self.late = self.late + turn.writes, []
        self.unhurried = False
        return turn

    def stop(self, why: Stop, message: str) -> None:
        """Submit nothing more; the first message of a kind stands."""
        if self.stopped is None:
            self.stopped = self.now
        self.stops.setdefault(why, message)

    def tell_waiting(self, *, any_waits: bool) -> None:
        """Keep whether parts wait for their turn to be sent, and since when none does."""
        if self.more_to_send and not any_waits:
            self.none_waits = self.now
        self.more_to_send = any_waits

    @property
    def submitting(self) -> bool:
        """Whether new submits may start."""
        return not self.stops

    @property
    def sending(self) -> bool:
        """Whether uploads under way may be sent: a cap that leaves too little only stops new ones."""
        return not self.stops or self.stops.keys() == {Stop.CAP}

    @property
    def leaving(self) -> bool:
        """Whether even running jobs are left to the next run."""
        return not LEAVING.isdisjoint(self.stops)

    def note(self, text: str) -> None:
        """Say something once at the end of the run."""
        if text not in self.notes:
            self.notes.append(text)

    def move(
        self, task: Task, to: State, reason: str = "", job_id: str | None = None, *, late: bool = False
    ) -> None:
        """Change a task's state in memory and in the ledger alike.

        Nothing must rest on a `late` one: it is durable with the writes of the next turn that has any.

        Raises:
            ValueError: the state table does not allow it: a bug.
        """
        if not may_follow(task.state, to):
            raise ValueError(f"{task.name}: {task.state} cannot become {to}")
        (self.late if late else self.turn.writes).append(Move(task.attempt_id, to, reason, job_id))
        task.state = to
        task.reason = reason
        task.since = self.now
        if job_id is not None:
            task.job_id = job_id
        if to is State.FAILED:
            task.tries += 1
        self.expect_credits(task)

    def expect_credits(self, task: Task) -> None:
        """Remember what may leave the account's credits for a task, or that surely nothing does."""
        if task.currency != "credits":
            return
        if task.state in _OUT:
            self.credit_sends[task.attempt_id] = task.ceiling
        elif task.state in _NOT_RECEIVED:
            self.credit_sends.pop(task.attempt_id, None)
