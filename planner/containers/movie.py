"""What the index (`moov`) of an MP4 or QuickTime file tells of its sound tracks."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from planner.containers.boxes import Box, boxes, inner
from planner.containers.source import Source

MAX_TABLE_BYTES = 1 << 24
"""A table of times is read up to this size; those of sound have one or two entries."""

SOUND = b"soun"
_U32, _U64 = struct.Struct(">I"), struct.Struct(">Q")


@dataclass(frozen=True, slots=True)
class Edit:
    """A piece of the track that is played: its length in movie time, and where in the track it begins."""

    duration: int
    start: int


@dataclass(frozen=True, slots=True)
class Track:
    """One sound track; times in units of 1/`scale` second, `kind` is the name of its codec."""

    box: Box
    scale: int
    stated: int
    tabled: int
    edits: tuple[Edit, ...]
    last_chunk: int
    kind: bytes = b""


def sound_tracks(source: Source, moov: Box) -> Iterator[Track]:
    """The sound tracks of a movie, those that can be followed."""
    for trak in boxes(source, moov):
        if trak.kind != b"trak":
            continue
        handler = inner(source, trak, b"mdia", b"hdlr")
        header = inner(source, trak, b"mdia", b"mdhd")
        if handler and header and source.at(handler.body + 8, 4) == SOUND:
            scale, stated = times(source, header)
            table = inner(source, trak, b"mdia", b"minf", b"stbl")
            tabled = _tabled(source, inner(source, table, b"stts")) if table else 0
            last = _last_chunk(source, table) if table else 0
            entries = inner(source, table, b"stsd") if table else None
            kind = source.at(entries.body + 12, 4) if entries else b""
            yield Track(trak, scale, stated, tabled, _edits(source, trak), last, kind)


def times(source: Source, header: Box) -> tuple[int, int]:
    """Units a second and length in units, of an `mdhd` or `mvhd` box; an unknown length is 0."""
    raw = source.at(header.body, 32)
    if raw[:1] == b"\1" and len(raw) == 32:  # noqa: PLR2004 - version 1 has 64-bit times
        scale, duration = _U32.unpack_from(raw, 20)[0], _U64.unpack_from(raw, 24)[0]
        return scale, 0 if duration == (1 << 64) - 1 else duration
    if len(raw) < 20:  # noqa: PLR2004
        return 0, 0
    scale, duration = _U32.unpack_from(raw, 12)[0], _U32.unpack_from(raw, 16)[0]
    return scale, 0 if duration == (1 << 32) - 1 else duration


def edit_list(source: Source, trak: Box) -> Box | None:
    """The box that says which pieces of a track are played."""
    return inner(source, trak, b"edts", b"elst")


def _tabled(source: Source, stts: Box | None) -> int:
    """The sum of all samples' times; 0 when there is no such table."""
    if stts is None:
        return 0
    raw = source.at(stts.body + 8, min(stts.end - stts.body - 8, MAX_TABLE_BYTES))
    whole = raw[: len(raw) // 8 * 8]
    return sum(count * delta for count, delta in struct.iter_unpack(">II", whole))


def _edits(source: Source, trak: Box) -> tuple[Edit, ...]:
    box = edit_list(source, trak)
    if box is None or box.end - box.body > MAX_TABLE_BYTES:
        return ()
    raw = source.at(box.body, box.end - box.body)
    layout = struct.Struct(">QqI" if raw[:1] == b"\1" else ">IiI")
    entries = raw[8 : 8 + (len(raw) - 8) // layout.size * layout.size] if len(raw) > 8 else b""  # noqa: PLR2004
    return tuple(Edit(duration, start) for duration, start, _rate in layout.iter_unpack(entries))


def _last_chunk(source: Source, table: Box) -> int:
    """Where the last chunk of samples begins: a file that ends before it is cut off."""
    for box in boxes(source, table):
        width = {b"stco": 4, b"co64": 8}.get(box.kind)
        if width and box.end - box.body >= 8 + width:
            return int.from_bytes(source.at(box.end - width, width), "big")
    return 0
