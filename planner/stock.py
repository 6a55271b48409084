"""The inputs of a plan, of which there may be a million, as bytes in blocks.

A million objects take a gigabyte, their bytes 150 MB, and beyond some megabytes they lie in a file that
has no name. What comes out is equal to what went in, and is made anew each time.
"""

import errno
import os
import pickle
import sys
import tempfile
import weakref
from array import array
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from typing import overload

import msgspec

from planner.inputs import Input
from planner.recording import Recording

BLOCK = 256
"""Inputs that are written and read together; whoever wants one has so many decoded."""

OBJECTS = 1 << 16
"""The first so many inputs stay as they are, in 35 MB: most plans have no more, and take no time for it."""

IN_MEMORY_BYTES = 8_000_000
"""More lies on the disk: most plans never touch it."""

_Kept = Recording | bytes
"""Recordings in the open; what is rare or odd as pickles of our own making."""

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(list[_Kept])


class Stock(Sequence[Input]):
    """Inputs in the order in which they were added."""

    def __init__(
        self, inputs: Iterable[Input] = (), *, objects: int = OBJECTS, in_memory: int = IN_MEMORY_BYTES
    ) -> None:
        self._objects = objects
        self._first: list[Input] = []  # as they are
        self._fresh: list[Input] = []  # the beginning of a block
        self._blocks = _Blocks(in_memory)
        self._read: tuple[int, list[Input]] = -1, []
        self.audio_bytes = array("Q")
        """Of each: the bytes that are sound, 0 where there is no recording."""
        self.extend(inputs)

    def append(self, one: Input) -> None:
        """Add an input at the end."""
        self.audio_bytes.append(one.audio_bytes if isinstance(one, Recording) else 0)
        if len(self._first) < self._objects:
            self._first.append(one)
            return
        self._fresh.append(one)
        if len(self._fresh) == BLOCK:
            self._blocks.append(_encoded(self._fresh))
            self._fresh = []

    def extend(self, inputs: Iterable[Input]) -> None:
        """Add some."""
        for one in inputs:
            self.append(one)

    def without(self, numbers: Collection[int]) -> "Stock":
        """The same but for some, by their numbers; those behind them move up."""
        return Stock(one for number, one in enumerate(self) if number not in numbers)

    def __len__(self) -> int:
        return len(self.audio_bytes)

    def __iter__(self) -> Iterator[Input]:
        return self._from(0)

    def _from(self, number: int) -> Iterator[Input]:
        """All from one on."""
        yield from islice(self._first, number, None)
        block, place = divmod(max(0, number - len(self._first)), BLOCK)
        for each in range(block, len(self._blocks) + 1):
            yield from islice(self._block(each), place, None)
            place = 0

    @overload
    def __getitem__(self, number: int) -> Input: ...

    @overload
    def __getitem__(self, number: slice) -> Sequence[Input]: ...

    def __getitem__(self, number: int | slice) -> Input | Sequence[Input]:
        if isinstance(number, int) and 0 <= number < len(self._first):  # most plans ask for no others
            return self._first[number]
        if isinstance(number, slice):
            start, stop, step = number.indices(len(self))
            if step != 1:
                return [self[each] for each in range(start, stop, step)]
            return list(islice(self._from(start), max(0, stop - start)))
        place = range(len(self))[number]
        if place < len(self._first):
            return self._first[place]
        block, place = divmod(place - len(self._first), BLOCK)
        return self._block(block)[place]

    def _block(self, number: int) -> list[Input]:
        """A block; who wants one input often wants the next."""
        if number == len(self._blocks):
            return self._fresh
        if self._read[0] != number:
            self._read = number, _decoded(self._blocks[number])
        return self._read[1]


class _Blocks:
    """Pieces of bytes by their numbers: in memory as long as they are few, then in a file."""

    def __init__(self, in_memory: int) -> None:
        self._left = in_memory
        self._pieces: list[bytes] = []
        self._file = -1  # a descriptor
        self._ends = array("Q", [0])  # of those in the file

    def __len__(self) -> int:
        return len(self._pieces) + len(self._ends) - 1

    def append(self, piece: bytes) -> None:
        """Add a piece."""
        if self._left <= 0:
            try:
                self._write(piece)
            except OSError:  # a disk that is full: better slow than wrong
                self._pieces, self._left = [*self], sys.maxsize
                self._ends = array("Q", [0])
            else:
                return
        self._left -= len(piece)
        self._pieces.append(piece)

    def _write(self, piece: bytes) -> None:
        if self._file < 0:
            with tempfile.TemporaryFile() as file:
                self._file = os.dup(file.fileno())
            weakref.finalize(self, os.close, self._file)
        if os.pwrite(self._file, piece, self._ends[-1]) < len(piece):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self._ends.append(self._ends[-1] + len(piece))

    def __iter__(self) -> Iterator[bytes]:
        return (self[number] for number in range(len(self)))

    def __getitem__(self, number: int) -> bytes:
        if number < len(self._pieces):
            return self._pieces[number]
        place = number - len(self._pieces)
        begin, end = self._ends[place], self._ends[place + 1]
        return os.pread(self._file, end - begin, begin)


def _encoded(inputs: list[Input]) -> bytes:
    try:
        return _encoder.encode([one if isinstance(one, Recording) else pickle.dumps(one) for one in inputs])
    except UnicodeEncodeError:  # a path that is no UTF-8
        return _encoder.encode([pickle.dumps(one) for one in inputs])


def _decoded(block: bytes) -> list[Input]:
    return [_input(each) for each in _decoder.decode(block)]


def _input(kept: _Kept) -> Input:
    if isinstance(kept, Recording):
        return kept
    one: Input = pickle.loads(kept)  # noqa: S301 - pickled above, in this process
    return one
