"""What is about to be sent, and whether it still is what was approved: a file, or words."""

import errno
import hashlib
import io
import os
import stat
from pathlib import Path
from typing import BinaryIO, Self

from manifests.content import SpanHasher
from runner.api import answers
from runner.api.interface import NotSent, Order, SourceChanged, SubmitOutcome

_THIS_MACHINE = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM})
"""Reasons not to open a file that say nothing about the file."""


class CutError(Exception):
    """We cut the upload ourselves; `outcome` says why."""

    def __init__(self, outcome: SubmitOutcome) -> None:
        super().__init__(str(outcome))
        self.outcome = outcome


class ApprovedFile:
    """A source that is read once, hashed as it goes, and never beyond its approved size."""

    def __init__(self, file: BinaryIO, path: Path, order: Order) -> None:
        self._file = file
        self._path = path
        self._order = order
        self._read = 0
        self._hasher = SpanHasher(order.spans)

    @classmethod
    def open(cls, order: Order) -> Self:
        """Open the order's file.

        Raises:
            CutError: it is not there, not readable, not a file, or of another size.
        """
        assert isinstance(order.path, Path)
        try:
            # Never blocks: a pipe that took the file's place would wait for its writer for ever.
            descriptor = os.open(order.path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        except OSError as error:
            if error.errno in _THIS_MACHINE:
                raise CutError(NotSent(f"{answers.shown_path(order.path)}: {error.strerror}")) from error
            raise _changed(order.path, _reason(error)) from error
        status = os.fstat(descriptor)
        if stat.S_ISREG(status.st_mode) and status.st_size == order.size:
            return cls(os.fdopen(descriptor, "rb", buffering=0), order.path, order)
        os.close(descriptor)
        raise _changed(order.path, _size_now(order, status))

    def read(self, size: int) -> bytes:
        """The next bytes, at most `size` of them."""
        try:
            data = self._file.read(min(size, self._order.size - self._read)) or b""
        except OSError as error:
            raise _changed(self._path, _reason(error)) from error
        self._hasher.update(data)
        self._read += len(data)
        return data

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Tell httpx the approved size; the file itself is read once, from its start."""
        if whence == io.SEEK_END:
            return self._order.size
        if offset != self._read:
            raise io.UnsupportedOperation("the file is read once")
        return self._read

    def tell(self) -> int:
        """How much was read."""
        return self._read

    def check(self) -> None:
        """See that what was read is what was approved.

        Raises:
            CutError: it is not.
        """
        status = os.fstat(self._file.fileno())
        if self._read != self._order.size or status.st_size != self._order.size:
            raise _changed(self._path, _size_now(self._order, status))
        if self._hasher.hexdigest() != self._order.sha256:
            raise _changed(self._path, "its audio is not what was approved")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


class ApprovedText:
    """An order without a file: what is sent stands in its fields."""

    def __init__(self, order: Order) -> None:
        self._order = order

    def check(self) -> None:
        """See that a text is what was approved; prompts and addresses are approved as they stand.

        Raises:
            CutError: it is not.
        """
        text = self._order.fields.get("input_text")
        if isinstance(text, str) and hashlib.sha256(text.encode()).hexdigest() != self._order.sha256:
            raise CutError(SourceChanged(f"{self._order.upload_name}: its text is not what was approved"))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass


def _changed(path: Path, reason: str) -> CutError:
    return CutError(SourceChanged(f"{answers.shown_path(path)}: {reason}"))


def _size_now(order: Order, status: os.stat_result) -> str:
    if not stat.S_ISREG(status.st_mode):
        return "it is no longer a file"
    return f"it had {order.size} bytes, now it has {status.st_size}"


def _reason(error: OSError) -> str:
    if error.errno == errno.ENOENT:
        return "it is no longer there"
    return f"it cannot be read ({error.strerror or error})"
