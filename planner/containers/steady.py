"""MPEG audio of constant bit rate: where its frames lie follows from their number, so that places will do.

Every frame of such a stream begins within a byte or two of its place on an even grid. If the frames at many
places do, with the same header, then no stretch between two of them can hold others, unless it is shorter
than the distance of two places and happens to take up whole frames: an error below one part in `PLACES`.
"""

from collections.abc import Iterable
from fractions import Fraction

from planner.containers import mpeg
from planner.containers.source import Source

PLACES = 128
LEAST_BYTES = 2 << 20
"""A smaller file is counted as quickly."""

LAST_FRAMES = 16
"""At the end, which are counted one by one."""

ASTRAY = 2
"""Bytes by which a frame may lie off the grid: encoders pad as they like."""


def last_on_grid(source: Source, start: int, end: int) -> tuple[int, int] | None:
    """A frame near the end of a stream of constant rate: how many come before it, and where it begins.

    None where places disagree, or the stream is short: then all frames have to be counted.
    """
    if end - start < LEAST_BYTES:
        return None
    word = int.from_bytes(source.at(start, 4), "big")
    size = mpeg.mean_size(word)
    if not size:
        return None
    padded = _followed(source, start, end, word, size)
    return padded or _followed(source, start, end, word, Fraction(int(size)))


def _followed(source: Source, start: int, end: int, word: int, size: Fraction) -> tuple[int, int] | None:
    place = None
    number = 0
    for number in _numbers(int((end - start) / size)):
        place = _near(source, start + int(number * size), word)
        if place is None:
            return None
    return None if place is None else (number, place)


def _numbers(frames: int) -> Iterable[int]:
    """Frames to look at, the last one not quite at the end."""
    return [(frames - LAST_FRAMES) * place // PLACES for place in range(1, PLACES + 1)]


def _near(source: Source, place: int, word: int) -> int | None:
    """Where a frame like the first begins, about here."""
    block = source.at(place - ASTRAY, 4 + 2 * ASTRAY)
    for offset in range(2 * ASTRAY + 1):
        found = int.from_bytes(block[offset : offset + 4], "big")
        if (found ^ word) & mpeg.SAME_MASK == 0:
            return place - ASTRAY + offset
    return None
