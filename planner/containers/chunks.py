"""Chunks of RIFF, RIFX, RF64 and FORM (AIFF) files: a four-letter name, a size, a body."""

from collections.abc import Iterator
from dataclasses import dataclass

from planner.containers.source import Source

HEADER_BYTES = 8
FORM_HEADER_BYTES = 12
MAX_CHUNKS = 10_000
"""More than any recording has; a crafted file must not keep us."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """One chunk; `stated` is the size that its header gives, which may pass the file's end."""

    name: bytes
    body: int
    stated: int
    end: int

    @property
    def size(self) -> int:
        """The bytes that are really there."""
        return self.end - self.body


def chunks(source: Source, *, big_endian: bool = False) -> Iterator[Chunk]:
    """The chunks after the form header, as far as they can be followed."""
    offset = FORM_HEADER_BYTES
    for _ in range(MAX_CHUNKS):
        header = source.at(offset, HEADER_BYTES)
        if len(header) < HEADER_BYTES:
            return
        stated = int.from_bytes(header[4:], "big" if big_endian else "little")
        body = offset + HEADER_BYTES
        yield Chunk(header[:4], body, stated, min(body + stated, source.size))
        offset = body + stated + (stated & 1)  # chunks begin on even bytes
