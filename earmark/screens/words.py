"""Figures as people read them."""

from decimal import Decimal

from manifests.length import show_length
from manifests.money import Rate, whole_seconds

_MINUTES_PER_HOUR = 60
_STEPS = (("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000))


def long(ms: int) -> str:
    """A sum of lengths, its seconds rounded up: `292 h 10 min`, `5 min 12 s`, `43 s`."""
    return show_length(whole_seconds(ms))


def clock(ms: int) -> str:
    """One recording's length as a player shows it: `3:12:44`, `0:43`."""
    minutes, seconds = divmod(whole_seconds(ms), 60)
    hours, minutes = divmod(minutes, _MINUTES_PER_HOUR)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"


def size(count: int) -> str:
    """Bytes in decimal units: `38.4 GB`, `512 bytes`."""
    for unit, step in _STEPS:
        if count >= step:
            return f"{count / step:.1f} {unit}"
    return f"{count} bytes"


def some(count: int, noun: str) -> str:
    """A count with its noun: `1 item`, `1,204 items`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def rate_text(rate: Rate) -> str:
    """Cents a minute: `10 c/min`, `0.5 c/min`."""
    return f"{Decimal(rate.numerator) / rate.denominator:.6g} c/min"
