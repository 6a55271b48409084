"""Sound as FFmpeg's packets tell of it; runs in the process behind `guard` alone, as it loads PyAV.

Packets are counted, and the first of them decoded, for their times may lie as headers do. Of a large file
with a trustworthy header only the first and the last packets are looked at.
"""

from dataclasses import dataclass
from fractions import Fraction
from time import monotonic
from typing import Any

import av

from planner.lengths import media_heard
from planner.lengths.media_packets import MICROSECONDS, Track, micro, opened, packets, tracks_of

COUNTING_SECONDS = 12.0
"""Counting ends then with what was found; well before `guard.SECONDS`."""

LOOK_EVERY = 1000
"""Packets between two looks at the clock."""

LARGE_BYTES = 256 << 20
"""A larger file is not read as a whole where its header and its last packets agree."""

TAIL_SECONDS = 20
"""How far before the stated end the last packets are looked for."""


@dataclass(frozen=True, slots=True)
class Walk:
    """What was found on the way; `place` is how far it went, in bytes."""

    tracks: dict[int, Track]
    place: int
    whole: bool


def seen(path: str, kind: str, size: int) -> dict[str, Any]:
    """What a file of a kind holds; all times in whole microseconds, 0 where not known.

    `stated` is the header's time, `ended` when the last packet of any track ends, `place` how many bytes
    were walked over, `how` whether those were the whole file, a `part` of it (time was over), or its `tail`;
    `heard` is what decoding tells of the first sound track (`media_heard`).

    Args:
        path: the file.
        kind: FFmpeg's name of the container; it is not guessed: a playlist would open other files.
        size: bytes of the file if its ends may stand for the whole, else 0.
    """
    until = monotonic() + COUNTING_SECONDS
    heard = media_heard.heard(path, kind, until)
    found = None
    if size > LARGE_BYTES and (heard is None or heard.agrees):
        with opened(path, kind) as container:
            found = _tail(container)
    if found is None:
        with opened(path, kind) as container:
            found = _whole(container, until)
    return found | {"heard": None if heard is None else heard.told()}


def _whole(container: Any, until: float) -> dict[str, Any]:
    walk = _walk(container, until)
    ended = max((track.ended for track in walk.tracks.values()), default=Fraction(0))
    sounds = [stream.index for stream in container.streams.audio]
    tracks = [walk.tracks[index] for index in sounds if index in walk.tracks]
    return _told(container, "whole" if walk.whole else "part", ended, walk.place, tracks)


def _walk(container: Any, until: float) -> Walk:
    """All packets, until the time is over."""
    tracks = tracks_of(container)
    place = 0
    for number, packet in enumerate(packets(container)):
        track = tracks.get(packet.stream_index)
        if track is None:  # some containers tell of a track when it begins
            tracks.update({index: new for index, new in tracks_of(container).items() if index not in tracks})
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
    tracks = tracks_of(container)
    try:
        container.seek(max(0, stated - TAIL_SECONDS * MICROSECONDS))
        for packet in packets(container):
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


def _told(container: Any, how: str, ended: Fraction, place: int, tracks: list[Track]) -> dict[str, Any]:
    return {
        "how": how,
        "video": bool(container.streams.video),
        "stated": container.duration or 0,
        "ended": micro(ended),
        "place": place,
        "tracks": [
            {
                "packets": track.packets,
                "sound": micro(track.sound),
                "holes": micro(track.holes * track.base),
                "again": track.again,
            }
            for track in tracks
        ],
    }
