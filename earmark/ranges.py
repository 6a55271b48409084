"""What lies at an address as a file that can be read here and there; only what is read is fetched."""

import io
from contextlib import ExitStack
from typing import TYPE_CHECKING

from planner.leftout import Reason, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from earmark.web import Allowance, Answer, Web

BLOCK_BYTES = 64 * 1024
"""What is fetched at least: headers lie together."""


class RangeFile(io.RawIOBase):
    """A file at an address; `size` is in bytes, `mark` its server's ETag or Last-Modified.

    Where the server answers no ranges, the first bytes are read in their order and kept, up to the
    limits. Whatever cannot be read raises `Unreadable`, and `failure` keeps it: libraries wrap what
    they do not expect.
    """

    def __init__(self, web: "Web", url: str) -> None:
        """Ask for the first block.

        Raises:
            Unreadable: nothing can be read there.
        """
        super().__init__()
        self._web, self._url = web, url
        self._left: Allowance = web.allowance()
        self._blocks: dict[int, bytes] = {}
        self._place = 0
        self._open = ExitStack()
        self.failure: Unreadable | None = None
        first = self._open.enter_context(web.answer(url, 0, BLOCK_BYTES - 1, self._left))
        self.mark, self.kind, self._target = first.mark, first.kind, first.url
        self._forward: _Forward | None = None
        try:
            self.size = self._sized(first)
        except BaseException:
            self._open.close()
            raise

    def _sized(self, first: "Answer") -> int:
        if first.ranged:
            if first.size is None:
                raise Unreadable(Reason.UNREADABLE, self._url, "its server does not say how large it is")
            self._blocks[0] = self._whole(first, min(BLOCK_BYTES, first.size))
            self._open.close()
            return first.size
        self._forward = _Forward(self._url, first.pieces)
        if first.size is not None:
            return first.size
        return self._forward.measured()

    def _whole(self, answer: "Answer", count: int) -> bytes:
        """So many bytes of an answer; what comes beyond them is not read."""
        found = bytearray()
        for piece in answer.pieces:
            found += piece
            if len(found) > count:  # else it is read to its end, so that the connection serves again
                break
        if len(found) < count:
            raise Unreadable(Reason.UNREADABLE, self._url, "its server sends less than it says")
        return bytes(found[:count])

    def close(self) -> None:
        """Let the connection go."""
        self._open.close()
        super().close()

    def readable(self) -> bool:
        """It can be read."""
        return True

    def seekable(self) -> bool:
        """It can be read anywhere."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go somewhere; nothing is fetched."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self.size}[whence]
        self._place = max(0, base + offset)
        return self._place

    def tell(self) -> int:
        """Where the next read begins."""
        return self._place

    def read(self, count: int | None = -1, /) -> bytes:
        """At most so many bytes, fewer only at the end.

        Raises:
            Unreadable: they cannot be had.
        """
        rest = max(0, self.size - self._place)
        wanted = rest if count is None or count < 0 else min(count, rest)
        try:
            found = self._at(self._place, wanted) if wanted else b""
        except Unreadable as error:
            self.failure = self.failure or error
            raise
        self._place += len(found)
        return found

    def _at(self, offset: int, count: int) -> bytes:
        if self._forward is not None:
            return self._forward.at(offset, count)
        first, last = offset // BLOCK_BYTES, (offset + count - 1) // BLOCK_BYTES
        missing = [block for block in range(first, last + 1) if block not in self._blocks]
        if missing:
            self._fetch(missing[0], missing[-1])
        whole = b"".join(self._blocks[block] for block in range(first, last + 1))
        start = offset - first * BLOCK_BYTES
        return whole[start : start + count]

    def _fetch(self, first: int, last: int) -> None:
        """Fetch some neighbouring blocks with one request."""
        begin, end = first * BLOCK_BYTES, min(self.size, (last + 1) * BLOCK_BYTES)
        if end - begin > self._left.bytes:
            from earmark.web import too_much

            raise too_much(self._url)
        with self._web.answer(self._target, begin, end - 1, self._left) as answer:
            if not answer.ranged or answer.size != self.size or answer.mark != self.mark:
                raise Unreadable(Reason.UNREADABLE, self._url, "it changed while it was read")
            found = self._whole(answer, end - begin)
        for block in range(first, last + 1):
            start = (block - first) * BLOCK_BYTES
            self._blocks[block] = found[start : start + BLOCK_BYTES]


class _Forward:
    """An answer without ranges: what was read of it stays, what comes later is read when it is asked for."""

    def __init__(self, url: str, pieces: "Iterator[bytes]") -> None:
        self._url = url
        self._pieces = pieces
        self._found = bytearray()

    def measured(self) -> int:
        """The size, by reading to the end."""
        for piece in self._pieces:
            self._found += piece
        return len(self._found)

    def at(self, offset: int, count: int) -> bytes:
        """Bytes from somewhere."""
        while len(self._found) < offset + count:
            piece = next(self._pieces, None)
            if piece is None:
                raise Unreadable(Reason.UNREADABLE, self._url, "its server sends less than it says")
            self._found += piece
        return bytes(self._found[offset : offset + count])
