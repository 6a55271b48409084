"""Sounds of telephone systems without any header: their name says the codec, their size the length.

The names are those that Asterisk gives. Asked last of all: content that shows another kind wins.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from manifests.length import Grade
from planner.containers.source import Source
from planner.leftout import Reason, Unreadable
from planner.lengths.interface import SLOPPY, Length, between, sure

FRAMES_LOOKED_AT = 50


@dataclass(frozen=True, slots=True)
class Codec:
    """Bytes a frame and seconds a frame; `slowest` where a slower rate is in use, too.

    `looks` is what each frame's first byte must look like, where the codec fixes it.
    """

    name: str
    size: int
    seconds: Fraction
    looks: Callable[[int], bool] | None = None
    slowest: Fraction | None = None


def _samples(rate: int, size: int = 2) -> Codec:
    return Codec(f"{size * 8}-bit samples at {rate} Hz", size, Fraction(1, rate))


_GSM = Codec("GSM 06.10", 33, Fraction(1, 50), looks=lambda first: first >> 4 == 0xD)  # noqa: PLR2004 - its magic
_LAW = Codec("G.711", 1, Fraction(1, 8000))
CODECS = {
    ".gsm": _GSM,
    ".g722": Codec("G.722 at 64 kbit/s", 1, Fraction(1, 8000)),
    ".g729": Codec("G.729", 10, Fraction(1, 100)),
    **dict.fromkeys((".ulaw", ".ul", ".mulaw", ".mu", ".ulw", ".alaw", ".al", ".alw"), _LAW),
    ".sln": _samples(8000),
    **{f".sln{thousands}": _samples(thousands * 1000) for thousands in (8, 12, 16, 24, 32, 48, 96, 192)},
    ".sln44": _samples(44_100),
    ".siren7": Codec("Siren 7", 80, Fraction(1, 50)),
    ".siren14": Codec("Siren 14", 120, Fraction(1, 50)),
    **{
        f".g726-{kbits}": Codec(f"G.726 at {kbits} kbit/s", kbits // 8, Fraction(1, 1000))
        for kbits in (16, 24, 32, 40)
    },
    ".vox": Codec("Dialogic ADPCM", 1, Fraction(2, 8000), slowest=Fraction(2, 6000)),
}
"""Extension -> codec."""


class Telephone:
    """Sounds that only their names tell apart from noise."""

    name = "telephone"
    starts: tuple[bytes, ...] = ()

    def recognises(self, source: Source) -> bool:
        """By the extension, unless the content is text or shows that it is something else."""
        codec = _codec(source)
        if codec is None or (source.head.isascii() and any(source.head)):
            return False
        if codec.looks is None:
            return True
        firsts = source.head[: codec.size * FRAMES_LOOKED_AT : codec.size]
        return all(map(codec.looks, firsts))

    def length(self, source: Source) -> Length:
        """Its size by what the codec takes for a second."""
        codec = _codec(source)
        assert codec is not None
        frames = source.size // codec.size
        if not frames:
            raise Unreadable(Reason.TRUNCATED, source.path, f"too small for {codec.name}")
        seconds = frames * codec.seconds
        reason = f"by its size and its name, {codec.name} without a header"
        if codec.slowest:
            return between(seconds, seconds, frames * codec.slowest + SLOPPY, self.name, reason)
        return sure(seconds, Grade.HEADER, self.name, reason)


def _codec(source: Source) -> Codec | None:
    return CODECS.get(os.path.splitext(source.path)[1].lower())  # noqa: PTH122 - a million names stay strings
