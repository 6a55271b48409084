"""What is spoken of a Markdown text: its words, without the marks.

Written out rather than rendered by a library: what comes out is bought, so it must not change with
a release of one. Test vectors hold it.
"""

import re
from collections.abc import Iterator

_FRONT = re.compile(r"\A---[ \t]*\n.*?\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_FENCE = re.compile(r" {0,3}(?P<mark>`{3,}|~{3,})(?P<rest>.*)")
_RULE = re.compile(r" {0,3}(?:(?:-[ \t]*){3,}|(?:_[ \t]*){3,}|(?:\*[ \t]*){3,}|=+[ \t]*)")
_TABLE_RULE = re.compile(r"[ \t]*\|?(?:[ \t]*:?-+:?[ \t]*\|)+(?:[ \t]*:?-+:?[ \t]*)?")
_DEFINITION = re.compile(r" {0,3}\[[^\]]+\]:[ \t]*\S.*")
_HEADING = re.compile(r" {0,3}#{1,6}(?:[ \t]+|$)")
_CLOSING = re.compile(r"[ \t]+#+[ \t]*$")
_QUOTE = re.compile(r"(?: {0,3}>[ \t]?)+")
_BULLET = re.compile(r"[ \t]*[-*+][ \t]+(?:\[[ xX]\][ \t]+)?")

_CODE = re.compile(r"(?P<ticks>`+)(?P<code>.+?)(?P=ticks)")
_IMAGE = re.compile(r"!\[[^\]]*\](?:\([^()]*(?:\([^()]*\)[^()]*)*\)|\[[^\]]*\])?")
_LINK = re.compile(r"\[(?P<text>[^\[\]]+)\](?:\([^()]*(?:\([^()]*\)[^()]*)*\)|\[[^\]]*\])")
_FOOTNOTE = re.compile(r"\[\^[^\]]+\]")
_AUTOLINK = re.compile(r"<((?:https?://|mailto:)[^>\s]+)>")
_TAG = re.compile(r"</?(?!break\b)[A-Za-z][^<>]*>", re.IGNORECASE)
_STRONG = re.compile(r"(\*\*\*|\*\*|\*|~~)(?=\S)(.+?)(?<=\S)\1")
_UNDERSCORED = re.compile(r"(?<!\w)(___|__|_)(?=\S)(.+?)(?<=\S)\1(?!\w)")
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_KEPT = "\ue000"
"""Stands before a sign that was escaped, while marks are taken out; a character of private use."""


def words(text: str) -> str:
    """The text without headings' marks, emphasis, addresses, images, tables' lines and code blocks.

    Links keep their text, code within a line its words; `<break .../>` and `[direction]` stay.
    """
    bare = _COMMENT.sub("", _FRONT.sub("", text, count=1)).replace(_KEPT, "")
    return _inline("\n".join(_lines(bare)))


def _lines(text: str) -> Iterator[str]:
    """The lines without what stands at their beginning, code blocks and lines of marks alone left out."""
    fence = ""
    for line in text.split("\n"):
        found = _FENCE.fullmatch(line)
        if fence:
            closes = found and found["mark"].startswith(fence) and not found["rest"].strip()
            fence = "" if closes else fence
            continue
        if found and not (found["mark"][0] == "`" and "`" in found["rest"]):
            fence = found["mark"]
            yield ""
            continue
        yield "" if _is_mark(line) else _row(_start(line))


def _is_mark(line: str) -> bool:
    return any(kind.fullmatch(line) for kind in (_RULE, _TABLE_RULE, _DEFINITION))


def _start(line: str) -> str:
    rest = _QUOTE.sub("", line, count=1) if _QUOTE.match(line) else line
    heading = _HEADING.match(rest)
    if heading:
        return _CLOSING.sub("", rest[heading.end() :])
    return _BULLET.sub("", rest, count=1) if _BULLET.match(rest) else rest.strip()


def _row(line: str) -> str:
    """A table's row as words with commas between them."""
    if not (line.startswith("|") and line.endswith("|") and len(line) > 1):
        return line
    return ", ".join(cell for cell in (each.strip() for each in line.strip("|").split("|")) if cell)


def _inline(text: str) -> str:
    text = _ESCAPE.sub(lambda match: f"{_KEPT}{ord(match[1]):02x}{_KEPT}", text)
    text = _CODE.sub(lambda match: match["code"].strip(), text)
    text = _FOOTNOTE.sub("", _IMAGE.sub("", text))
    text = _AUTOLINK.sub(r"\1", _LINK.sub(lambda match: match["text"], text))
    text = _TAG.sub("", text)
    for mark in (_STRONG, _STRONG, _UNDERSCORED, _UNDERSCORED):  # one within another
        text = mark.sub(r"\2", text)
    return re.sub(f"{_KEPT}(..){_KEPT}", lambda match: chr(int(match[1], 16)), text)
