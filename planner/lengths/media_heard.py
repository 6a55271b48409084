"""What is heard when the first sound track is decoded; runs in the process behind `guard` alone.

The first packets are decoded always, for times of packets lie, too: rates that a container cannot state,
last packets that are half empty. Where decoding and times differ, all packets are decoded, if there is time.
"""

from dataclasses import dataclass
from fractions import Fraction
from time import monotonic
from typing import Any

import av

from planner.lengths.media_packets import micro, opened, packets, tracks_of

PROBE_PACKETS = 300
"""Six seconds of most codecs: some milliseconds of work."""

ASTRAY = Fraction(1, 50)
"""How far the times of the first packets may differ from what is heard of them."""

DELAY = Fraction(3, 20)
"""Seconds that a decoder holds back or leaves out at the beginning."""

LOOK_EVERY = 100
"""Packets between two looks at the clock."""


@dataclass(slots=True)
class Heard:
    """Seconds decoded of so many packets, and what their times say; `whole` when those were all.

    `errors` is how many of them no decoder takes.
    """

    packets: int
    seconds: Fraction
    span: Fraction
    whole: bool
    errors: int

    @property
    def agrees(self) -> bool:
        """Whether the times of the packets can be trusted."""
        return abs(self.seconds - self.span) <= max(self.span * ASTRAY, DELAY)

    def told(self) -> dict[str, Any]:
        """For the other side of the pipe."""
        return {
            "packets": self.packets,
            "seconds": micro(self.seconds),
            "span": micro(self.span),
            "whole": self.whole,
            "errors": self.errors,
            "agrees": self.agrees,
        }


def heard(path: str, kind: str, until: float) -> Heard | None:
    """Decode the beginning, and the rest where that is needed; None without sound, or without its decoder.

    Args:
        path: the file.
        kind: FFmpeg's name of the container.
        until: when to end, on the clock of `time.monotonic`.
    """
    found = _decoded(path, kind, PROBE_PACKETS, until)
    if found is None or found.whole or found.agrees:
        return found
    return _decoded(path, kind, None, until)


def _decoded(path: str, kind: str, most: int | None, until: float) -> Heard | None:
    samples: dict[int, int] = {}
    with opened(path, kind) as container:
        stream = next(iter(container.streams.audio), None)
        if stream is None or stream.codec_context is None:
            return None
        track = tracks_of(container)[stream.index]
        whole, errors = True, 0
        for packet in packets(container, stream):
            if track.packets == most or (track.packets % LOOK_EVERY == 0 and monotonic() > until):
                whole = False
                break
            track.add(packet.dts if packet.pts is None else packet.pts, packet.duration)
            try:
                _listen(packet.decode(), samples)
            except av.DecoderNotFoundError:
                return None
            except (av.FFmpegError, ValueError):
                errors += 1  # players go on, too
        if whole:
            _rest(stream, samples)
    if not track.packets:
        return None
    seconds = sum((Fraction(count, rate) for rate, count in samples.items()), Fraction(0))
    return Heard(track.packets, seconds, track.sound, whole, errors)


def _listen(frames: list[Any], samples: dict[int, int]) -> None:
    for frame in frames:
        samples[frame.sample_rate] = samples.get(frame.sample_rate, 0) + frame.samples


def _rest(stream: Any, samples: dict[int, int]) -> None:
    """What the decoder has held back."""
    try:
        _listen(stream.codec_context.decode(None), samples)
    except (av.FFmpegError, ValueError, EOFError):
        return
