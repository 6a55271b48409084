"""How often calls of one kind begin: no limit by default, half after a 429, slowly raised again.

A *rate* is in calls a second. What a person stated is never passed. After a 429 the rate is half of what it
was, or of what really went out where there was none; from then on it doubles every two minutes, and after
a while without another 429 it is forgotten. Calls are spaced evenly: limits count by the minute, and a burst
at the beginning of one would be answered 429 as well (docs/api.md 5.3).
"""

from collections import deque
from threading import Lock

RAISED_AFTER = 120.0
"""Seconds in which a halved rate doubles."""

FORGOTTEN_AFTER = 3 * RAISED_AFTER
"""Seconds without a 429 after which a learned rate, eight times as high by then, is no limit any more."""

HALVED_ONCE = 5.0
"""Seconds in which further 429 are taken for the same: calls that are out together are refused together."""

LATELY = 10.0
"""Seconds over which it is counted how many calls went out."""

LEAST_READS = 1.0
"""The lowest learned rate of reads: what the service is known to bear at least, 60 a minute."""

LEAST_SUBMITS = 0.1
"""The same of submits; some services take only 3 to 10 a minute."""

_MOST_COUNTED = 10_000


def grown(rate: float, seconds: float) -> float | None:
    """What a rate has become so many seconds after it was halved; None once it is forgotten."""
    return None if seconds >= FORGOTTEN_AFTER else rate * 2 ** (max(0.0, seconds) / RAISED_AFTER)


def least(*rates: float | None) -> float | None:
    """The lowest of some rates, of which None is no limit."""
    return min((rate for rate in rates if rate is not None), default=None)


class Tempo:
    """Says when the next call may begin; from any thread, with any clock that counts seconds."""

    def __init__(self, limit: float | None = None, *, floor: float) -> None:
        """Keep to a stated limit.

        Args:
            limit: calls a second at most; None where nobody stated one.
            floor: the lowest rate that is learned from 429.
        """
        self._lock = Lock()
        self._limit, self._floor = limit, floor
        self._share: float | None = None
        self._learned: float | None = None
        self._halved_at = 0.0
        self._free_at = 0.0
        self._begun: deque[float] = deque(maxlen=_MOST_COUNTED)
        self.halvings = 0
        self.refused = 0.0  # calls a second that went out when the last 429 counted

    def rate(self, now: float) -> float | None:
        """Calls a second that may begin; None where there is no limit."""
        with self._lock:
            return self._rate(now)

    def free_at(self, now: float) -> float:
        """When the next call may begin; `now` where at once."""
        with self._lock:
            return now if self._rate(now) is None else max(now, self._free_at)

    def book(self, now: float) -> float:
        """Take the next turn; when its call may begin, `now` where at once."""
        with self._lock:
            rate = self._rate(now)
            at = now if rate is None else max(now, self._free_at)
            self._free_at = at if rate is None else at + 1 / rate
            self._begun.append(at)
            return at

    def halve(self, now: float) -> None:
        """A call was answered 429."""
        with self._lock:
            if self.halvings and 0 <= now - self._halved_at < HALVED_ONCE:
                return
            rate, self.refused = self._rate(now), self._lately(now)
            self._learned = max(self._floor, (self.refused if rate is None else rate) / 2)
            self._free_at = max(self._free_at, now + 1 / self._learned)
            self._halved_at = now
            self.halvings += 1

    def allow(self, share: float | None) -> None:
        """Keep to one's share of what all may do together; what was learned alone is in it."""
        with self._lock:
            self._share, self._learned = share, None

    def _rate(self, now: float) -> float | None:
        learned = self._learned and grown(self._learned, now - self._halved_at)
        return least(self._limit, self._share, learned)

    def _lately(self, now: float) -> float:
        """Calls a second that went out of late."""
        while self._begun and self._begun[0] <= now - LATELY:
            self._begun.popleft()
        out = [at for at in self._begun if at <= now]
        return len(out) / min(LATELY, max(1.0, now - out[0])) if out else 0.0
