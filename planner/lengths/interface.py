"""What every length reader takes and gives; the one error it may raise is `planner.leftout.Unreadable`."""

from fractions import Fraction
from math import ceil
from typing import Protocol

import msgspec

from manifests.length import EXACT_MARGIN_MS, Grade, longest_ms
from planner.containers.source import Source
from planner.leftout import Reason, Unreadable

MS_PER_SECOND = 1000

SLOPPY = Fraction(EXACT_MARGIN_MS, MS_PER_SECOND)
"""Seconds by which a file may be shorter than it says and still count as whole."""


class Length(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """How long a recording is, how sure that is, and who says so.

    `ms` is in whole milliseconds, rounded up; `low_ms` and `high_ms` are the credible interval
    before the margins of `manifests.length.longest_ms`.
    """

    ms: int
    grade: Grade
    low_ms: int
    high_ms: int
    reader: str
    reason: str

    @property
    def longest_ms(self) -> int:
        """The longest credible length in milliseconds; ceilings are priced on it."""
        return longest_ms(self.ms, self.grade, self.high_ms)


class Reader(Protocol):
    """Reads the length of one kind of file."""

    @property
    def name(self) -> str:
        """The kind, as people call it: `mp3`, `flac`."""
        ...

    @property
    def starts(self) -> tuple[bytes, ...]:
        """What files of this kind begin with; nothing where that is not fixed."""
        ...

    def recognises(self, source: Source) -> bool:
        """Whether the content, not the name, is of this kind."""
        ...

    def length(self, source: Source) -> Length:
        """The length of the file's audio.

        Raises:
            Unreadable: no length that can be trusted.
        """
        ...


def milliseconds(seconds: Fraction) -> int:
    """Seconds as whole milliseconds, rounded up: a price must never stand on less than there is."""
    return ceil(seconds * MS_PER_SECOND)


def sure(seconds: Fraction, grade: Grade, reader: str, reason: str) -> Length:
    """A length that is a point, not an interval."""
    ms = milliseconds(seconds)
    return Length(ms=ms, grade=grade, low_ms=ms, high_ms=ms, reader=reader, reason=reason)


def between(low: Fraction, likely: Fraction, high: Fraction, reader: str, reason: str) -> Length:
    """An estimated length with its interval."""
    return Length(
        ms=milliseconds(likely),
        grade=Grade.ESTIMATED,
        low_ms=milliseconds(low),
        high_ms=milliseconds(high),
        reader=reader,
        reason=reason,
    )


def clock(seconds: Fraction | float) -> str:
    """`31:10`, `3:12:44`: a length as a player shows it."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def cut_off(source: Source, there: Fraction, stated: Fraction) -> Unreadable:
    """The error for a file that ends before its own header says."""
    return Unreadable(
        Reason.TRUNCATED, source.path, f"cut off at {clock(there)} of {clock(stated)}; copy it again"
    )


def damaged(source: Source, detail: str) -> Unreadable:
    """The error for a file of a known kind whose structure is broken."""
    return Unreadable(Reason.DAMAGED, source.path, detail)
