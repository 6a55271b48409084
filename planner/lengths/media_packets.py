"""Packets of a file that FFmpeg opens, and tracks of them; runs in the process behind `guard` alone."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Any

import av

av.logging.set_level(None)

APART = Fraction(1, 2)
"""Seconds between two packets from which they no longer follow each other; times jitter by less."""

MICROSECONDS = 1_000_000


@dataclass(slots=True)
class Track:
    """One track on the way through the file; whole numbers in units of `base` seconds."""

    base: Fraction
    apart: int
    packets: int = 0
    begin: int = 0
    end: int = 0
    step: int = 0
    last: int = 0
    closed: int = 0
    holes: int = 0
    again: bool = False

    def add(self, at: int | None, duration: int | None) -> None:
        """Note a packet."""
        end = self.end
        if at is None:
            at = end
        if not self.packets:
            self.begin = end = at
        elif not -self.apart <= at - end <= self.apart:
            self._jump(at)
            end = at
        elif not duration:  # some containers tell no duration: as long as the one before
            self.step = at - end if at > end else self.step
        self.packets += 1
        end = max(end, at + (duration or 0))
        self.end = end
        self.last = max(self.last, end)

    def _jump(self, at: int) -> None:
        """A hole, or times that begin anew."""
        self.closed += self.end - self.begin
        self.holes += max(0, at - self.end)
        self.again = self.again or at < self.end
        self.begin = at

    @property
    def sound(self) -> Fraction:
        """All stretches that have packets."""
        return (self.closed + self.end - self.begin + self.step) * self.base

    @property
    def ended(self) -> Fraction:
        """When the last packet ends."""
        return (self.last + self.step) * self.base


def opened(path: str | Any, kind: str) -> Any:
    """The file, or what is read as one, as a container of this kind and no other."""
    if not isinstance(path, str):
        path.seek(0)
        return av.open(path, mode="r", format=kind, metadata_errors="replace")
    return av.open(f"file:{path}", format=kind, metadata_errors="replace")


def tracks_of(container: Any) -> dict[int, Track]:
    """A track for each stream of the container."""
    found = {}
    for stream in container.streams:
        base = Fraction(stream.time_base or Fraction(1, MICROSECONDS))
        found[stream.index] = Track(base, ceil(APART / base))
    return found


def packets(container: Any, *streams: Any) -> Iterator[Any]:
    """All packets with something in them; a file that breaks off ends there."""
    try:
        for packet in container.demux(*streams):
            if packet.size:
                yield packet
    except (av.FFmpegError, EOFError):
        return


def micro(seconds: Fraction) -> int:
    """Whole microseconds, rounded up."""
    return ceil(seconds * MICROSECONDS)
