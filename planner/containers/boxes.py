"""Boxes of MP4 and QuickTime files (ISO/IEC 14496-12): a size, a four-letter kind, a body."""

from collections.abc import Iterator
from typing import NamedTuple

from planner.containers.source import Source

HEADER_BYTES = 8
LARGE_HEADER_BYTES = 16
MAX_BOXES = 100_000
"""Fragments of a very long recording stay below it; a crafted file must not keep us."""

MAX_INNER_BOXES = 10_000
"""Within another box; a track has a dozen, a piece of a stream some more."""

FIRST_KINDS = frozenset({b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot", b"styp"})
"""What an MP4 or QuickTime file begins with."""


class Box(NamedTuple):
    """One box; `stated_end` is where its header says it ends, which may pass the file's end."""

    kind: bytes
    start: int
    body: int
    end: int
    stated_end: int


def is_boxed(source: Source) -> bool:
    """Whether the file begins as MP4 and QuickTime files do."""
    return source.head[4:8] in FIRST_KINDS and next(_boxes(source, None), None) is not None


def boxes(source: Source, inside: Box | None = None) -> Iterator[Box]:
    """The boxes of the file, or of one box, as far as they can be followed."""
    return iter(source.once(_followed, inside))


def _followed(source: Source, inside: Box | None) -> list[Box]:
    return list(_boxes(source, inside))


def _boxes(source: Source, inside: Box | None) -> Iterator[Box]:
    offset, limit = (inside.body, inside.end) if inside else (0, source.size)
    for _ in range(MAX_INNER_BOXES if inside else MAX_BOXES):
        header = source.at(offset, min(LARGE_HEADER_BYTES, limit - offset))
        if len(header) < HEADER_BYTES:
            return
        size, body = int.from_bytes(header[:4], "big"), offset + HEADER_BYTES
        if size == 1 and len(header) == LARGE_HEADER_BYTES:
            size, body = int.from_bytes(header[8:], "big"), offset + LARGE_HEADER_BYTES
        elif size == 0:  # to the end of what holds it
            size = limit - offset
        stated_end = offset + size
        if stated_end < body:
            return
        yield Box(header[4:8], offset, body, min(stated_end, limit), stated_end)
        offset = stated_end


def inner(source: Source, outer: Box | None, *kinds: bytes) -> Box | None:
    """The first box along a path of kinds below `outer` (the file itself when None)."""
    box = outer
    for kind in kinds:
        box = next((candidate for candidate in boxes(source, box) if candidate.kind == kind), None)
        if box is None:
            return None
    return box
