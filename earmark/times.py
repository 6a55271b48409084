"""Times as people type them, and as events have them."""

import re
from datetime import UTC, datetime, timedelta

from manifests.errors import UsageError

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "": 1}

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


def seconds_of(text: str) -> float:
    """Seconds in `90`, `90s`, `30m`, `24h`, `2d`.

    Raises:
        UsageError: not such a time.
    """
    match = re.fullmatch(r"(\d{1,9}(?:\.\d+)?)([smhd]?)", text.strip().lower())
    if match is None:
        raise UsageError(f"{text!r} is not a time: write 90s, 30m or 24h")
    return float(match[1]) * _UNITS[match[2]]


def moment_of(text: str, now: datetime) -> datetime:
    """A moment in the past, in UTC: `2h` or `7d` ago, `23:10` last, `2026-11-23`, `2026-11-23T05:00:00Z`.

    Dates and times of day without a zone are those of `now`'s zone.

    Args:
        text: as people type it.
        now: with its zone.

    Raises:
        UsageError: not such a time.
    """
    try:
        return _moment(text.strip(), now)
    except (ValueError, OverflowError) as error:
        raise UsageError(
            f"{text!r} is not a time: write 2026-11-23, 2026-11-23T05:00, 23:10, 2h or 7d"
        ) from error


def _moment(written: str, now: datetime) -> datetime:
    if re.fullmatch(r"\d{1,9}(?:\.\d+)?[smhd]", written.lower()):
        return (now - timedelta(seconds=seconds_of(written))).astimezone(UTC)
    clock = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", written)
    if clock is not None:
        today = now.replace(hour=int(clock[1]), minute=int(clock[2]), second=0, microsecond=0)
        return (today if today <= now else today - timedelta(days=1)).astimezone(UTC)
    found = datetime.fromisoformat(written)
    return (found if found.tzinfo else found.replace(tzinfo=now.tzinfo)).astimezone(UTC)


def to_go(seconds: float | None) -> str:
    """`about 12 min to go`; nothing where it is not known. No more figures than it is good for."""
    if seconds is None:
        return ""
    return f"about {_rough(seconds)} to go"


def _rough(seconds: float) -> str:
    if seconds < 1.5 * _MINUTE:
        return f"{max(10, 10 * round(seconds / 10))} s"
    if seconds < 1.5 * _HOUR:
        return f"{round(seconds / _MINUTE)} min"
    if seconds < 2 * _DAY:
        tens = round(seconds / _MINUTE / 10) * 10
        hours, minutes = divmod(tens, 60)
        return f"{hours} h {minutes} min" if minutes and hours < 10 else f"{round(tens / 60)} h"  # noqa: PLR2004
    return f"{round(seconds / _DAY)} days"


def ago(seconds: float) -> str:
    """`3 s ago`, `12 min ago`, `5 h ago`; `now` within a second, or where two clocks disagree."""
    if seconds < 1:
        return "now"
    for unit, length in (("h", _HOUR), ("min", _MINUTE)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit} ago"
    return f"{seconds:.0f} s ago"


def stamp(seconds: float) -> str:
    """A time as events have it: UTC, to the millisecond.

    Args:
        seconds: since 1970.
    """
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
