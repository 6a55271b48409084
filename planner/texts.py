"""Texts to be spoken: what is said of a .txt, .md or .srt, in parts that the service takes.

The spoken text is what is hashed, counted and sent: UTF-8, LF line ends, no whitespace at its ends.
"""

import hashlib
import os
import re
from collections.abc import Iterator, Sequence

from manifests.content import Span, print_of, print_places
from planner import markdown, splitting, subtitles
from planner.containers.opening import opened
from planner.containers.source import Source
from planner.inputs import Passage
from planner.leftout import Reason, Unreadable

SUFFIXES = (".txt", ".md", ".srt")

LARGEST = 16_000_000
"""Bytes: two weeks of speech; what is larger is no text."""

LONGEST_BREAK_MS = 10_000
"""Of one `<break>` (docs/api.md 9)."""

START = 60
"""Characters of a text's first words."""

_TIME = re.compile(
    r"""\s*time\s*=\s*["']?(?P<number>\d{1,6}(?:\.\d{1,3})?)(?P<unit>ms|s)["']?\s*/?\s*""", re.IGNORECASE
)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_WIDE = re.compile(
    r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]"
)
_KANA = re.compile(r"[\u3040-\u30ff]")
_HANGUL = re.compile(r"[\uac00-\ud7af]")
_SAID = re.compile(r"\w")
_DIRECTION = re.compile(r"\[[^\[\]\n]*\]")


def spoken(path: str) -> str:
    """The text that is spoken of a file.

    Raises:
        Unreadable: not UTF-8, nothing to speak in it, or no subtitles behind the name `.srt`.
    """
    with opened(path) as source:
        return _read(source)[1]


def passages(path: str) -> Sequence[Passage]:
    """The parts of a text, each a job of its own.

    Raises:
        Unreadable: as `spoken`; a sentence that no request can hold; a break that is too long.
    """
    with opened(path) as source:
        whole, text = _read(source)
        print_ = print_of(source.size, *(source.at(a, b - a) for a, b in print_places(source.size)))
        mtime_ns = source.mtime_ns
        size = source.size
    _check_breaks(path, whole, text)
    spans = _parts(path, whole, text)
    return [
        _passage(
            path, size, mtime_ns, print_, text, span, f"{number}/{len(spans)}" if len(spans) > 1 else None
        )
        for number, span in enumerate(spans, 1)
    ]


def _read(source: Source) -> tuple[str, str]:
    """The text of the file, and what is spoken of it."""
    text = decoded(source)
    suffix = os.path.splitext(source.path)[1].lower()  # noqa: PTH122 - names are strings here
    try:
        words = {".md": markdown.words, ".srt": subtitles.words}.get(suffix, str)(text)
    except subtitles.NoCues as error:
        raise Unreadable(Reason.NOT_SPOKEN, source.path, f"line {error.line}: {error.message}") from None
    words = words.strip()
    if not _SAID.search(_DIRECTION.sub("", splitting.BREAK.sub("", words))):
        raise Unreadable(Reason.NOT_SPOKEN, source.path, "nothing in it is spoken: no letter and no digit")
    return text, words


def decoded(source: Source) -> str:
    """The whole file as text with LF line ends, without a byte order mark.

    Raises:
        Unreadable: empty, too large, or not UTF-8, with the line.
    """
    if source.size > LARGEST:
        detail = f"{source.size:,} bytes, more than {LARGEST:,}: no text"
        raise Unreadable(Reason.NOT_UTF8, source.path, detail)
    raw = source.at(0, source.size)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(Reason.NOT_UTF8, source.path, _not_utf8(raw, error.start)) from None
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise Unreadable(Reason.EMPTY, source.path, "empty" if not raw else "empty: nothing but blank lines")
    if found := _CONTROL.search(text):
        line = _line(text, found.start())
        detail = f"line {line}: the control character U+{ord(found[0]):04X}; no text"
        raise Unreadable(Reason.NOT_UTF8, source.path, detail)
    return text


def _not_utf8(raw: bytes, at: int) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "line 1: UTF-16, not UTF-8: save it as UTF-8"
    line = raw.count(b"\n", 0, at) + 1
    return f"line {line}: byte {at + 1} is {raw[at]:#04x}, not UTF-8: save it as UTF-8 (iconv -t UTF-8)"


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1


def _line_of(whole: str, piece: str) -> int:
    """The line of the file on which a piece of its words stands; marks may have stood in the piece."""
    start = piece.strip().split("\n")[0][:START]
    while start and (at := whole.find(start)) < 0:
        start = start[: len(start) // 2]
    return _line(whole, at) if start else 1


def _parts(path: str, whole: str, text: str) -> list[Span]:
    try:
        return splitting.parts(text)
    except splitting.TooLong as error:
        piece = text[error.at : error.at + START * 2]
        detail = (
            f"line {_line_of(whole, piece)}: a sentence of {error.characters:,} characters, more than"
            f" {splitting.LONGEST:,}: end it somewhere ({first_words(piece)})"
        )
        raise Unreadable(Reason.NOT_SPOKEN, path, detail) from None


def _check_breaks(path: str, whole: str, text: str) -> None:
    for match in splitting.BREAK.finditer(text):
        ms = _break_ms(match["inside"])
        if ms is not None and ms <= LONGEST_BREAK_MS:
            continue
        said = "without a time" if ms is None else f"longer than {LONGEST_BREAK_MS // 1000} s"
        way = 'write it as <break time="500ms"/>' if ms is None else "write several"
        detail = f"line {_line_of(whole, match[0])}: {match[0]} is a break {said}: {way}"
        raise Unreadable(Reason.NOT_SPOKEN, path, detail)


def _break_ms(inside: str) -> int | None:
    found = _TIME.fullmatch(inside)
    if found is None:
        return None
    number = float(found["number"])
    return round(number if found["unit"].lower() == "ms" else number * 1000)


def _passage(
    path: str, size: int, mtime_ns: int, print_: str, text: str, span: Span, part: str | None
) -> Passage:
    words = text[slice(*span)]
    said = splitting.BREAK.sub("", words)
    return Passage(
        path=path,
        size=size,
        mtime_ns=mtime_ns,
        print=print_,
        sha256=hashlib.sha256(words.encode()).hexdigest(),
        characters=len(said),
        wide=sum(1 for _ in _WIDE.finditer(said)),
        digits=sum(1 for sign in said if sign.isdigit()),
        breaks_ms=sum(_breaks(words)),
        script=_script(said),
        start=first_words(said),
        part=part,
        span=span if part else None,
    )


def _breaks(words: str) -> Iterator[int]:
    for match in splitting.BREAK.finditer(words):
        yield _break_ms(match["inside"]) or 0


def _script(text: str) -> str:
    """The language that the characters themselves tell: kana is Japanese, hangul Korean, all else Chinese."""
    if _KANA.search(text):
        return "ja"
    if _HANGUL.search(text):
        return "ko"
    return "zh" if _WIDE.search(text) else ""


def first_words(text: str) -> str:
    """The beginning of a text in one line, cut at a word."""
    line = " ".join(text[: START * 4].split())
    if len(line) <= START:
        return line
    cut = line[:START].rpartition(" ")[0]
    return f"{cut or line[:START]}…"
