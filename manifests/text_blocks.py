"""A manifest's items in blocks of whole items: a block of plain lines is decoded at once."""

import re
from collections.abc import Iterator
from io import BytesIO
from typing import BinaryIO

from msgspec import Struct

from manifests import text_lines
from manifests.text_lines import Piece

BLOCK_SIZE = 128 * 1024
"""Bytes that are read at a time: some five hundred lines."""

_TO_FIRST_ITEM = re.compile(rb"(?:[ \t\r\v\f]*(?:#[^\n]*)?\n)*+( *)-[ \t\r\n]")
"""Blank lines and comments, each in one way only: to give up a thousand takes no time."""

_DASH_ENDS = (b" ", b"\n", b"\t", b"\r")


class Block(Struct, frozen=True, gc=False):
    """Some whole items: the number of their first line, where it starts in the file, and the text."""

    line: int
    offset: int
    text: bytes

    def pieces(self) -> Iterator[Piece]:
        """The items one by one.

        Raises:
            Faulty: text between the items that belongs to none, or an item that is too long.
        """
        return text_lines.items(text_lines.numbered(BytesIO(self.text), self.line))


def blocks(file: BinaryIO, line: int, offset: int) -> Iterator[Block]:
    """The blocks of the text that follows `items:`.

    Args:
        file: stands there.
        line: the number of the line.
        offset: its place in the file.

    Raises:
        Faulty: what belongs to no item goes on for longer than a block.
    """
    rest = b""
    dash = None
    while chunk := file.read(max(BLOCK_SIZE, len(rest))):
        text = rest + chunk
        dash = dash or _dash(text)
        end = 0 if dash is None else _last(text, dash)
        if end:
            yield Block(line, offset, text[:end])
            line += text.count(b"\n", 0, end)
            offset += end
        else:
            _refuse_endless(line, text)
        rest = text[end:]
    if rest:
        yield Block(line, offset, rest)


def _dash(text: bytes) -> bytes | None:
    """What starts each item: a line end, the column of the first dash, and the dash."""
    found = _TO_FIRST_ITEM.match(text)
    return None if found is None else b"\n" + found[1] + b"-"


def _last(text: bytes, dash: bytes) -> int:
    """Where the last item starts; 0 if no item does behind the first line."""
    return max(text.rfind(dash + end) for end in _DASH_ENDS) + 1


def _refuse_endless(line: int, text: bytes) -> None:
    """Say what is wrong with so much text without an item before all of it is read."""
    whole_lines = text[: text.rfind(b"\n") + 1] or text
    for _ in Block(line, 0, whole_lines).pieces():
        pass
