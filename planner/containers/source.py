"""A file opened for looking here and there, never past its end and never as a whole.

On a network disk each call is a round trip, so small looks near each other are served from one read.
"""

import os
import stat
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, BinaryIO, Concatenate, ParamSpec, TypeVar

from planner.leftout import Reason, Unreadable

P = ParamSpec("P")
T = TypeVar("T")

HEAD_BYTES = 4096
"""Read with the first look: every kind shows its name within it, unless tags come first."""

BLOCK_BYTES = 1 << 20
"""What a walk through a whole file holds in memory."""

WHOLE_BYTES = 1 << 15
"""A file up to this size is read at once: that costs no more than two looks."""

LOOK_BYTES = 1 << 12
"""A small look reads so much; the last so many bytes of a file are always read as one."""

FIRST_BYTES = 1 << 13
"""The first look: the first four frames of most MP3s lie within it."""

FURTHEST_BYTES = 1 << 16
"""Looks that follow each other read ahead, twice as much each time, up to this."""

LOOKS = 4
"""Pieces that are kept: head, tail, and two between which one goes to and fro."""


class Source:
    """A readable file of a known size.

    `path` leads to it where it is `local`: then libraries may read it, too; of an object in a store,
    which is `served`, they ask us for its bytes.
    """

    def __init__(
        self, path: str, file: BinaryIO | None, size: int, *, local: bool = True, mtime_ns: int = 0
    ) -> None:
        self.path = path
        self.size = size
        self.local = local
        self.served = False
        self.mtime_ns = mtime_ns
        self.ctime_ns = 0
        """When anything about it changed last, as the file system itself notes it; 0 where none does."""
        self._file = file
        self._head: bytes | None = None
        self._found: dict[object, Any] = {}

    @property
    def file(self) -> BinaryIO:
        """The file, for libraries that read files."""
        assert self._file is not None
        return self._file

    @property
    def origin(self) -> "Source":
        """The whole file, where this is a part of one."""
        return self

    @property
    def head(self) -> bytes:
        """The file's first bytes.

        No `cached_property`: before Python 3.12 it has one lock for all sources, and a server that
        is slow would hold those of all other addresses.
        """
        if self._head is None:
            self._head = self.at(0, HEAD_BYTES)
        return self._head

    def once(self, look: "Callable[Concatenate[Source, P], T]", *about: P.args, **more: P.kwargs) -> T:
        """What a function finds in this file; it looks once, however often it is asked."""
        key = look, about, *more
        if key not in self._found:
            self._found[key] = look(self, *about, **more)
        found: T = self._found[key]
        return found

    def at(self, offset: int, count: int) -> bytes:
        """At most `count` bytes from `offset`; fewer at the end of the file, none beyond it.

        Raises:
            Unreadable: the disk gives an error.
        """
        if not 0 <= offset < self.size or count <= 0:
            return b""
        try:
            return self._read(offset, min(count, self.size - offset))
        except OSError as error:
            raise from_os_error(self.path, error) from error

    def _read(self, offset: int, count: int) -> bytes:
        self.file.seek(offset)
        return self.file.read(count)


class OnDisk(Source, AbstractContextManager[Source]):
    """A regular file on a disk, opened for looking.

    Raises:
        Unreadable: no such file any more, no permission, or not a regular file.
    """

    def __init__(self, path: str) -> None:
        try:
            # A pipe put in a file's place would otherwise hold the whole plan for ever.
            self._descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except (OSError, ValueError) as error:
            raise from_os_error(path, error) from error
        status = os.fstat(self._descriptor)
        if not stat.S_ISREG(status.st_mode):
            os.close(self._descriptor)
            detail = "a folder, not a file" if stat.S_ISDIR(status.st_mode) else "not a regular file"
            raise Unreadable(Reason.NOT_A_FILE, path, detail)
        super().__init__(path, None, status.st_size, mtime_ns=status.st_mtime_ns)
        self.ctime_ns = status.st_ctime_ns
        self._looks: list[tuple[int, int, bytes]] = []  # begin, end, bytes; the newest first
        self._ahead = FIRST_BYTES if status.st_size > WHOLE_BYTES else WHOLE_BYTES

    def __enter__(self) -> Source:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)

    @property
    def file(self) -> BinaryIO:
        """The file, for libraries that read files."""
        if self._file is None:
            self._file = os.fdopen(self._descriptor, "rb", closefd=False)
        return self._file

    def _read(self, offset: int, count: int) -> bytes:
        stop = offset + count
        for begin, end, block in self._looks:
            if begin <= offset and stop <= end:
                return block[offset - begin : stop - begin]
        if count > FURTHEST_BYTES:
            return os.pread(self._descriptor, count, offset)
        return self._look(offset, stop)[:count]

    def _look(self, offset: int, stop: int) -> bytes:
        """The bytes from `offset` to `stop` and perhaps some more; they are kept, and what is around them."""
        begin = offset
        if offset >= (tail := max(0, self.size - LOOK_BYTES)):
            begin, stop = tail, self.size
        else:
            stop = min(max(stop, offset + self._ahead_of(offset)), self.size)
        block = os.pread(self._descriptor, stop - begin, begin)
        self._looks = [(begin, begin + len(block), block), *self._looks[: LOOKS - 1]]
        return block[offset - begin :]

    def _ahead_of(self, offset: int) -> int:
        """How much to read: more where the last look ended nearby, as on a walk through headers."""
        if not self._looks:
            return self._ahead
        begin, end, _ = self._looks[0]
        near = begin <= offset <= end + LOOK_BYTES
        self._ahead = min(2 * self._ahead, FURTHEST_BYTES) if near else LOOK_BYTES
        return self._ahead


class Part(Source):
    """What follows a place of another source, as a file of its own."""

    def __init__(self, source: Source, begin: int) -> None:
        super().__init__(source.path, None, source.size - begin, local=source.local, mtime_ns=source.mtime_ns)
        self._source, self._begin = source, begin
        self.served = source.served

    @property
    def origin(self) -> Source:
        """The whole file."""
        return self._source.origin

    def _read(self, offset: int, count: int) -> bytes:
        return self._source.at(self._begin + offset, count)


def from_os_error(path: str, error: OSError | ValueError) -> Unreadable:
    """What the system said about a file, as the error that leaves it out."""
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return Unreadable(Reason.VANISHED, path, "no longer there")
    if isinstance(error, IsADirectoryError):
        return Unreadable(Reason.NOT_A_FILE, path, "a folder, not a file")
    if isinstance(error, PermissionError):
        return Unreadable(Reason.UNREADABLE, path, "no permission to read it; chmod u+r")
    return Unreadable(Reason.UNREADABLE, path, getattr(error, "strerror", None) or str(error))
