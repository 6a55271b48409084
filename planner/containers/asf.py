"""Windows Media files (ASF): what the header states, and what its last packet says.

Field offsets as in Microsoft's "Advanced Systems Format (ASF) Specification", 3.2, 5.1 and 5.2.
"""

import struct
from dataclasses import dataclass
from fractions import Fraction

from planner.containers.source import Source

MARK = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
PROPERTIES = bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365")
DATA = bytes.fromhex("3626b2758e66cf11a6d900aa0062ce6c")
STREAM = bytes.fromhex("9107dcb7b7a9cf118ee600c00c205365")
SOUND = bytes.fromhex("409e69f84d5bcf11a8fd00805f5c442b")
PICTURES = bytes.fromhex("c0ef19bc4d5bcf11a8fd00805f5c442b")

OBJECT_BYTES = 24
HEADER_BYTES = 30
DATA_BYTES = 50
MAX_HEADER_BYTES = 1 << 24
"""Cover pictures lie in the header."""

TICKS = 10_000_000
MS = 1000
BROADCAST = 1

_PROPERTIES = struct.Struct("<16sQQQQQQIIII")  # after the object's 24 bytes


@dataclass(frozen=True, slots=True)
class Header:
    """What an ASF header states: times in seconds, sizes in bytes, packets counted.

    `begin` is where the packets begin; `piped` whether the file was written without going back.
    """

    size: int
    packets: int
    seconds: Fraction
    preroll: Fraction
    piped: bool
    packet: int
    begin: int
    streams: tuple[bytes, ...]


def header(source: Source) -> Header | None:
    """The header; None where it cannot be followed."""
    size = int.from_bytes(source.head[16:24], "little")
    whole = source.at(0, min(size, MAX_HEADER_BYTES))
    fields: tuple[int, ...] | None = None
    streams = []
    offset = HEADER_BYTES
    while offset + OBJECT_BYTES <= len(whole):
        name, length = whole[offset : offset + 16], int.from_bytes(whole[offset + 16 : offset + 24], "little")
        body = whole[offset + OBJECT_BYTES : offset + max(length, OBJECT_BYTES)]
        if name == PROPERTIES and len(body) >= _PROPERTIES.size:
            fields = _PROPERTIES.unpack_from(body)[1:]
        if name == STREAM:
            streams.append(body[:16])
        if length < OBJECT_BYTES:
            break
        offset += length
    if fields is None or source.at(size, 16) != DATA:
        return None
    file_size, _created, packets, play, _send, preroll, flags, least, most, _rate = fields
    before = Fraction(preroll, MS)
    seconds = max(Fraction(0), Fraction(play, TICKS) - before)
    packet = most if least == most else 0
    return Header(
        file_size,
        packets,
        seconds,
        before,
        bool(flags & BROADCAST),
        packet,
        size + DATA_BYTES,
        tuple(streams),
    )


def sent(source: Source, found: Header, number: int) -> Fraction | None:
    """Until when a packet lasts, in seconds, preroll included; None where it does not tell."""
    raw = source.at(found.begin + number * found.packet, 64)
    if not raw:
        return None
    offset = 1 + (raw[0] & 0xF) if raw[0] & 0x80 else 0  # error correction
    if len(raw) < offset + 2:
        return None
    kinds = raw[offset]
    for shift in (5, 1, 3):  # packet length, sequence, padding length: 0, 1, 2 or 4 bytes each
        width = (0, 1, 2, 4)[kinds >> shift & 3]
        offset += width
    offset += 2
    if len(raw) < offset + 6:
        return None
    begin, duration = struct.unpack_from("<IH", raw, offset)
    return Fraction(begin + duration, MS)
