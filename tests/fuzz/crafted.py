"""Inputs made to hold a reader up: each once took minutes, or would have with a simpler reader."""

import struct
from collections.abc import Callable
from functools import partial

from fuzz import seeds

SIZE = 1 << 17
"""Bytes of each; what grows with the square of it shows already."""


def _filled(head: bytes, piece: bytes) -> bytes:
    return head + piece * ((SIZE - len(head)) // len(piece))


def _text(start: str, piece: str, end: str = "") -> bytes:
    return _filled(start.encode(), piece.encode()) + end.encode()


CUE = "1\n00:00:01,000 --> 00:00:02,500\n"


def _page(flags: int, granule: int, serial: int, sequence: int, body: bytes) -> bytes:
    return struct.pack("<4sBBqIIIBB", b"OggS", 0, flags, granule, serial, sequence, 0, 1, len(body)) + body


OPUS = b"OpusHead\1\1\0\0\x80\xbb\0\0\0\0\0"


def _streams() -> bytes:
    return b"".join(_page(2, 100_000, serial, 0, OPUS) for serial in range(SIZE // 47))


def _junk_between_pages() -> bytes:
    return _filled(b"", _page(2, 0, 1, 0, OPUS) + b"O")


def _tracks() -> bytes:
    tracks = b"\0\0\0\x08trak" * (SIZE // 8)
    return b"\0\0\0\x08ftyp" + struct.pack(">I4s", len(tracks) + 8, b"moov") + tracks


def _flac_marks() -> bytes:
    song = seeds.flac()[0]
    first = song.index(b"\xff\xf8")
    return _filled(song[: first + 16], song[first : first + 4])


def _rule(pattern: str) -> bytes:
    return f"rules:\n- match: '{pattern}'\n  service: transcription\n".encode()


def _deep_options() -> bytes:
    line = b'- {"file": "a.mp3", "service": "transcription", "options": {"language": '
    return seeds.manifests()[-1] + line + b"[" * 20_000 + b"]" * 20_000 + b"}}\n"


CRAFTED: dict[str, tuple[str, Callable[[], bytes]]] = {
    "comments that never end": ("markdown", partial(_text, "", "<!--")),
    "a long gap in a line": ("markdown", partial(_text, "a", " ", "b")),
    "a long indent": ("markdown", partial(_text, "", " ", "x")),
    "a long gap in a heading": ("markdown", partial(_text, "# a", " ", "x")),
    "addresses that never end": ("markdown", partial(_text, "", "<http://")),
    "footnotes that never end": ("markdown", partial(_text, "", "[^")),
    "a long run of ticks": ("markdown", partial(_text, "a", "`")),
    "runs of ticks, each longer": ("markdown", lambda: " ".join("`" * n for n in range(1, 700)).encode()),
    "half links": ("markdown", partial(_text, "", "[a](b")),
    "very many sentences": ("markdown", partial(_text, "", "a ab. ")),
    "styles that never end": ("subtitles", partial(_text, CUE, "{\\")),
    "tags that never end": ("subtitles", partial(_text, CUE, "<font ")),
    "a pattern of many folders": ("rules", lambda: _rule("**/*a*/" * 12 + "b")),
    "a pattern of many stars": ("rules", lambda: _rule("*a" * 40 + "b")),
    "deep nesting": ("rules", lambda: b"rules: " + b"[" * 200_000),
    "deep options": ("manifest", _deep_options),
    "aliases that multiply": ("prompts", lambda: b"- &a [x, x]\n- &b [*a, *a]\n- [*b, *b]\n"),
    "a page of half tags": ("answers", partial(_text, "", "<a")),
    "a page of half scripts": ("answers", partial(_text, "", "<script")),
    "an answer of brackets": ("answers", lambda: b"[" + b"{}," * 10_000 + b"{}]"),
    "a deep answer": ("answers", lambda: b'{"a":' * 100_000 + b"1" + b"}" * 100_000),
    "a long number": ("answers", lambda: b'{"id": ' + b"9" * 100_000 + b', "balance_cents": 1e999999999}'),
    "streams beside each other": ("ogg", _streams),
    "junk between pages": ("ogg", _junk_between_pages),
    "tracks without end": ("mp4", _tracks),
    "half frames": ("flac", _flac_marks),
    "half frames behind a tag": ("mp3", partial(_filled, b"ID3\4\0\0\0\0\0\0", b"\xff")),
    "blocks of length 0": ("others", partial(_filled, seeds.others()[8], b"\0")),
}
"""By what they are: the target, and the bytes."""
