"""A file opened for looking here and there, never past its end and never as a whole."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from planner.leftout import Reason, Unreadable

HEAD_BYTES = 4096
"""Read with the first look: every kind shows its name within it, unless tags come first."""

BLOCK_BYTES = 1 << 20
"""What a walk through a whole file holds in memory."""


class Source:
    """A readable file of a known size; `path` leads to it only where it is `local`."""

    def __init__(self, path: str, file: BinaryIO, size: int, *, local: bool = True) -> None:
        self.path = path
        self.file = file
        self.size = size
        self.local = local
        self._head: bytes | None = None

    @property
    def head(self) -> bytes:
        """The file's first bytes.

        No `cached_property`: before Python 3.12 it has one lock for all sources, and a server that
        is slow would hold those of all other addresses.
        """
        if self._head is None:
            self._head = self.at(0, HEAD_BYTES)
        return self._head

    def at(self, offset: int, count: int) -> bytes:
        """At most `count` bytes from `offset`; fewer at the end of the file, none beyond it.

        Raises:
            Unreadable: the disk gives an error.
        """
        if not 0 <= offset < self.size or count <= 0:
            return b""
        try:
            self.file.seek(offset)
            return self.file.read(min(count, self.size - offset))
        except OSError as error:
            raise from_os_error(self.path, error) from error


@contextmanager
def opened(path: str) -> Iterator[Source]:
    """Open a regular file for looking.

    Raises:
        Unreadable: no such file any more, no permission, or not a regular file.
    """
    try:
        file = open(path, "rb", opener=_open_without_waiting)  # noqa: SIM115 - 'with' below
    except OSError as error:
        raise from_os_error(path, error) from error
    with file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise Unreadable(Reason.NOT_A_FILE, path, "not a regular file")
        yield Source(path, file, status.st_size)


def _open_without_waiting(path: str, flags: int) -> int:
    """A pipe put in a file's place would otherwise hold the whole plan for ever."""
    return os.open(path, flags | os.O_NONBLOCK)


def from_os_error(path: str, error: OSError) -> Unreadable:
    """What the system said about a file, as the error that leaves it out."""
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return Unreadable(Reason.VANISHED, path, "no longer there")
    if isinstance(error, IsADirectoryError):
        return Unreadable(Reason.NOT_A_FILE, path, "a folder, not a file")
    if isinstance(error, PermissionError):
        return Unreadable(Reason.UNREADABLE, path, "no permission to read it; chmod u+r")
    return Unreadable(Reason.UNREADABLE, path, error.strerror or str(error))
