"""How long a run may still take, told from the audio that it finished lately; nothing if nobody can tell."""

import time
from collections import deque
from collections.abc import Callable

from manifests.states import State
from runner.told import OVER, Change, GateTold, ItemTold, StopTold, Told

WINDOW = 600.0
"""Seconds that count as lately."""

SOONEST = 20.0
"""Seconds of work before which nothing is said."""

FEWEST = 3
"""Finished items before which nothing is said."""

_NO_WORK = frozenset({State.IN_DOUBT, State.FAILED, State.LOST})
"""States in which an item of an earlier run asks for looks only."""


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
            self._send(minutes)
        elif change is Change.SUBMITTED:
            self._send(minutes)
        elif change is Change.IN_DOUBT:
            self._to_do -= minutes
        elif change in OVER:
            self._to_do -= minutes
            if change is not Change.REJECTED:
                self._out = max(0.0, self._out - minutes)
                self._done(minutes)
        self._to_do = max(self._to_do, self._out)

    def _send(self, minutes: float) -> None:
        self._out += minutes
        if self._since is None:
            self._since = self._clock()

    def _done(self, minutes: float) -> None:
        now = self._clock()
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
        # What was done before the first job could end says nothing about the pace.
        if worked < max(SOONEST, 2 * self._first):
            return None
        while self._lately and self._lately[0][0] < now - WINDOW:
            self._lately.popleft()
        minutes = sum(each for _, each in self._lately)
        rest = self._out if self._stopped else self._to_do
        if minutes <= 0 or rest <= 0:
            return None
        return rest * min(worked, WINDOW) / minutes


MINUTE, HOUR, DAY = 60, 3600, 86_400


def to_go(seconds: float | None) -> str:
    """`about 12 min to go`; nothing where it is not known. No more figures than it is good for."""
    if seconds is None:
        return ""
    return f"about {_rough(seconds)} to go"


def _rough(seconds: float) -> str:
    if seconds < 1.5 * MINUTE:
        return f"{max(10, 10 * round(seconds / 10))} s"
    if seconds < 1.5 * HOUR:
        return f"{round(seconds / MINUTE)} min"
    if seconds < 2 * DAY:
        tens = round(seconds / MINUTE / 10) * 10
        hours, minutes = divmod(tens, 60)
        return f"{hours} h {minutes} min" if minutes and hours < 10 else f"{round(tens / 60)} h"  # noqa: PLR2004
    return f"{round(seconds / DAY)} days"
