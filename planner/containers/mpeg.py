"""Frame headers of MPEG audio (ISO/IEC 11172-3 and 13818-3, layers 1 to 3, and MPEG 2.5)."""

from fractions import Fraction
from functools import lru_cache

from planner.containers.frames import Frame, Parse, chained, first_frame
from planner.containers.source import Source
from planner.containers.tags import after_zeros, between_tags

SYNC = b"\xff"
JUNK_BYTES = 4 * 1024
"""Junk before the first frame that is still taken for an MP3."""

TAGGED_JUNK_BYTES = 512 * 1024
"""The same after an ID3 tag: some are longer than they say, by a cover or two."""

MAX_FREE_BYTES = 1 << 14
"""Four frames of the highest rate are smaller."""

SAME_MASK = 0xFFFFFC00
"""What all headers of a stream of constant rate have in common: version, layer, rates."""

MAX_SEEN = 1 << 12
CHAIN = 4
"""Frames in a row that random bytes do not show."""

_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
_KBITS_V1 = {
    3: (0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    2: (0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    1: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
}
_KBITS_V2 = {
    3: (0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    2: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    1: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_VERSION_1 = 3
_LAYER_1 = 3
_LAYER_3 = 1


def frame(block: bytes, offset: int) -> Frame | None:
    """The frame whose header is at `offset`; None when there is none."""
    return _SEEN[block[offset : offset + 4]]


@lru_cache(maxsize=4096)
def header(word: int) -> Frame | None:
    """The frame that a 32-bit header describes; None when the bits are no header.

    Frames of free format (bit rate 0) do not say their size: `free_format` finds it out.
    """
    version, layer = word >> 19 & 3, word >> 17 & 3
    bits, rate_index, padding = word >> 12 & 15, word >> 10 & 3, word >> 9 & 1
    if word >> 21 != 0x7FF or version == 1 or layer == 0 or bits in {0, 15} or rate_index == 3:  # noqa: PLR2004
        return None
    rate = _RATES[version][rate_index]
    kbits = (_KBITS_V1 if version == _VERSION_1 else _KBITS_V2)[layer][bits]
    if layer == _LAYER_1:
        return Frame((12_000 * kbits // rate + padding) * 4, 384, rate)
    samples = 576 if layer == _LAYER_3 and version != _VERSION_1 else 1152
    return Frame(samples * 125 * kbits // rate + padding, samples, rate)


def mean_size(word: int) -> Fraction:
    """Bytes of a frame with this header, on average over padded and other ones; 0 for layer 1."""
    version, layer, bits = word >> 19 & 3, word >> 17 & 3, word >> 12 & 15
    found = header(word)
    if found is None or layer == _LAYER_1:
        return Fraction(0)
    kbits = (_KBITS_V1 if version == _VERSION_1 else _KBITS_V2)[layer][bits]
    return Fraction(found.samples * 125 * kbits, found.rate)


class _Seen(dict[bytes, Frame | None]):
    """Frames by the four bytes of their headers: most streams have a handful."""

    def __missing__(self, head: bytes) -> Frame | None:
        found = header(int.from_bytes(head, "big"))
        if found and len(self) < MAX_SEEN:
            self[head] = found
        return found


_SEEN = _Seen()


def free_format(source: Source, start: int) -> Parse | None:
    """Reads the headers of a stream of free format, whose frames are all of one size; None when it is none.

    The size is that up to the next such header.
    """
    block = source.at(start, 2 * MAX_FREE_BYTES)
    word = int.from_bytes(block[:4], "big")
    like = header(word | 1 << 12)  # as if it had a bit rate
    if len(block) < 4 or word >> 12 & 15 or like is None:  # noqa: PLR2004
        return None
    slot = 4 if word >> 17 & 3 == _LAYER_1 else 1
    mark, place = block[:2], block.find(block[:2], 24)
    while place >= 0:
        size = place - slot * (word >> 9 & 1)
        parse = _free(word & SAME_MASK, Frame(size, like.samples, like.rate), slot)
        if chained(block, 0, parse, CHAIN, CHAIN):
            return parse
        place = block.find(mark, place + 1)
    return None


def _free(same: int, plain: Frame, slot: int) -> Parse:
    def parse(block: bytes, offset: int) -> Frame | None:
        word = int.from_bytes(block[offset : offset + 4], "big")
        if word & SAME_MASK != same:
            return None
        return Frame(plain.size + slot * (word >> 9 & 1), plain.samples, plain.rate)

    return parse


def is_layer_3(word: int) -> bool:
    """Whether a header is of layer 3: only those carry a Xing or VBRI frame."""
    return word >> 17 & 3 == _LAYER_3


def find_audio(source: Source) -> tuple[int, int] | None:
    """Where the frames begin and the audio ends, tags left out; None when it is no MPEG audio."""
    start, end = source.once(between_tags)
    start = after_zeros(source, start)
    within = TAGGED_JUNK_BYTES if start else JUNK_BYTES
    first = first_frame(source, start, frame, SYNC, within=within, chain=CHAIN, end=end)
    return None if first is None or first >= end else (first, end)
