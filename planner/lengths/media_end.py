"""The only module that touches PyAV (FFmpeg); runs in the process behind `guard` alone.

Packets are counted, not decoded: their times say how long the sound is, whatever the header promises.
Of a large file with a trustworthy header only the last packets are looked at.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from time import monotonic
from typing import Any

import av

av.logging.set_level(None)

COUNTING_SECONDS = 12.0
"""Counting ends then with what was found; well before `guard.SECONDS`."""

LOOK_EVERY = 1000
"""Packets between two looks at the clock."""

LARGE_BYTES = 256 << 20
"""A larger file is not read as a whole where its header and its last packets agree."""

TAIL_SECONDS = 20
"""How far before the stated end the last packets are looked for."""

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


@dataclass(frozen=True, slots=True)
class Walk:
    """What was found on the way; `place` is how far it went, in bytes."""

    tracks: dict[int, Track]
    place: int
    whole: bool


def seen(path: str, kind: str, size: int) -> dict[str, Any]:
    """What a file of a kind holds; all times in whole microseconds, 0 where not known.

    `stated` is the header's time, `ended` when the last packet of any track ends, `place` how many bytes
    were walked over, `how` whether those were the whole file, a `part` of it (time was over), or its `tail`.

    Args:
        path: the file.
        kind: FFmpeg's name of the container; it is not guessed: a playlist would open other files.
        size: bytes of the file.
    """
    if size > LARGE_BYTES:
        with _opened(path, kind) as container:
            if found := _tail(container):
                return found
    with _opened(path, kind) as container:
        walk = _walk(container)
        ended = max((track.ended for track in walk.tracks.values()), default=Fraction(0))
        tracks = [
            walk.tracks[stream.index] for stream in container.streams.audio if stream.index in walk.tracks
        ]
        return _told(container, "whole" if walk.whole else "part", ended, walk.place, tracks)


def _opened(path: str, kind: str) -> Any:
    return av.open(f"file:{path}", format=kind, metadata_errors="replace")


def _walk(container: Any) -> Walk:
    """All packets, until the time is over."""
    until = monotonic() + COUNTING_SECONDS
    tracks = _tracks(container)
    place = 0
    for number, packet in enumerate(_packets(container)):
        track = tracks.get(packet.stream_index)
        if track is None:  # some containers tell of a track when it begins
            tracks.update({index: new for index, new in _tracks(container).items() if index not in tracks})
            track = tracks[packet.stream_index]
        track.add(packet.dts if packet.pts is None else packet.pts, packet.duration)
        if number % LOOK_EVERY == 0:
            place = packet.pos or place
            if monotonic() > until:
                return Walk(tracks, place, whole=False)
    return Walk(tracks, place, whole=True)


def _tail(container: Any) -> dict[str, Any] | None:
    """The last packets; None where they cannot be found, or are not of one piece."""
    stated = container.duration or 0
    tracks = _tracks(container)
    try:
        container.seek(max(0, stated - TAIL_SECONDS * MICROSECONDS))
        for packet in _packets(container):
            tracks[packet.stream_index].add(packet.dts if packet.pts is None else packet.pts, packet.duration)
    except (av.FFmpegError, ValueError, KeyError):
        return None
    sounds = [tracks[stream.index] for stream in container.streams.audio]
    if not stated or any(not track.packets or track.holes or track.again for track in sounds):
        return None
    for stream, track in zip(container.streams.audio, sounds, strict=True):
        track.begin = stream.start_time or 0
    ended = max(track.ended for track in tracks.values())
    return _told(container, "tail", ended, 0, sounds)


def _tracks(container: Any) -> dict[int, Track]:
    found = {}
    for stream in container.streams:
        base = Fraction(stream.time_base or Fraction(1, MICROSECONDS))
        found[stream.index] = Track(base, ceil(APART / base))
    return found


def _packets(container: Any) -> Iterator[Any]:
    """All packets with something in them; a file that breaks off ends there."""
    try:
        for packet in container.demux():
            if packet.size:
                yield packet
    except (av.FFmpegError, EOFError):
        return


def _told(container: Any, how: str, ended: Fraction, place: int, tracks: list[Track]) -> dict[str, Any]:
    return {
        "how": how,
        "video": bool(container.streams.video),
        "stated": container.duration or 0,
        "ended": _micro(ended),
        "place": place,
        "tracks": [
            {
                "packets": track.packets,
                "sound": _micro(track.sound),
                "holes": _micro(track.holes * track.base),
                "again": track.again,
            }
            for track in tracks
        ],
    }


def _micro(seconds: Fraction) -> int:
    return ceil(seconds * MICROSECONDS)
