"""A manifest that stays in its file: checked once, then read slice by slice with flat memory."""

import hashlib
import os
import shutil
import tempfile
from array import array
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from msgspec import Struct

from manifests.manifest import Head, Item, Sums, Total
from manifests.money import Cents
from manifests.text_blocks import Block
from manifests.text_faults import explained
from manifests.text_lines import Faulty
from manifests.text_reading import ManifestReader
from manifests.text_twice import refuse_twice

SLICE = 10_000
"""Items that are read at a time where nobody says how many: some 5 MB."""

DIGESTED = 1 << 20
"""Bytes that are read at a time for the digest of the file."""


class Slice(Struct, frozen=True):
    """Some items one after the other: the first one's number, counted from 0, and their lines in the file."""

    start: int
    items: Sequence[Item]
    lines: Sequence[int]


def open_manifest(path: Path) -> "ManifestFile":
    """The manifest in a file, checked whole as `read_manifest` does it, its items left where they are.

    Raises:
        ManifestError: it cannot be read, or contradicts itself; the message names the line.
    """
    with explained(path), ExitStack() as stack:
        file: BinaryIO = stack.enter_context(path.open("rb"))
        if not file.seekable():  # a pipe
            copy = stack.enter_context(tempfile.TemporaryFile())
            with file:
                shutil.copyfileobj(file, copy)
            copy.seek(0)
            file = copy
        opened = ManifestFile(path, file)
        stack.pop_all()
    return opened


class ManifestFile:
    """The items of a checked manifest, read from its file whenever they are asked for.

    A line takes 16 bytes of memory until it is read. `total` is the sum of the lines as they are; the head's
    may differ. The file is held open: one that takes its place does not matter, one that is changed in
    place is refused. Close it, or use it in a `with` statement.

    Raises:
        Faulty: what is wrong with the manifest.
    """

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self.path = path
        self._file = file
        self._state = _state(file)
        self._reader = ManifestReader(file)
        self._offsets, self._lines, marks = array("Q"), array("L"), array("q")
        sums = Sums()
        for batch in self._reader.batches():
            self._offsets.extend(batch.offsets)
            self._lines.extend(batch.lines)
            marks.extend(batch.marks)
            sums.add(batch.items)
        self._end = file.tell()
        self.total: Total = sums.total()
        refuse_twice(marks, self._lines, self.__getitem__, self.head)

    @property
    def head(self) -> Head:
        """Everything above the items."""
        return self._reader.head

    @property
    def ceiling(self) -> Cents:
        """The sum of the lines' ceilings: the default cap."""
        return Cents(self.total.ceiling)

    def __len__(self) -> int:
        """How many items there are."""
        return len(self._lines)

    def __getitem__(self, number: int) -> Item:
        """One item, counted from 0.

        Raises:
            ManifestError: the file was changed.
        """
        if not 0 <= number < len(self):
            raise IndexError(number)
        return self.between(number, number + 1).items[0]

    def digest(self) -> str:
        """The sha256 of the whole file, in hex."""
        self._file.seek(0)
        digest = hashlib.sha256()
        while piece := self._file.read(DIGESTED):
            digest.update(piece)
        return digest.hexdigest()

    def line(self, number: int) -> int:
        """The number of an item's line in the file; items are counted from 0, lines from 1."""
        return self._lines[number]

    def between(self, start: int, stop: int) -> Slice:
        """The items from `start` to the one before `stop`, or to the end.

        Raises:
            ManifestError: the file was changed, or cannot be read any more.
        """
        stop = min(stop, len(self))
        if start >= stop:
            return Slice(start, (), ())
        offset = self._offsets[start]
        end = self._offsets[stop] if stop < len(self) else self._end
        with explained(self.path):
            self._file.seek(offset)
            block = Block(self._lines[start], offset, self._file.read(end - offset))
            if _state(self._file) != self._state:
                raise Faulty("the file was changed while it was in use: start again", block.line)
            batch = self._reader.read(block)
        return Slice(start, batch.items, batch.lines)

    def slices(self, size: int = SLICE) -> Iterator[Slice]:
        """All items, so many at a time.

        Raises:
            ManifestError: the file was changed, or cannot be read any more.
        """
        for start in range(0, len(self), size):
            yield self.between(start, start + size)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _state(file: BinaryIO) -> tuple[int, int]:
    """What differs once a file was written to: its size, and the time of the last change."""
    state = os.fstat(file.fileno())
    return state.st_size, state.st_mtime_ns
