"""CAF (Apple's Core Audio Format): bytes or packets of sound by what its description says of them.

Where neither tells, or they do not agree, the packets are counted by PyAV.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from manifests.length import Grade
from planner.containers.films import ALL, Film
from planner.containers.source import Source
from planner.leftout import Reason, Unreadable
from planner.lengths.interface import Length, cut_off, damaged, sure
from planner.lengths.media import by_packets

MARK = b"caff"
FILE_HEADER_BYTES, CHUNK_HEADER_BYTES, EDIT_COUNT_BYTES = 8, 12, 4
MAX_CHUNKS = 10_000
MAX_TABLE_BYTES = 1 << 23
"""Of packet sizes; a day of compressed sound has fewer."""

WIDEST_BYTES = 8
PACKETS = {b"ulaw": (1, 1), b"alaw": (1, 1), b"ima4": (34, 64), b"MAC3": (2, 6), b"MAC6": (1, 6)}
"""Codecs whose packets are all of one size -> its bytes a channel, and samples."""

_DESCRIPTION = struct.Struct(">d4sIIIII")
_TABLE = struct.Struct(">qqii")


@dataclass(frozen=True, slots=True)
class Chunk:
    """One chunk; `stated` is its size by its header, -1 for sound up to the end of the file."""

    name: bytes
    body: int
    stated: int
    end: int


class Caf:
    """Core Audio Format files."""

    name = "caf"
    starts = (MARK,)

    def recognises(self, source: Source) -> bool:
        """By the mark."""
        return source.head.startswith(MARK)

    def length(self, source: Source) -> Length:
        """Packets of one size by the bytes of sound; others by the table of packets, if it agrees."""
        found = {chunk.name: chunk for chunk in _chunks(source)}
        raw = source.at(found[b"desc"].body, _DESCRIPTION.size) if b"desc" in found else b""
        if len(raw) < _DESCRIPTION.size:
            raise damaged(source, "a CAF file without its format (desc)")
        data = found.get(b"data")
        if data is None:
            raise Unreadable(Reason.TRUNCATED, source.path, "cut off before its sound begins; copy it again")
        rate, kind, _flags, size, frames, channels, bits = _DESCRIPTION.unpack(raw)
        if not 0 < rate < float("inf"):
            raise damaged(source, "a CAF file with a rate of zero")
        if frames and size and _fixed(kind, size, frames, channels, bits):
            return self._by_bytes(source, data, Fraction(rate) * size / frames)
        table = found.get(b"pakt")
        return self._by_table(source, data, table, Fraction(rate), frames) or self._by_packets(source, data)

    def _by_bytes(self, source: Source, data: Chunk, byte_rate: Fraction) -> Length:
        seconds = max(0, data.end - data.body - EDIT_COUNT_BYTES) / byte_rate
        if data.stated < 0:
            return sure(seconds, Grade.COUNTED, self.name, "no size stated; bytes up to the end")
        if data.stated > data.end - data.body:
            raise cut_off(source, seconds, (data.stated - EDIT_COUNT_BYTES) / byte_rate)
        return sure(seconds, Grade.EXACT, self.name, "bytes of sound")

    def _by_table(
        self, source: Source, data: Chunk, table: Chunk | None, rate: Fraction, frames: int
    ) -> Length | None:
        """By the table, where its sizes add up to the bytes of sound."""
        if table is None or not frames or data.stated != data.end - data.body:
            return None
        head = source.at(table.body, _TABLE.size)
        if len(head) < _TABLE.size or table.end - table.body > MAX_TABLE_BYTES:
            return None
        packets, valid, before, after = _TABLE.unpack(head)
        sizes = list(_numbers(source.at(table.body + _TABLE.size, table.end - table.body - _TABLE.size)))[
            :packets
        ]
        fits = len(sizes) == packets and sum(sizes) == data.stated - EDIT_COUNT_BYTES
        if not fits or valid + before + after != packets * frames or not before + after:
            return None  # also where nothing is said of delay and padding: all encoders have some
        return sure(valid / rate, Grade.EXACT, self.name, "table of packets, whose sizes add up")

    def _by_packets(self, source: Source, data: Chunk) -> Length:
        whole = data.stated < 0 or data.stated <= data.end - data.body
        share = ALL if whole else Fraction(data.end - data.body, data.stated)
        return by_packets(source, Film(self.name, "caf"), share)


def _fixed(kind: bytes, size: int, frames: int, channels: int, bits: int) -> bool:
    """Whether packets of this codec are all of one size, and of this."""
    if kind == b"lpcm":
        return frames == 1 and channels * ((bits + 7) // 8) <= size <= channels * WIDEST_BYTES
    return kind in PACKETS and (size, frames) == (PACKETS[kind][0] * channels, PACKETS[kind][1])


def _chunks(source: Source) -> Iterator[Chunk]:
    offset = FILE_HEADER_BYTES
    for _ in range(MAX_CHUNKS):
        header = source.at(offset, CHUNK_HEADER_BYTES)
        if len(header) < CHUNK_HEADER_BYTES:
            return
        size, body = int.from_bytes(header[4:], "big", signed=True), offset + CHUNK_HEADER_BYTES
        offset = source.size if size < 0 else body + size
        yield Chunk(header[:4], body, size, min(offset, source.size))


def _numbers(table: bytes) -> Iterator[int]:
    """Numbers of seven bits a byte, the highest bit set on all but the last of each."""
    value = 0
    for byte in table:
        value = value << 7 | byte & 0x7F
        if byte < 0x80:  # noqa: PLR2004
            yield value
            value = 0
