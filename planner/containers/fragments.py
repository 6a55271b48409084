"""The times of fragmented MP4 files: pieces (`moof`) that follow the index, each with its own samples."""

import struct
from collections.abc import Iterable
from itertools import chain

from planner.containers.boxes import Box, boxes, inner
from planner.containers.source import Source

MAX_TABLE_BYTES = 1 << 20
"""A piece lasts seconds; its table of samples is far smaller."""

_BASE_OFFSET, _DESCRIPTION, _DEFAULT_DURATION = 0x1, 0x2, 0x8
_DATA_OFFSET, _FIRST_FLAGS, _DURATION = 0x1, 0x4, 0x100
_PER_SAMPLE = (0x100, 0x200, 0x400, 0x800)


def fragments_time(source: Source, top: Iterable[Box], moov: Box, trak: Box) -> int:
    """The time of a track's samples in all pieces, in the track's own units; 0 without pieces."""
    identity = _identity(source, trak)
    usual = _usual_duration(source, moov, identity)
    pieces = chain.from_iterable(boxes(source, box) for box in top if box.kind == b"moof")
    return sum(_piece_time(source, traf, identity, usual) for traf in pieces if traf.kind == b"traf")


def _number(source: Source, offset: int) -> int:
    return int.from_bytes(source.at(offset, 4), "big")


def _identity(source: Source, trak: Box) -> int:
    header = inner(source, trak, b"tkhd")
    if header is None:
        return 0
    return _number(source, header.body + (20 if source.at(header.body, 1) == b"\1" else 12))


def _usual_duration(source: Source, moov: Box, identity: int) -> int:
    """What a sample of the track lasts where its piece does not say."""
    mvex = inner(source, moov, b"mvex")
    for box in boxes(source, mvex) if mvex else ():
        if box.kind == b"trex" and _number(source, box.body + 4) == identity:
            return _number(source, box.body + 12)
    return 0


def _piece_time(source: Source, traf: Box, identity: int, usual: int) -> int:
    header = inner(source, traf, b"tfhd")
    if header is None or _number(source, header.body + 4) != identity:
        return 0
    flags = _number(source, header.body) & 0xFFFFFF
    if flags & _DEFAULT_DURATION:
        skipped = 8 * bool(flags & _BASE_OFFSET) + 4 * bool(flags & _DESCRIPTION)
        usual = _number(source, header.body + 8 + skipped)
    return sum(_run_time(source, run, usual) for run in boxes(source, traf) if run.kind == b"trun")


def _run_time(source: Source, run: Box, usual: int) -> int:
    flags, count = _number(source, run.body) & 0xFFFFFF, _number(source, run.body + 4)
    if not flags & _DURATION:
        return count * usual
    start = run.body + 8 + 4 * bool(flags & _DATA_OFFSET) + 4 * bool(flags & _FIRST_FLAGS)
    width = 4 * sum(bool(flags & each) for each in _PER_SAMPLE)
    table = source.at(start, min(count * width, run.end - start, MAX_TABLE_BYTES))
    entries = struct.Struct(f">I{width - 4}x")
    return sum(duration for (duration,) in entries.iter_unpack(table[: len(table) // width * width]))
