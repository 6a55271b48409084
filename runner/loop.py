"""The loop: events in, one durable transaction a turn, then the actions."""

from collections.abc import Callable, Iterable, Sequence
from queue import Empty, SimpleQueue
from typing import Protocol

from runner.engine.engine import Engine
from runner.engine.journal import Journal
from runner.engine.messages import Action, Event, Tick
from runner.engine.writes import Write
from runner.performer import Crash

LONGEST_NAP = 1.0
"""Seconds without an event after which the loop looks around anyway."""


class Ends(Protocol):
    """What the loop drives: actions are performed somewhere, events come back."""

    def perform(self, action: Action) -> None:
        """Start an action."""
        ...

    def take(self, seconds: float) -> list[Event]:
        """Events that arrived, waiting at most so many seconds for the first."""
        ...


Witness = Callable[[Sequence[Event], Sequence[Write], Sequence[Event]], None]
"""Hears of each turn once it is durable: what it was fed, what it wrote, what the ledger answered."""


def _nobody(_fed: Sequence[Event], _written: Sequence[Write], _answered: Sequence[Event]) -> None:
    return None


class Loop:
    """Drives one engine."""

    def __init__(
        self,
        engine: Engine,
        journal: Journal,
        ends: Ends,
        clock: Callable[[], float],
        listener: Callable[[], None] = lambda: None,
        witness: Witness = _nobody,
    ) -> None:
        self._engine, self._journal, self._ends = engine, journal, ends
        self._clock, self._listener, self._witness = clock, listener, witness

    def run(self, events: Iterable[Event], until: Callable[[], bool]) -> None:
        """Feed events, then go on until the condition holds."""
        pending = list(events)
        while True:
            self._turn(pending)
            if until():
                return
            pending = self._ends.take(self._nap()) or [Tick()]

    def finish(self) -> None:
        """Make the last turn durable; nothing is performed any more."""
        writes = self._engine.finish().writes
        self._witness([], writes, self._journal.commit(writes))

    def _turn(self, events: list[Event]) -> None:
        """One turn; what the ledger answers is taken at once, in turns of its own."""
        while events:
            now = self._clock()
            for event in events:
                self._engine.step(event, now)
            turn = self._engine.turn()
            fed, events = events, self._journal.commit(turn.writes)
            self._witness(fed, turn.writes, events)
            for action in turn.actions:
                self._ends.perform(action)
        self._listener()

    def _nap(self) -> float:
        wake = self._engine.next_wake()
        if wake is None:
            return LONGEST_NAP
        return min(LONGEST_NAP, max(0.0, wake - self._clock()))


def take(inbox: "SimpleQueue[Event | Crash]", seconds: float) -> list[Event]:
    """Everything in a queue, waiting at most so many seconds for the first.

    Raises:
        Crash: a thread met a bug; what came before it is returned first, since an answer may be money.
    """
    found: list[Event] = []
    wait = seconds
    while True:
        try:
            event = inbox.get(timeout=wait) if wait > 0 else inbox.get_nowait()
        except Empty:
            return found
        if isinstance(event, Crash):
            if not found:
                raise event
            inbox.put(event)
            return found
        found.append(event)
        wait = 0
