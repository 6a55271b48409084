"""Whether a file has moving pictures beside its sound: by its content, not by its name."""

import re
from collections.abc import Callable, Mapping

from planner.containers.boxes import Box, boxes, inner
from planner.containers.source import Source

LOOK_BYTES = 1 << 16
"""Where containers without an index show their first pictures."""

STILL_CODECS = frozenset({b"jpeg", b"png "})
"""Chapter pictures of audio books, and covers: no film."""

PICTURE_STREAM = bytes.fromhex("c0ef19bc4d5bcf11a8fd00805f5c442b")
"""The identity of video in an ASF header."""


def has_video(source: Source, reader: str) -> bool:
    """Whether the file, of the kind that `reader` names, has moving pictures."""
    look = _LOOKS.get(reader)
    return bool(look and look(source))


def _movie(source: Source) -> bool:
    for moov in boxes(source):
        if moov.kind == b"moov":
            return any(trak.kind == b"trak" and _moves(source, trak) for trak in boxes(source, moov))
    return False


def _moves(source: Source, trak: Box) -> bool:
    handler = inner(source, trak, b"mdia", b"hdlr")
    if handler is None or source.at(handler.body + 8, 4) != b"vide":
        return False
    entries = inner(source, trak, b"mdia", b"minf", b"stbl", b"stsd")
    return entries is None or source.at(entries.body + 12, 4) not in STILL_CODECS


def _shows(pattern: bytes) -> Callable[[Source], bool]:
    found = re.compile(pattern, re.DOTALL)
    return lambda source: found.search(source.at(0, LOOK_BYTES)) is not None


_LOOKS: Mapping[str, Callable[[Source], bool]] = {
    "mp4": _movie,
    "matroska": _shows(rb"\x86[\x80-\xff]V_"),  # a codec's name (RFC 9559, 5.1.4.1.22)
    "avi": _shows(rb"strh.{4}vids"),
    "flv": lambda source: bool(source.head[4:5] and source.head[4] & 1),
    "mpegps": _shows(rb"\x00\x00\x01[\xe0-\xef]"),  # a packet of a video stream
    "mpegts": _shows(rb"\x00\x00\x01[\xe0-\xef]"),
    "realmedia": _shows(rb"video/x-pn-realvideo"),
    "wma": _shows(re.escape(PICTURE_STREAM)),
    "ogg": _shows(rb"\x80theora|BBCD\x00|OVP80"),  # Theora, Dirac, VP8
    "smacker": lambda _source: True,
    "bink": lambda _source: True,
}
