"""A manifest's text in pieces: the head, then one piece of text an item, each with its line number."""

import re
from collections.abc import Iterator
from functools import partial
from typing import BinaryIO

from msgspec import Struct

LINE_LIMIT = 64 * 1024
"""Bytes of a line, and of an item: a path and a note are far shorter."""

HEAD_LIMIT = 1024 * 1024
"""Bytes of everything above the items: room for comments."""

_BOM = b"\xef\xbb\xbf"
_OTHER_BOMS = (b"\xff\xfe", b"\xfe\xff")
_ITEMS = re.compile(rb"""(?:items|"items"|'items')[ \t]*:(?P<rest>\s.*)?""", re.DOTALL)
_COMMENT = re.compile(rb"(?:^|[ \t])#.*", re.DOTALL)
_TOP_KEY = re.compile(rb"""["']?(?P<key>\w+)["']?[ \t]*:(?:\s|$)""")
_NOTHING = (b"", b"[]", b"~", b"null")


class Faulty(Exception):
    """What is wrong with a manifest's text, and on which line; `manifests.text` adds the file."""

    def __init__(self, message: str, line: int = 1) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


class Piece(Struct, frozen=True, gc=False):
    """Text of a manifest and the number of its first line."""

    line: int
    text: bytes


Lines = Iterator[tuple[int, bytes]]


def numbered(file: BinaryIO, first: int = 1) -> Lines:
    """The file's lines with their numbers, counted from `first`, a byte order mark taken off.

    Raises:
        Faulty: a line that is too long to be a manifest's.
    """
    for number, line in enumerate(iter(partial(file.readline, LINE_LIMIT + 1), b""), first):
        if len(line) > LINE_LIMIT:
            raise Faulty(f"the line is longer than {LINE_LIMIT // 1024} KiB: this is no manifest", number)
        yield number, _unmarked(line) if number == 1 else line


def _unmarked(line: bytes) -> bytes:
    if line.startswith(_OTHER_BOMS):
        raise Faulty("the file is not UTF-8 but UTF-16: save it as UTF-8")
    return line.removeprefix(_BOM)


def head(lines: Lines) -> tuple[Piece, int | None]:
    """The text above `items:`, and the number of the line that holds it (None: there is none).

    Raises:
        Faulty: binary, too long, or with items that are not one a line.
    """
    found: list[bytes] = []
    size = 0
    for number, line in lines:
        if b"\0" in line:
            raise Faulty("this is a binary file, not a manifest", number)
        if b"\r" in line.rstrip(b"\r\n"):
            raise Faulty("its lines end in CR alone: save the file with LF line ends", number)
        if match := _ITEMS.fullmatch(line):
            if _COMMENT.sub(b"", match["rest"] or b"").strip() not in _NOTHING:
                raise Faulty("write each item on a line of its own below `items:`, after `- `", number)
            return Piece(1, b"".join(found)), number
        found.append(line)
        size += len(line)
        if size > HEAD_LIMIT:
            raise Faulty(f"no `items:` within {HEAD_LIMIT // 1024} KiB: this is no manifest", number)
    return Piece(1, b"".join(found)), None


def items(lines: Lines) -> Iterator[Piece]:
    """The text of each item: from its `- ` to the next one.

    Comments and blank lines between items are left out; the column of the first `- ` counts.

    Raises:
        Faulty: text between the items that belongs to none, or an item that is too long.
    """
    piece, indent = _first(lines)
    if piece is None:
        return
    dashes = tuple(indent + b"-" + end for end in (b" ", b"\n", b"\r", b"\t"))
    more: _Growing | None = None  # lines of the item after its first one
    for number, line in lines:
        if line.startswith(dashes):
            yield piece if more is None else more.done()
            piece, more = Piece(number, line), None
            continue
        more = more or _Growing(piece)
        if _between(line, indent):
            more.hold(line)
        else:
            _refuse_outside(number, line)
            more.grow(line)
    yield piece if more is None else more.done()


def _first(lines: Lines) -> tuple[Piece | None, bytes]:
    for number, line in lines:
        bare = line.lstrip(b" ")
        if _between(line, line[: len(line) - len(bare)]):
            continue
        if not bare.startswith((b"- ", b"-\t", b"-\n", b"-\r")):
            _refuse_outside(number, line)
            raise Faulty("expected an item here: a line that starts with `- `", number)
        return Piece(number, line), line[: len(line) - len(bare)]
    return None, b""


def _between(line: bytes, indent: bytes) -> bool:
    """Whether a line is blank, or a comment no deeper than the items' dashes."""
    bare = line.strip()
    return not bare or (bare.startswith(b"#") and line.find(b"#") <= len(indent))


def _refuse_outside(number: int, line: bytes) -> None:
    if line.startswith((b"---", b"...")):
        raise Faulty("a second document starts here: a manifest is one document, take the line out", number)
    if match := _TOP_KEY.match(line):
        key = match["key"].decode(errors="replace")
        if key == "items":
            raise Faulty("`items` stands twice: put all items below the first one", number)
        raise Faulty(
            f"`{key}` stands below `items:` and in no item: head fields go above, an item's are indented",
            number,
        )


class _Growing:
    """An item's text while its lines are read."""

    def __init__(self, first: Piece) -> None:
        self.line = first.line
        self.parts = [first.text]
        self.size = len(first.text)
        self.held: list[bytes] = []
        self.held_size = 0

    def hold(self, line: bytes) -> None:
        """Keep a blank line or comment: it belongs to the item only if more of it follows."""
        self.held_size += len(line)
        if self.held_size <= LINE_LIMIT:
            self.held.append(line)

    def grow(self, line: bytes) -> None:
        self.parts += [*self.held, line]
        self.size += self.held_size + len(line)
        self.held, self.held_size = [], 0
        if self.size > LINE_LIMIT:
            raise Faulty(f"the item is longer than {LINE_LIMIT // 1024} KiB", self.line)

    def done(self) -> Piece:
        return Piece(self.line, b"".join(self.parts))
