"""An object in a store about to be sent: read once, by ranges, hashed as it goes, never beyond its size."""

import io
from typing import Self

from manifests.content import SpanHasher
from manifests.errors import EarmarkError
from manifests.stored import Stored
from runner.api.approved import CutError
from runner.api.interface import NotSent, Order, SourceChanged
from stores.interface import About, NoKeys, NotAllowed, NotThere, Store

BLOCK_BYTES = 4 << 20
"""Read at a time; so much of each upload is in memory, however large the object is."""


class ApprovedObject:
    """A source as `runner.api.approved.ApprovedFile`, in a store."""

    def __init__(self, store: Store, about: About, order: Order) -> None:
        self._store, self._about, self._order = store, about, order
        self._url = str(order.path)
        self._block = b""
        self._from = 0  # of the block in the object
        self._read = 0
        self._hasher = SpanHasher(order.spans)

    @classmethod
    def open(cls, order: Order) -> Self:
        """Open the order's object.

        Raises:
            CutError: it is not there, not readable, or of another size; or the store does not answer.
        """
        assert isinstance(order.path, Stored)
        from stores.opening import store_of

        url = str(order.path)
        try:
            store = store_of(url)
            about = store.about(url)
        except EarmarkError as error:
            raise _cut(url, error) from error
        if about is None or about.size != order.size:
            raise _changed(url, order, about)
        return cls(store, about, order)

    def read(self, size: int) -> bytes:
        """The next bytes, at most `size` of them.

        Raises:
            CutError: they cannot be had.
        """
        wanted = min(size, self._order.size - self._read)
        if wanted and self._read >= self._from + len(self._block):
            self._fetch()
        start = self._read - self._from
        data = self._block[start : start + wanted]
        self._hasher.update(data)
        self._read += len(data)
        return data

    def _fetch(self) -> None:
        self._from = self._read
        end = min(self._from + BLOCK_BYTES, self._order.size)
        try:
            self._block = self._store.read(self._url, self._from, end)
        except EarmarkError as error:
            self._check_same()
            raise _cut(self._url, error) from error

    def _check_same(self) -> None:
        """Where bytes do not come: see whether another object has taken the place.

        Raises:
            CutError: it has, or nobody can say.
        """
        try:
            now = self._store.about(self._url)
        except EarmarkError as error:
            raise _cut(self._url, error) from error
        if now is None or now.size != self._order.size:
            raise _changed(self._url, self._order, now)
        if now != self._about:
            raise CutError(SourceChanged(f"{self._url}: it was replaced while it was read"))

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Tell httpx the approved size; the object itself is read once, from its start."""
        if whence == io.SEEK_END:
            return self._order.size
        if offset != self._read:
            raise io.UnsupportedOperation("the object is read once")
        return self._read

    def tell(self) -> int:
        """How much was read."""
        return self._read

    def check(self) -> None:
        """See that what was read is what was approved; its digest says it, whatever lies there by now.

        Raises:
            CutError: it is not.
        """
        if self._read != self._order.size:
            raise CutError(NotSent(f"{self._url}: {self._read} bytes were read of {self._order.size}"))
        if self._hasher.hexdigest() != self._order.sha256:
            raise CutError(SourceChanged(f"{self._url}: its audio is not what was approved"))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._block = b""


def _changed(url: str, order: Order, about: About | None) -> CutError:
    if about is None:
        return CutError(SourceChanged(f"{url}: it is no longer an object"))
    return CutError(SourceChanged(f"{url}: it had {order.size} bytes, now it has {about.size}"))


def _cut(url: str, error: EarmarkError) -> CutError:
    """What a store said, as the end of an upload: a change of the object, or of nothing but this try."""
    if isinstance(error, NotThere):
        return CutError(SourceChanged(f"{url}: it is no longer there"))
    if isinstance(error, NotAllowed) and not isinstance(error, NoKeys):
        return CutError(SourceChanged(str(error)))
    return CutError(NotSent(str(error)))
