"""The time that a bill is about."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from earmark.times import moment_of
from manifests.errors import UsageError

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
"""Before anything was bought."""

AHEAD = 86400.0
"""Seconds by which the service's clock may be ahead of ours: what was charged just now is in today's bill."""

_MONTH = re.compile(r"(\d{4})-(\d{2})")
_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Period:
    """From a moment to before another, in UTC; `since` is `BEGINNING` where all before counts."""

    since: datetime
    until: datetime
    open: bool = False  # whether it goes on: up to now, by whichever clock

    @property
    def start(self) -> float:
        """Seconds since 1970."""
        return self.since.timestamp()

    @property
    def end(self) -> float:
        """Seconds since 1970; what happened then is not in it."""
        return self.until.timestamp() + (AHEAD if self.open else 0)


def period_of(since: str | None, until: str | None, month: str | None, now: datetime) -> Period:
    """The period that was asked for; this month so far where nothing says another.

    Times of day, and dates, are UTC.

    Args:
        since: as typed.
        until: as typed; not in the period itself.
        month: as typed, instead of both.
        now: in UTC.

    Raises:
        UsageError: no times, one in the future, or nothing between them.
    """
    if month is not None:
        if since is not None or until is not None:
            raise UsageError("--month is a period by itself: leave --since and --until out")
        return _month(month, now)
    if since is None and until is None:
        return Period(now.replace(day=1, hour=0, minute=0, second=0, microsecond=0), now, open=True)
    start = BEGINNING if since is None else _past("--since", since, now)
    end = now if until is None else _past("--until", until, now)
    if end <= start:
        raise UsageError(f"--until {until} is not after --since {since}: nothing lies between them")
    return Period(start, end, open=until is None)


def _past(option: str, text: str, now: datetime) -> datetime:
    try:
        moment = moment_of(text, now)
    except UsageError as error:
        raise UsageError(f"{option}: {error}") from None
    if moment > now:
        raise UsageError(f"{option} {text} is in the future: it is {now:%Y-%m-%d %H:%M} UTC")
    return max(moment, BEGINNING)


def _month(text: str, now: datetime) -> Period:
    match = _MONTH.fullmatch(text.strip())
    if match is None or not 1 <= int(match[2]) <= _MONTHS or int(match[1]) < BEGINNING.year:
        raise UsageError(f"--month: {text!r} is not a month: write 2026-11")
    year, month = int(match[1]), int(match[2])
    start = datetime(year, month, 1, tzinfo=UTC)
    if start > now:
        raise UsageError(f"--month {text} is in the future: it is {now:%Y-%m-%d %H:%M} UTC")
    following = (year + 1, 1) if month == _MONTHS else (year, month + 1)
    end = datetime(*following, 1, tzinfo=UTC)
    return Period(start, min(end, now), open=end > now)
