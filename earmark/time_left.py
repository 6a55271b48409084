"""How long a run may still take, told from the audio that it finished lately; nothing if nobody can tell."""

import time
from collections import deque
from collections.abc import Callable
from math import inf

from manifests.states import State
from runner.told import OVER, Change, GateTold, ItemTold, StopTold, Told

WINDOW = 600.0
"""Seconds that count as lately."""

SOONEST = 20.0
"""Seconds of work before which nothing is said."""

FEWEST = 3
"""Finished items before which nothing is said."""

SLACK = 1.25
"""How much longer than expected a job may run before it is late."""

MAY_BE_LATE = 0.2
"""The share of jobs that may be late."""

SHORTEST = 5.0
"""Seconds that the last look, fetch and save take."""

_NO_WORK = frozenset({State.IN_DOUBT, State.FAILED, State.LOST})
"""States in which an item of an earlier run asks for looks only."""


class Waits:
    """How long jobs took by their length: a straight line through those that ended."""

    def __init__(self) -> None:
        self._jobs = 0
        self._minutes = self._seconds = self._squares = self._products = 0.0

    def add(self, minutes: float, seconds: float) -> None:
        """A job of so many minutes took so long."""
        self._jobs += 1
        self._minutes += minutes
        self._seconds += seconds
        self._squares += minutes * minutes
        self._products += minutes * seconds

    def of(self, minutes: float) -> float:
        """How long a job of so many minutes may take."""
        if not self._jobs:
            return inf
        spread = self._squares - self._minutes**2 / self._jobs
        together = self._products - self._minutes * self._seconds / self._jobs
        slope = max(0.0, together / spread) if spread > 0 else 0.0
        return max(0.0, (self._seconds - slope * self._minutes) / self._jobs + slope * minutes)


class TimeLeft:
    """Follows a run. It counts minutes of audio as they are billed, not items: those differ a hundredfold."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._to_do = self._out = 0.0  # minutes: all, and of those what the service has
        self._lately: deque[tuple[int, float]] = deque()  # second, minutes finished in it
        self._finished = 0
        self._since: float | None = None  # when the first item was out
        self._first: float | None = None  # seconds until the first one was done
        self._stopped = False
        self._running: dict[int, tuple[float, float]] = {}  # by item: since when, minutes
        self._waits = Waits()

    def watch(self, told: Told) -> None:
        """One thing that the run tells."""
        match told:
            case GateTold():
                self._to_do += told.minutes
            case StopTold():
                self._stopped = True
            case ItemTold():
                self._item(told)
            case _:
                pass

    def _item(self, told: ItemTold) -> None:
        minutes, change = told.minutes, told.change
        if change is Change.CARRIED and told.state not in _NO_WORK:
            self._to_do += minutes
            self._send(told)
        elif change is Change.SUBMITTED:
            self._send(told)
        elif change is Change.IN_DOUBT:
            self._to_do -= minutes
        elif change in OVER:
            self._to_do -= minutes
            if change is not Change.REJECTED:
                self._out = max(0.0, self._out - minutes)
                self._done(told)
        self._to_do = max(self._to_do, self._out)

    def _send(self, told: ItemTold) -> None:
        self._out += told.minutes
        now = self._clock()
        if told.minutes:  # one for each job
            self._running[told.item] = (now, told.minutes)
        if self._since is None:
            self._since = now

    def _done(self, told: ItemTold) -> None:
        now, minutes = self._clock(), told.minutes
        sent, _ = self._running.pop(told.item, (None, 0.0))
        if sent is not None:
            self._waits.add(minutes, now - sent)
        if self._since is None:
            self._since = now
        if self._first is None:
            self._first = now - self._since
        self._finished += 1
        second = int(now)
        if self._lately and self._lately[-1][0] == second:
            minutes += self._lately.pop()[1]
        self._lately.append((second, minutes))

    def seconds(self) -> float | None:
        """About how many; None while nobody can tell."""
        if self._since is None or self._first is None or self._finished < FEWEST:
            return None
        now = self._clock()
        worked = now - self._since
        # The time before the first job could end says nothing about the pace.
        if worked < max(SOONEST, 2 * self._first):
            return None
        while self._lately and self._lately[0][0] < now - WINDOW:
            self._lately.popleft()
        minutes = sum(each for _, each in self._lately)
        rest = self._out if self._stopped else self._to_do
        if minutes <= 0 or rest <= 0:
            return None
        at_this_pace = rest * min(worked - self._first, WINDOW) / minutes
        return min(at_this_pace, self._until_the_last(now)) if rest <= self._out else at_this_pace

    def _until_the_last(self, now: float) -> float:
        """Once all is sent: when the last job ends, if jobs end by themselves as those before did.

        Infinite where many jobs run longer than that: then they wait for each other.
        """
        ages = [(now - sent, self._waits.of(minutes)) for sent, minutes in self._running.values()]
        late = sum(age > wait * SLACK for age, wait in ages)
        if not ages or late > len(ages) * MAY_BE_LATE:
            return inf
        return max(*(wait - age for age, wait in ages), SHORTEST)
