"""What is spoken of a Markdown text: its words, without the marks.

Written out rather than rendered by a library: what comes out is bought, so it must not change with
a release of one. Test vectors hold it.
"""

import re
from collections.abc import Collection, Iterator

_FRONT = re.compile(r"\A---[ \t]*\n.*?\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_FENCE = re.compile(r" {0,3}(?P<mark>`{3,}|~{3,})(?P<rest>.*)")
_RULE = re.compile(r" {0,3}(?:(?:-[ \t]*){3,}|(?:_[ \t]*){3,}|(?:\*[ \t]*){3,}|=+[ \t]*)")
_TABLE_RULE = re.compile(r"\|?(?:[ \t]*:?-+:?[ \t]*\|)+(?:[ \t]*:?-+:?[ \t]*)?")
_DEFINITION = re.compile(r" {0,3}\[(?P<label>[^\]]+)\]:[ \t]*\S.*")
_HEADING = re.compile(r" {0,3}#{1,6}(?:[ \t]+|$)")
_CLOSING = re.compile(r"(?<![ \t])[ \t]+#+[ \t]*$")
_QUOTE = re.compile(r"(?: {0,3}>[ \t]?)+")
_BULLET = re.compile(r"[ \t]*[-*+][ \t]+(?:\[[ xX]\][ \t]+)?")

_TICKS = re.compile(r"`+")
_IMAGE = re.compile(r"!\[[^\]]{0,1000}\](?:\([^()]*(?:\([^()]*\)[^()]*)*\)|\[[^\]]*\])?")
_LINK = re.compile(r"\[(?P<text>[^\[\]]*)\]\([^()]*(?:\([^()]*\)[^()]*)*\)")
_REFERENCE = re.compile(r"\[(?P<text>[^\[\]]+)\](?:\[(?P<label>[^\[\]]*)\])?")
_FOOTNOTE = re.compile(r"\[\^[^\[\]]+\]")
_AUTOLINK = re.compile(r"<((?:https?://|mailto:)[^<>\s]+)>")
_TAG = re.compile(r"</?(?!break\b)[A-Za-z][^<>]*>", re.IGNORECASE)
_RUN = re.compile(r"(?P<blank>\n[ \t]*\n)|\*+|_+|(?<!~)~~(?!~)")
"""Marks of emphasis, and the ends of paragraphs, which no emphasis crosses."""

_BLANKS, _SPACES = re.compile(r"\n(?:[ \t]*\n){2,}"), re.compile(r"[ \t]{2,}")
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_SIGN = re.compile(r"[!-/:-@\[-`{-~]")
_KEPT = "\ue000"
"""Stands before a sign that was escaped, while marks are taken out; a character of private use."""


def words(text: str) -> str:
    """The text without headings' marks, emphasis, addresses, images, tables' lines and code blocks.

    Links keep their text, code within a line its words; `<break .../>` and `[direction]` stay.
    """
    bare = "".join(_without_comments(_FRONT.sub("", text, count=1))).replace(_KEPT, "")
    labels = {found["label"].lower() for line in bare.split("\n") if (found := _DEFINITION.fullmatch(line))}
    text = _inline("\n".join(_lines(bare)), labels)
    ended = "\n".join(line.rstrip(" \t") for line in text.split("\n"))
    return _BLANKS.sub("\n\n", _SPACES.sub(" ", ended))


def _without_comments(text: str) -> Iterator[str]:
    """The pieces between comments. No pattern: one that is never closed would be sought again and again."""
    end = 0
    while (start := text.find("<!--", end)) >= 0 and (close := text.find("-->", start + 4)) >= 0:
        yield text[end:start]
        end = close + 3
    yield text[end:]


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
        if not _TABLE_RULE.fullmatch(line.lstrip(" \t")):
            yield "" if _RULE.fullmatch(line) or _DEFINITION.fullmatch(line) else _row(_start(line))


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


def _inline(text: str, labels: Collection[str]) -> str:
    text = _ESCAPE.sub(lambda match: _kept(match[1]), text)
    text = "\n".join(map(_code, text.split("\n")))
    text = _FOOTNOTE.sub("", _IMAGE.sub("", text))
    text = _REFERENCE.sub(
        lambda match: _referred(match, labels), _LINK.sub(lambda match: match["text"], text)
    )
    text = _AUTOLINK.sub(r"\1", text)
    text = _TAG.sub("", text)
    text = _plain(text)
    return re.sub(f"{_KEPT}(..){_KEPT}", lambda match: chr(int(match[1], 16)), text)


def _code(line: str) -> str:
    """A line whose code is words without marks: a run of ticks goes to the next one of its length."""
    runs = list(_TICKS.finditer(line))
    ahead: dict[int, list[int]] = {}  # runs by their length, the nearest one last
    for number in range(len(runs) - 1, -1, -1):
        ahead.setdefault(len(runs[number][0]), []).append(number)
    found: list[str] = []
    number = done = 0
    while number < len(runs):
        alike = ahead[len(runs[number][0])]
        while alike and alike[-1] <= number:
            alike.pop()
        if alike:
            code = line[runs[number].end() : runs[alike[-1]].start()].strip()
            found += [line[done : runs[number].start()], _SIGN.sub(lambda sign: _kept(sign[0]), code)]
            number, done = alike[-1], runs[alike[-1]].end()
        number += 1
    return "".join([*found, line[done:]])


def _kept(sign: str) -> str:
    """A sign that is no mark, in a form that no mark is found in."""
    return f"{_KEPT}{ord(sign):02x}{_KEPT}"


def _referred(match: re.Match[str], labels: Collection[str]) -> str:
    """The text of a link that is defined elsewhere; other words in brackets are directions, and stay."""
    label = match["label"] or match["text"]
    return match["text"] if label.lower() in labels else match[0]


def _plain(text: str) -> str:
    """The text without marks of emphasis; those that have no partner stay. One pass: no text is slow."""
    gone = [0] * (len(text) + 1)  # how many signs fall out from a place on
    waiting: dict[str, list[tuple[int, int]]] = {}
    for match in _RUN.finditer(text):
        if match["blank"]:
            waiting = {}
            continue
        sign, start, count = match[0][0], match.start(), len(match[0])
        before, after = text[start - 1 : start], text[match.end() : match.end() + 1]
        if before.strip() and not (sign == "_" and (after.isalnum() or after == "_")):
            count -= _closed(waiting.get(sign, []), start, count, gone)
        if count and after.strip() and not (sign == "_" and before.isalnum()):
            waiting.setdefault(sign, []).append((match.end() - count, count))
    return "".join(_without(text, gone))


def _closed(open_runs: list[tuple[int, int]], start: int, count: int, gone: list[int]) -> int:
    """How many signs of a run close earlier ones; both are marked as gone."""
    used = 0
    while open_runs and used < count:
        at, length = open_runs.pop()
        pairs = min(length, count - used)
        gone[at + length - pairs] += pairs
        gone[start + used] += pairs
        used += pairs
        if length > pairs:
            open_runs.append((at, length - pairs))
    return used


def _without(text: str, gone: list[int]) -> Iterator[str]:
    left = 0
    for sign, count in zip(text, gone, strict=False):
        left += count
        if left:
            left -= 1
        else:
            yield sign
