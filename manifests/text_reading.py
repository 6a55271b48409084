"""Reads a manifest's items block by block, each line checked by itself."""

from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import BinaryIO

from msgspec import Struct

from manifests.check import Checker
from manifests.manifest import Head, Item
from manifests.text_blocks import Block, blocks
from manifests.text_head import parse_head
from manifests.text_items import ItemReader
from manifests.text_lines import LINE_LIMIT, Faulty, head, numbered


class Batch(Struct, frozen=True):
    """Some items one after the other.

    `lines` are the numbers of their lines, `offsets` where these start in the file; equal `marks`
    mean that two lines may buy the same thing (`manifests.check.mark`).
    """

    items: Sequence[Item]
    lines: Sequence[int]
    offsets: Sequence[int]
    marks: Sequence[int]


class ManifestReader:
    """The head of a manifest, then its items.

    Raises:
        Faulty: what is wrong with the head.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        piece, self._items_line = head(numbered(file))
        self._below = self._file.tell() if file.seekable() else 0
        self.head: Head = parse_head(piece, self._items_line)
        self._reader = ItemReader(Checker(self.head.rates))

    def batches(self) -> Iterator[Batch]:
        """All items, checked, in batches of some hundred; at least one.

        Raises:
            Faulty: what is wrong with one of them, or there is none.
        """
        assert self._items_line is not None
        empty = True
        for block in blocks(self._file, self._items_line + 1, self._below):
            batch = self.read(block)
            empty = empty and not batch.items
            yield batch
        if empty:
            raise Faulty("there are no items: every line is deleted or commented out", self._items_line)

    def read(self, block: Block) -> Batch:
        """The items of a block.

        Raises:
            Faulty: what is wrong with one of them.
        """
        sizes = [len(line) + 1 for line in block.text.removesuffix(b"\n").split(b"\n")]
        offsets = list(accumulate(sizes, initial=block.offset))
        offsets.pop()
        if max(sizes) <= LINE_LIMIT:
            found = self._reader.read_plain(block.text, block.line)
            if found is not None:
                return Batch(found[0], range(block.line, block.line + len(offsets)), offsets, found[1])
        read = [(piece.line, *self._reader.read_marked(piece)) for piece in block.pieces()]
        lines, items, marks = zip(*read, strict=True) if read else ((), (), ())
        return Batch(items, lines, [offsets[line - block.line] for line in lines], marks)
