"""Pages of Ogg files (RFC 3533)."""

import struct
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from planner.containers.source import Source

MARK = b"OggS"
HEADER_BYTES = 27
MAX_PAGE_BYTES = HEADER_BYTES + 255 + 255 * 255
HEADER_MAX_BYTES = HEADER_BYTES + 255
NEAR_BYTES = 1 << 10
"""Where the next page is looked for first: junk between pages is short."""

USUAL_PAGE_BYTES = 1 << 14
"""Most pages are smaller than this."""

NO_GRANULE = -1
LACING_ON = 255
"""The packet goes on after a segment of this size."""

_HEADER = struct.Struct("<4sBBqIIIB")
_CONTINUED, _FIRST, _LAST = 1, 2, 4


class Page(NamedTuple):
    """One page's header: `end` is where the next page should begin, `packets` how many end on it.

    `granule` is the stream's position after the last of them, -1 where none ends.
    """

    start: int
    body: int
    end: int
    flags: int
    granule: int
    serial: int
    sequence: int
    packets: int
    checksum: int

    @property
    def first(self) -> bool:
        """Whether a stream begins here."""
        return bool(self.flags & _FIRST)

    @property
    def last(self) -> bool:
        """Whether its stream ends here."""
        return bool(self.flags & _LAST)


def page_in(block: bytes, offset: int, base: int) -> Page | None:
    """The page whose header is at `offset` of a block that begins at `base` of the file."""
    if len(block) - offset < HEADER_BYTES:
        return None
    mark, version, flags, granule, serial, sequence, crc, segments = _HEADER.unpack_from(block, offset)
    table = block[offset + HEADER_BYTES : offset + HEADER_BYTES + segments]
    if mark != MARK or version or flags > (_CONTINUED | _FIRST | _LAST) or len(table) < segments:
        return None
    body = base + offset + HEADER_BYTES + segments
    packets = segments - table.count(LACING_ON)
    return Page(base + offset, body, body + sum(table), flags, granule, serial, sequence, packets, crc)


def next_page(source: Source, offset: int, reach: int = MAX_PAGE_BYTES) -> Page | None:
    """The first page that begins within `reach` bytes from `offset`."""
    for near in (min(NEAR_BYTES, reach), min(USUAL_PAGE_BYTES, reach), reach):
        block = source.at(offset, near + HEADER_MAX_BYTES)
        place = block.find(MARK)
        while 0 <= place <= near:
            page = page_in(block, place, offset)
            if page:
                return page
            place = block.find(MARK, place + 1)
    return None


def pages(source: Source, offset: int = 0) -> Iterator[Page]:
    """The pages from `offset` on; a gap of junk is jumped over, a larger one ends the walk."""
    while page := page_in(source.at(offset, HEADER_MAX_BYTES), 0, offset) or next_page(source, offset):
        yield page
        offset = page.end


def tail_pages(source: Source, reach: int = 2 * MAX_PAGE_BYTES) -> list[Page]:
    """The pages within `reach` of the file's end; left out, enough to hold the last one of each stream."""
    begin = max(0, source.size - reach)
    start = next_page(source, begin)
    return list(pages(source, start.start)) if start else []


def packets_begun(source: Source, page: Page) -> tuple[list[bytes], bool]:
    """What this page holds of each packet that begins on it, and whether the last goes on after it."""
    table = source.at(page.start + HEADER_BYTES, page.body - page.start - HEADER_BYTES)
    body = source.at(page.body, page.end - page.body)
    found: list[bytes] = []
    begin = end = 0
    for lacing in table:
        end += lacing
        if lacing < LACING_ON:
            found.append(body[begin:end])
            begin = end
    open_end = table.endswith(bytes([LACING_ON]))
    if open_end:
        found.append(body[begin:end])
    return (found[1:] if page.flags & _CONTINUED else found), open_end


def is_sound(source: Source, page: Page) -> bool:
    """Whether a page's checksum is right."""
    return checksum(source.at(page.start, page.end - page.start)) == page.checksum


def checksum(page: bytes) -> int:
    """The checksum of a page (RFC 3533, 6): zlib's CRC-32 with its bits the other way round."""
    mirrored = (page[:22] + bytes(4) + page[26:]).translate(_MIRROR)
    crc = zlib.crc32(mirrored, UNSET) ^ UNSET
    return int.from_bytes(crc.to_bytes(4, "little").translate(_MIRROR), "big")


UNSET = 0xFFFFFFFF
_MIRROR = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
