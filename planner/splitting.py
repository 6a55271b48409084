"""A long text in parts that the service takes: at paragraphs, then sentences, then lines, not in a word.

Greedy and deterministic: each part is a purchase of its own, and another split would be bought again.
Test vectors hold it.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from manifests.content import Span

LONGEST = 20_000
"""Characters of a request (docs/api.md 9)."""

MOST_BREAKS = 20
"""Of a request (docs/api.md 9)."""

BREAK = re.compile(r"<break\b(?P<inside>[^<>]*)>", re.IGNORECASE)

_PARAGRAPH = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")
_OTHER_STOPS = r"\u061f\u06d4\u0964\u0965\u0589\u1362\u1367\u17d4\u104b\uff61"
"""Arabic and Urdu, Hindi and its neighbours, Armenian, Amharic, Khmer, Burmese, and a narrow form."""

_SENTENCE = re.compile(
    r"""(?<![.!?\u2026])(?P<stop>[.!?\u2026]+)["'\u201d\u2019\u00bb)\]]*\s+"""
    r"""|[\u3002\uff01\uff1f]+[\u300d\u300f\u201d\u2019\uff09]*\s*"""
    rf"""|[{_OTHER_STOPS}]+[.!?"'\u201d\u2019\u00bb)]*\s*"""
    r"""|<break\b[^<>]*>\s*""",
    re.IGNORECASE,
)
_LINE = re.compile(r"\n\s*")
_TITLES = frozenset({
    "mr", "mrs", "ms", "dr", "prof", "st", "jr", "sr", "vs", "etc", "no", "vol", "hr", "fr", "nr", "bzw",
    "ca", "usw", "evtl",
})  # fmt: skip
"""Words whose full stop ends no sentence; none is longer than `_LOOK` shows."""


_WORD = re.compile(r"[^\W\d_]+\Z")
_LOOK = 6


class TooLong(Exception):
    """A sentence that is longer than a part may be; `at` is where it begins."""

    def __init__(self, at: int, characters: int) -> None:
        super().__init__(f"{characters} characters")
        self.at = at
        self.characters = characters


@dataclass(frozen=True, slots=True)
class _Limits:
    longest: int
    breaks: int
    begins: Sequence[int]  # of the `<break>` marks in the text
    ends: Sequence[int]

    def fits(self, start: int, end: int) -> bool:
        """Whether a stretch can be one part."""
        within = bisect_right(self.ends, end) - bisect_left(self.begins, start)
        return end - start <= self.longest and within <= self.breaks


def parts(text: str, longest: int = LONGEST, breaks: int = MOST_BREAKS) -> list[Span]:
    """The parts of a text, as spans in characters; nothing is lost but the whitespace between them.

    Args:
        text: without whitespace at its ends.
        longest: characters of a part.
        breaks: `<break>` marks of a part.

    Raises:
        TooLong: a sentence that fits into no part.
    """
    marks = [match.span() for match in BREAK.finditer(text)]
    limits = _Limits(longest, breaks, [start for start, _ in marks], [end for _, end in marks])
    if limits.fits(0, len(text)):
        return [(0, len(text))]
    found: list[Span] = []
    for start, end in _pieces(text, limits):
        if found and limits.fits(found[-1][0], end):
            found[-1] = found[-1][0], end
        else:
            found.append((start, end))
    return found


def _pieces(text: str, limits: _Limits) -> Iterator[Span]:
    """Paragraphs; of those that are too long the sentences; of those the lines."""
    for paragraph in _cut(text, (0, len(text)), _PARAGRAPH):
        if limits.fits(*paragraph):
            yield paragraph
            continue
        for sentence in _cut(text, paragraph, _SENTENCE):
            if limits.fits(*sentence):
                yield sentence
                continue
            yield from _fitting(_cut(text, sentence, _LINE), limits)


def _fitting(lines: Sequence[Span], limits: _Limits) -> Iterator[Span]:
    for start, end in lines:
        if not limits.fits(start, end):
            raise TooLong(start, end - start)
        yield start, end


def _cut(text: str, span: Span, ends: re.Pattern[str]) -> list[Span]:
    """The pieces between the ends that a pattern finds, each without whitespace around it."""
    found: list[Span] = []
    start = span[0]
    for match in ends.finditer(text, *span):
        if _ends_nothing(match):
            continue
        found.append((start, match.end()))
        start = match.end()
    found.append((start, span[1]))
    return [trimmed for trimmed in (_trimmed(text, *each) for each in found) if trimmed[0] < trimmed[1]]


def _ends_nothing(match: re.Match[str]) -> bool:
    if match.groupdict().get("stop") != ".":
        return False
    before = _WORD.search(match.string, max(match.pos, match.start() - _LOOK), match.start())
    word = before[0].lower() if before else ""
    return len(word) == 1 or word in _TITLES


def _trimmed(text: str, start: int, end: int) -> Span:
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), end - len(piece) + len(piece.rstrip())
