"""An object in a store opened for looking here and there: a few ranges of it are read, not all of it.

Each read is a round trip of tens of milliseconds, so a block is read where a few bytes are asked for, and
more of them where looks follow each other.
"""

import hashlib
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from manifests.errors import EarmarkError
from planner.containers.source import Source
from planner.leftout import Reason, Unreadable
from stores.interface import About, NoKeys, NoSuchStore, NotThere, Store, StoreDown

if TYPE_CHECKING:
    from types import TracebackType

FIRST_BYTES = 1 << 16
"""Read with the first look: headers and most tags lie within it."""

BLOCK_BYTES = 1 << 14
"""Read at least, later: the middle and the end for the print, a box, a table."""

FURTHEST_BYTES = 1 << 22
"""Looks that follow each other read ahead, twice as much each time, up to this."""

TAIL_BYTES = 1 << 15
"""The last so many bytes are always read as one: tags lie there, and a part of the print."""

LOOKS = 6
"""Pieces that are kept."""


class StoredSource(Source, AbstractContextManager[Source]):
    """An object; `about` is what a listing said of it, where one did.

    Raises:
        Unreadable: no such object any more, or not readable.
        StoreDown: the store could not be reached, or broke off.
        NoKeys: no credentials, or none that are accepted.
    """

    def __init__(self, url: str, about: About | None = None) -> None:
        from stores.opening import store_of

        try:
            self._store: Store = store_of(url)
            found = about or self._store.about(url)
        except EarmarkError as error:
            raise unreadable(url, error) from None
        if found is None:
            raise Unreadable(Reason.NOT_A_FILE, url, "a folder, not an object")
        super().__init__(url, None, found.size, mtime_ns=found.mtime_ns)
        self.served = True
        self.ctime_ns = mark_number(found)
        self._looks: list[tuple[int, bytes]] = []  # begin, bytes; the newest first
        self._ahead = BLOCK_BYTES

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: "TracebackType | None"
    ) -> None:
        self._looks.clear()

    def _read(self, offset: int, count: int) -> bytes:
        stop = offset + count
        for begin, block in self._looks:
            if begin <= offset and stop <= begin + len(block):
                return block[offset - begin : stop - begin]
        begin, end = self._around(offset, stop)
        try:
            block = self._store.read(self.path, begin, end)
        except EarmarkError as error:
            raise unreadable(self.path, error) from None
        self._looks = [(begin, block), *self._looks[: LOOKS - 1]]
        return block[offset - begin : stop - begin]

    def _around(self, offset: int, stop: int) -> tuple[int, int]:
        """The bytes to read where some are asked for."""
        tail = max(0, self.size - TAIL_BYTES)
        if offset >= tail:
            return tail, self.size
        if not self._looks:
            return offset, min(self.size, max(stop, offset + FIRST_BYTES))
        begin, block = self._looks[0]
        near = begin <= offset <= begin + len(block) + BLOCK_BYTES
        self._ahead = min(2 * self._ahead, FURTHEST_BYTES) if near else BLOCK_BYTES
        return offset, min(self.size, max(stop, offset + self._ahead))


def mark_number(about: About) -> int:
    """What a store changes with the content, where files have the time of their last change; 0: nothing."""
    if not about.mark:
        return 0
    return int.from_bytes(hashlib.sha256(about.mark.encode()).digest()[:7])


def unreadable(url: str, error: EarmarkError) -> EarmarkError:
    """What a store said about an object, as the error that leaves it out; what is not about it, as it is."""
    if isinstance(error, StoreDown | NoKeys | NoSuchStore):
        return error
    if isinstance(error, NotThere):
        return Unreadable(Reason.VANISHED, url, "no longer there")
    return Unreadable(Reason.UNREADABLE, url, str(error).removeprefix(f"{url}: "))
