"""How sure a length is, and the longest that it may turn out to be."""

from enum import StrEnum


class Grade(StrEnum):
    """How sure a length is."""

    EXACT = "exact"  # the header states it and the file's size agrees
    COUNTED = "counted"  # its frames were counted
    HEADER = "header"  # the header states it, nothing confirms it
    ESTIMATED = "estimated"  # an interval
    UNKNOWN = "unknown"  # no length; never priced


class Basis(StrEnum):
    """What a price is counted on."""

    INPUT = "input"  # the length of the file
    OUTPUT = "output"  # the length of what is made
    STATED = "stated"  # a length that the user gave


_MINUTES_PER_HOUR = 60

EXACT_MARGIN_MS = 100
"""Encoder delay and padding: decoders differ by up to a tenth of a second."""

HEADER_MARGIN_MS = 1000
HEADER_MARGIN_PART = 100
"""An unconfirmed header is trusted to one second or one part in a hundred, whichever is more."""


_EXACT, _COUNTED, _HEADER = Grade.EXACT, Grade.COUNTED, Grade.HEADER  # an enum's names are slow to look up


def longest_ms(ms: int, grade: Grade, upper_ms: int | None = None) -> int:
    """The longest credible length in milliseconds.

    Args:
        ms: the length that was read.
        grade: how sure it is.
        upper_ms: the interval's upper end; decides for grades that are intervals.

    Raises:
        ValueError: an interval grade without its upper end.
    """
    if grade is _EXACT or grade is _COUNTED:
        return ms + EXACT_MARGIN_MS
    if grade is _HEADER:
        return ms + max(HEADER_MARGIN_MS, -(-ms // HEADER_MARGIN_PART))
    if upper_ms is None or upper_ms < ms:
        raise ValueError(f"a length of grade {grade.value} needs its upper end")
    return upper_ms


def show_length(seconds: int) -> str:
    """A length for people: `292 h 10 min`, `4 min 00 s`, `20 s`; below an hour to the second."""
    minutes, rest = divmod(seconds, 60)
    if minutes >= _MINUTES_PER_HOUR:
        hours, minutes = divmod((seconds + 30) // 60, _MINUTES_PER_HOUR)
        return f"{hours:,} h {minutes:02d} min"
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
