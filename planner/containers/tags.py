"""Tags around MPEG audio: ID3v2 (also with footer, also at the end), ID3v1, Lyrics3, APE."""

from planner.containers.source import Source

ID3V2_HEADER_BYTES = 10
ID3V1_BYTES = 128
ENHANCED_BYTES = 227
APE_FOOTER_BYTES = 32
LYRICS_END_BYTES = 15
LYRICS1_MAX_BYTES = 5100
LEADING_MARKS = (b"ID3", b"APETAGEX")
MAX_ZEROS = 1 << 20
"""In front of the sound; padding of a tag that does not count it."""

MAX_TAGS = 32
"""Tags in a row that are followed; nobody writes so many."""


def between_tags(source: Source, *, at_end: bool = True) -> tuple[int, int]:
    """Where the audio begins and ends, without the tags before and after it."""
    start = _after_leading(source)
    end = _before_trailing(source, start) if at_end else source.size
    return start, end


def id3v2_size(header: bytes) -> int:
    """The whole size of the ID3v2 tag that begins (or whose footer is) here; 0 when there is none.

    The size is four bytes of seven bits (id3.org, ID3v2.4 section 3.1).
    """
    if len(header) < ID3V2_HEADER_BYTES or header[:3] not in {b"ID3", b"3DI"} or max(header[6:10]) > 0x7F:  # noqa: PLR2004
        return 0
    body = header[6] << 21 | header[7] << 14 | header[8] << 7 | header[9]
    footer = ID3V2_HEADER_BYTES if header[5] & 0x10 else 0
    return ID3V2_HEADER_BYTES + body + footer


def _after_leading(source: Source) -> int:
    start = 0
    for _ in range(MAX_TAGS):
        header = source.head[:APE_FOOTER_BYTES] if start == 0 else source.at(start, APE_FOOTER_BYTES)
        size = _leading(header)
        if not size or start + size > source.size:
            break
        start += size
    return start


def after_zeros(source: Source, start: int) -> int:
    """Where something else than zeros begins, not far behind `start`; `start` itself if nothing does."""
    if source.at(start, 1) != b"\0":
        return start
    block = source.at(start, MAX_ZEROS)
    rest = len(block.lstrip(b"\0"))
    return start + len(block) - rest if rest else start


def _leading(header: bytes) -> int:
    """The size of the tag that begins so, 0 when it is none."""
    if header.startswith(b"APETAGEX"):
        return APE_FOOTER_BYTES + int.from_bytes(header[12:16], "little")
    return id3v2_size(header) if header.startswith(b"ID3") else 0


def _before_trailing(source: Source, start: int) -> int:
    end = source.size
    for _ in range(MAX_TAGS):
        size = _trailing(source, start, end)
        if not size or end - size < start:
            break
        end -= size
    return end


def _trailing(source: Source, start: int, end: int) -> int:
    """The size of the tag that ends at `end`, 0 when there is none."""
    tail = source.at(max(start, end - ID3V1_BYTES), min(ID3V1_BYTES, end - start))
    if len(tail) == ID3V1_BYTES and tail.startswith(b"TAG"):
        enhanced = source.at(end - ID3V1_BYTES - ENHANCED_BYTES, 4) == b"TAG+"
        return ID3V1_BYTES + (ENHANCED_BYTES if enhanced else 0)
    if tail[-APE_FOOTER_BYTES:].startswith(b"APETAGEX"):
        return _ape_size(tail[-APE_FOOTER_BYTES:])
    if tail[-ID3V2_HEADER_BYTES:].startswith(b"3DI"):
        return id3v2_size(tail[-ID3V2_HEADER_BYTES:])
    return _lyrics_size(source, start, end, tail[-LYRICS_END_BYTES:])


def _ape_size(footer: bytes) -> int:
    """An APE tag's footer counts the items and itself, but not the header that its flags tell of."""
    if len(footer) < APE_FOOTER_BYTES:
        return 0
    size = int.from_bytes(footer[12:16], "little")
    has_header = int.from_bytes(footer[20:24], "little") & 1 << 31
    return size + (APE_FOOTER_BYTES if has_header else 0) if size >= APE_FOOTER_BYTES else 0


def _lyrics_size(source: Source, start: int, end: int, tail: bytes) -> int:
    if tail.endswith(b"LYRICS200") and tail[:6].isdigit():
        return int(tail[:6]) + LYRICS_END_BYTES
    if tail.endswith(b"LYRICSEND"):
        first = max(start, end - LYRICS1_MAX_BYTES - LYRICS_END_BYTES)
        found = source.at(first, end - first).rfind(b"LYRICSBEGIN")
        return end - first - found if found >= 0 else 0
    return 0
