"""AIFF and AIFC: the frames that `COMM` states, confirmed by the bytes of `SSND`."""

from dataclasses import dataclass
from fractions import Fraction

from manifests.length import Grade
from planner.containers.chunks import Chunk, chunks
from planner.containers.source import Source
from planner.leftout import Reason, Unreadable
from planner.lengths.interface import SLOPPY, Length, between, cut_off, damaged, sure
from planner.lengths.others import by_soundfile, unmeasured

PLAIN = frozenset({b"NONE", b"sowt", b"twos", b"raw ", b"in24", b"in32", b"23ni", b"42ni"})
WIDTHS = {b"fl32": 4, b"FL32": 4, b"fl64": 8, b"FL64": 8, b"ulaw": 1, b"ULAW": 1, b"alaw": 1, b"ALAW": 1}
AS_COMPRESSED = by_soundfile(unmeasured, "aiff")
COMM_BYTES = 18
SSND_HEADER_BYTES = 8
EXPONENT_BIAS = 16383
MAX_EXPONENT = 40


@dataclass(frozen=True, slots=True)
class Common:
    """What `COMM` states: frames, bytes a frame (0 when compressed), frames a second."""

    frames: int
    width: int
    rate: Fraction


class Aiff:
    """Audio Interchange File Format files."""

    name = "aiff"
    starts = (b"FORM",)

    def recognises(self, source: Source) -> bool:
        """By the form header."""
        return source.head.startswith(b"FORM") and source.head[8:12] in {b"AIFF", b"AIFC"}

    def length(self, source: Source) -> Length:
        """Frames by rate, where the sound's bytes agree; else what is there."""
        found = {chunk.name: chunk for chunk in chunks(source, big_endian=True)}
        if b"COMM" not in found:
            raise damaged(source, "an AIFF file without its format (COMM)")
        common = _common(source, found[b"COMM"])
        if b"SSND" not in found:
            raise Unreadable(Reason.TRUNCATED, source.path, "cut off before its sound begins; copy it again")
        if not common.width:
            return AS_COMPRESSED(source, self.name)
        return self._by_bytes(source, common, found[b"SSND"])

    def _by_bytes(self, source: Source, common: Common, sound: Chunk) -> Length:
        begin = sound.body + SSND_HEADER_BYTES + int.from_bytes(source.at(sound.body, 4), "big")  # its offset
        there = max(0, (sound.end - begin) // common.width)
        unstated = common.frames == 0 or sound.stated <= SSND_HEADER_BYTES
        if unstated:  # written into a pipe: everything up to the end is sound
            there = max(0, (source.size - begin) // common.width)
            return sure(there / common.rate, Grade.COUNTED, self.name, "no size stated; bytes up to the end")
        seconds, stated = there / common.rate, common.frames / common.rate
        if stated - seconds > SLOPPY:
            raise cut_off(source, seconds, stated)
        if seconds - stated > SLOPPY:
            return between(stated, stated, seconds, self.name, "more bytes of sound than stated frames")
        return sure(common.frames / common.rate, Grade.EXACT, self.name, "frames, confirmed by the size")


def _common(source: Source, chunk: Chunk) -> Common:
    raw = source.at(chunk.body, min(chunk.size, COMM_BYTES + 4))
    if len(raw) < COMM_BYTES:
        raise damaged(source, "an AIFF file whose format (COMM) is cut")
    channels, bits = int.from_bytes(raw[:2], "big"), int.from_bytes(raw[6:8], "big")
    kind = raw[COMM_BYTES:] if source.head[8:12] == b"AIFC" else b"NONE"
    sample = (bits + 7) // 8 if kind in PLAIN else WIDTHS.get(kind, 0)
    rate = _extended(raw[8:18])
    if not rate or not channels:
        raise damaged(source, "an AIFF file with a rate of zero")
    return Common(int.from_bytes(raw[2:6], "big"), channels * sample, rate)


def _extended(raw: bytes) -> Fraction:
    """An 80-bit floating point number as AIFF writes sample rates; 0 for what is no rate."""
    exponent = (int.from_bytes(raw[:2], "big") & 0x7FFF) - EXPONENT_BIAS
    if not 0 <= exponent <= MAX_EXPONENT:
        return Fraction(0)
    return Fraction(int.from_bytes(raw[2:], "big"), 1 << 63) * (1 << exponent)
