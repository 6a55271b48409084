"""Where the frames of a FLAC file begin, and which sample its last frame ends on (RFC 9639)."""

from dataclasses import dataclass

from planner.containers.source import Source
from planner.containers.tags import between_tags

MARK = b"fLaC"
STREAMINFO_BYTES = 34
BLOCK_HEADER_BYTES = 4
MAX_BLOCKS = 10_000
TAIL_BYTES = 1 << 16
"""A first look for the last frame; the usual one has about 10 KiB."""

MAX_TAIL_BYTES = 1 << 20
"""Farther back nothing is looked for: no encoder writes a frame so large."""

SYNC_MARKS = (b"\xff\xf8", b"\xff\xf9")
"""What every frame begins with, for blocks of one size and of several."""

HEADER_MAX_BYTES = 16
_RATES = {1: 88200, 2: 176400, 3: 192000, 4: 8000, 5: 16000, 6: 22050, 7: 24000, 8: 32000}
_RATES |= {9: 44100, 10: 48000, 11: 96000}


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the STREAMINFO block lies (its body) and where the frames begin and end."""

    streaminfo: bytes
    frames: int
    end: int


@dataclass(frozen=True, slots=True)
class StreamInfo:
    """Samples a second, samples in all (0: not stated), samples a frame of fixed size."""

    rate: int
    samples: int
    block: int


def layout(source: Source) -> Layout | None:
    """The layout of a FLAC file; None when its metadata cannot be followed."""
    start, end = between_tags(source)
    if source.at(start, len(MARK)) != MARK:
        return None
    offset, streaminfo = start + len(MARK), b""
    for _ in range(MAX_BLOCKS):
        header = source.at(offset, BLOCK_HEADER_BYTES)
        if len(header) < BLOCK_HEADER_BYTES:
            return None
        kind, last = header[0] & 0x7F, header[0] & 0x80
        if kind == 0 and not streaminfo:
            streaminfo = source.at(offset + BLOCK_HEADER_BYTES, STREAMINFO_BYTES)
        offset += BLOCK_HEADER_BYTES + int.from_bytes(header[1:], "big")
        if last:
            complete = len(streaminfo) == STREAMINFO_BYTES and offset <= end
            return Layout(streaminfo, offset, end) if complete else None
    return None


def stream_info(block: bytes) -> StreamInfo:
    """The fields of a STREAMINFO block (RFC 9639, 8.2) that a length needs."""
    packed = int.from_bytes(block[10:18], "big")
    return StreamInfo(packed >> 44, packed & ((1 << 36) - 1), int.from_bytes(block[:2], "big"))


def frame_rate(source: Source, where: Layout) -> int:
    """The samples a second that the first frame states; 0 when it leaves that to the header."""
    code = source.at(where.frames, 3)[-1:]
    return _RATES.get(code[0] & 15, 0) if code else 0


def last_sample(source: Source, where: Layout, fixed_block: int) -> int | None:
    """The number of samples up to the end of the last frame; None when no frame is found near the end.

    Args:
        source: the file.
        where: its layout.
        fixed_block: samples a frame of a stream with frames of one size (from STREAMINFO).
    """
    like = source.at(where.frames, 4)
    reach, end = TAIL_BYTES, where.end
    while reach <= MAX_TAIL_BYTES:
        begin = max(where.frames, where.end - reach)
        block = source.at(begin, min(end + HEADER_MAX_BYTES, where.end) - begin)
        found = _last_in(block, like, fixed_block)
        if found is not None or begin == where.frames:
            return found
        end, reach = begin, reach * 4
    return None


def _last_in(block: bytes, like: bytes, fixed_block: int) -> int | None:
    mark = like[:2]
    place = block.rfind(mark) if mark in SYNC_MARKS else -1
    while place >= 0:
        header = block[place : place + HEADER_MAX_BYTES]
        sample = _frame_end(header, fixed_block) if _is_like(header, like) else None
        if sample is not None:
            return sample
        place = block.rfind(mark, 0, place)
    return None


def _is_like(header: bytes, first: bytes) -> bool:
    """Whether a header agrees with the first frame's in sample rate and sample size.

    Those never change within a file; the checksum alone would let one file in a thousand fool us.
    """
    if len(header) < 6 or len(first) < 4:  # noqa: PLR2004 - the shortest header
        return False
    return header[2] & 15 == first[2] & 15 and header[3] & 14 == first[3] & 14


def _frame_end(header: bytes, fixed_block: int) -> int | None:
    """The sample after the frame whose header this is; None when the checksum or a field is wrong."""
    block_code, rate_code = header[2] >> 4, header[2] & 15
    if header[3] & 1 or header[3] >> 4 > 10 or block_code == 0 or rate_code == 15:  # noqa: PLR2004
        return None
    number, offset = _coded_number(header)
    size, offset = _block_size(header, block_code, offset)
    offset += {12: 1, 13: 2, 14: 2}.get(rate_code, 0)
    if number is None or offset >= len(header) or _crc8(header[:offset]) != header[offset]:
        return None
    return (number if header[1] & 1 else number * fixed_block) + size


def _coded_number(header: bytes) -> tuple[int | None, int]:
    """A frame or sample number in the manner of UTF-8, from byte 4, and the offset after it."""
    lead = header[4]
    ones = 8 - (lead ^ 0xFF).bit_length()
    if ones == 0:
        return lead, 5
    following = header[5 : 4 + ones]
    if ones == 1 or len(following) != ones - 1 or any(byte >> 6 != 2 for byte in following):  # noqa: PLR2004
        return None, 5
    number = lead & (0x7F >> ones)
    for byte in following:
        number = number << 6 | byte & 0x3F
    return number, 4 + ones


def _block_size(header: bytes, code: int, offset: int) -> tuple[int, int]:
    """Samples in the frame, and the offset after the bytes that state them."""
    if code == 1:
        return 192, offset
    if code < 6:  # noqa: PLR2004 - the table of RFC 9639, 9.1.1
        return 144 << code, offset
    if code > 7:  # noqa: PLR2004
        return 1 << code, offset
    width = code - 5
    return int.from_bytes(header[offset : offset + width], "big") + 1, offset + width


def _crc8(data: bytes) -> int:
    """CRC-8 with the polynomial 0x07 (RFC 9639, 9.1.8)."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc << 1 ^ (0x107 if crc & 0x80 else 0)
    return crc
