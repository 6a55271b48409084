"""Where the frames of a FLAC file begin, and which samples its first and last frame hold (RFC 9639)."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice, pairwise

from planner.containers.source import BLOCK_BYTES, Source
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
START_BYTES = len(MARK) + BLOCK_HEADER_BYTES
"""A file's mark and the header of its STREAMINFO block: chance does not write these eight bytes."""

SMALL_BYTES = 1 << 18
"""Up to here a file is searched for further files as a whole; a larger one only on suspicion."""

PROBES = 6
"""A large file is asked for its position at each sixth of it. If a first file of X of the bytes and the
samples of the second hides within, the next place strays by X (1 - place) / (1 - X), at least."""

STRAYS = 16
"""How far a position may stray: by one part in so many."""

MAX_PARTS = 1000
"""Files joined into one that are followed; nobody joins so many."""

MAX_TRIES = 20_000
"""Places that look like a frame and are none, before a search ends: chance makes one in megabytes."""

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
    return _layout_between(source, *source.once(between_tags))


def parts(source: Source, where: Layout) -> list[Layout]:
    """The layouts of all files that were joined into this one; none when one cannot be followed."""
    starts = [*_further_starts(source, where), where.end]
    further = [_layout_between(source, start, end) for start, end in pairwise(starts)]
    followed = [part for part in further if part]
    if len(followed) < len(further) or len(further) >= MAX_PARTS:
        return []
    return [replace(where, end=starts[0]), *followed]


def _layout_between(source: Source, start: int, end: int) -> Layout | None:
    if source.at(start, len(MARK)) != MARK:
        return None
    offset, streaminfo = start + len(MARK), b""
    for _ in range(MAX_BLOCKS):
        header = source.at(offset, BLOCK_HEADER_BYTES)
        if len(header) < BLOCK_HEADER_BYTES:
            return None
        kind, last = header[0] & 0x7F, header[0] & 0x80
        if kind == 0 and int.from_bytes(header[1:], "big") != STREAMINFO_BYTES:
            return None  # decoders refuse it
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


def missing(source: Source, where: Layout, fixed_block: int) -> int | None:
    """How many samples are missing between frames in a row; None where positions begin anew.

    Only a small file is looked at as a whole; a larger one is asked at some places (`parts`).
    """
    if where.end - where.frames > SMALL_BYTES:
        return 0
    before = anew = None  # one frame that stands too early may be chance, a second that follows it is none
    gaps = 0
    for begin, end in _frames_in(source.at(where.frames, where.end - where.frames), fixed_block):
        if before is not None and begin <= before[0]:
            if begin == anew:
                return None
            anew = end
            continue
        gaps += max(0, begin - before[1]) if before else 0
        before = begin, end
    return gaps


def _frames_in(block: bytes, fixed_block: int) -> Iterator[tuple[int, int]]:
    """The samples between which each frame lies."""
    like, tries = block[:4], 0
    place = block.find(like[:2])
    while place >= 0 and tries < MAX_TRIES:
        header = block[place : place + HEADER_MAX_BYTES]
        if _is_like(header, like):
            end = _frame_end(header, fixed_block)
            if end is not None:
                yield end - _block_size(header, header[2] >> 4, _coded_number(header)[1])[0], end
            tries += end is None
        place = block.find(like[:2], place + 1)


def first_sample(source: Source, where: Layout, fixed_block: int) -> int | None:
    """The sample that the first frame begins with, not 0 after a lossless cut; None when it is broken."""
    header = source.at(where.frames, min(HEADER_MAX_BYTES, where.end - where.frames))
    if header[:2] not in SYNC_MARKS or not _is_like(header, header):
        return None
    end = _frame_end(header, fixed_block)
    return None if end is None else end - _block_size(header, header[2] >> 4, _coded_number(header)[1])[0]


def _further_starts(source: Source, where: Layout) -> Iterator[int]:
    """Where further files begin behind the first frame, as after `cat a.flac b.flac`."""
    if where.end - where.frames > SMALL_BYTES and _runs_evenly(source, where):
        return iter(())
    return islice(_starts_in(source, where.frames, where.end), MAX_PARTS)


def _starts_in(source: Source, begin: int, end: int) -> Iterator[int]:
    for offset in range(begin, end, BLOCK_BYTES):
        block = source.at(offset, min(BLOCK_BYTES + START_BYTES - 1, end - offset))
        place = block.find(MARK)
        while place >= 0:
            if _is_start(block[place : place + START_BYTES]):
                yield offset + place
            place = block.find(MARK, place + 1)


def _is_start(start: bytes) -> bool:
    """Whether a STREAMINFO block, perhaps the only block, follows the mark."""
    return start[len(MARK) :] in {b"\0\0\0\x22", b"\x80\0\0\x22"}


def _runs_evenly(source: Source, where: Layout) -> bool:
    """Whether the positions in a file grow with its bytes and end at the stated total.

    In joined files they begin anew on the way. Reading a large file as a whole costs minutes on a
    network disk, so only one that fails here is searched. Not seen: two files of the same number of
    samples, one of which has less than about a fourteenth of the bytes.
    """
    info, like = stream_info(where.streaminfo), source.at(where.frames, 4)
    tail = source.at(where.end - TAIL_BYTES, TAIL_BYTES)
    first, last = first_sample(source, where, info.block), _last_in(tail, like, info.block)
    # One short file at the end would hide behind the last probe, hence the mark.
    if first is None or last is None or last <= first or info.samples not in {0, last} or MARK in tail:
        return False
    size, reach = where.end - where.frames, _probe_bytes(where.streaminfo)
    for probe in range(1, PROBES):
        block = source.at(where.frames + size * probe // PROBES - reach, reach)
        found = _last_in(block, like, info.block)
        if found is None:
            return False
        # Multiplied out: abs(part of the samples - part of the bytes) > 1 / STRAYS.
        astray = abs((found - first) * PROBES - (last - first) * probe)
        if astray * STRAYS > (last - first) * PROBES:
            return False
    return True


def _probe_bytes(streaminfo: bytes) -> int:
    """As many bytes as surely hold the header of a frame, by the largest frame that STREAMINFO states."""
    largest = int.from_bytes(streaminfo[7:10], "big") or TAIL_BYTES
    return min(largest, TAIL_BYTES) + HEADER_MAX_BYTES


def _last_in(block: bytes, like: bytes, fixed_block: int) -> int | None:
    mark = like[:2]
    place = block.rfind(mark) if mark in SYNC_MARKS else -1
    tries = 0
    while place >= 0 and tries < MAX_TRIES:
        header = block[place : place + HEADER_MAX_BYTES]
        if _is_like(header, like):
            sample = _frame_end(header, fixed_block)
            if sample is not None:
                return sample
            tries += 1
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


def _crc8_of(byte: int) -> int:
    for _ in range(8):
        byte = byte << 1 ^ (0x107 if byte & 0x80 else 0)
    return byte


_CRC8 = bytes(map(_crc8_of, range(256)))


def _crc8(data: bytes) -> int:
    """CRC-8 with the polynomial 0x07 (RFC 9639, 9.1.8)."""
    crc = 0
    for byte in data:
        crc = _CRC8[crc ^ byte]
    return crc
