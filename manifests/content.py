"""The content of a file as two short texts: the digest of its sound, and a `print` to notice changes by.

Nothing here reads a file: bytes come in, text goes out.
"""

import hashlib
from collections.abc import Iterable

Span = tuple[int, int]
"""First byte and the byte after the last, from the start of the file."""

PRINT_BYTES = 4096
"""How much of the start, the middle and the end goes into a print."""

PRINT_DIGITS = 12


class SpanHasher:
    """SHA-256 of the spans of a file that comes in pieces, from its first byte on.

    The runner feeds it while it uploads, so a file that changed since planning is noticed before
    the last piece leaves.
    """

    def __init__(self, spans: Iterable[Span]) -> None:
        self._spans = tuple(spans)
        if any(start < 0 or end < start for start, end in self._spans):
            raise ValueError(f"spans must begin at 0 or later and not end before they begin: {self._spans}")
        if any(before[1] > after[0] for before, after in zip(self._spans, self._spans[1:], strict=False)):
            raise ValueError(f"spans must follow each other: {self._spans}")
        self._hash = hashlib.sha256()
        self._offset = 0
        self._next = 0

    def update(self, piece: bytes) -> None:
        """Take the file's next bytes."""
        begin, self._offset = self._offset, self._offset + len(piece)
        view = memoryview(piece)
        while self._next < len(self._spans):
            start, end = self._spans[self._next]
            if start >= self._offset:
                return
            self._hash.update(view[max(0, start - begin) : end - begin])
            if end > self._offset:
                return
            self._next += 1

    def hexdigest(self) -> str:
        """The digest of what came in so far, 64 hex digits."""
        return self._hash.hexdigest()


def print_places(size: int) -> tuple[Span, Span, Span]:
    """Which bytes of a file go into its print: start, middle and end; they overlap in small files."""
    middle = max(0, size // 2 - PRINT_BYTES // 2)
    last = max(0, size - PRINT_BYTES)
    return (0, min(PRINT_BYTES, size)), (middle, min(middle + PRINT_BYTES, size)), (last, size)


def print_of(size: int, head: bytes, middle: bytes, tail: bytes) -> str:
    """A short text that changes when a file does, cheap enough to take of every file.

    Args:
        size: the file's size in bytes.
        head: its bytes at the first of `print_places`.
        middle: those at the second.
        tail: those at the third.
    """
    digest = hashlib.sha256(f"{size}\n".encode())
    for piece in (head, middle, tail):
        digest.update(piece)
    return digest.hexdigest()[:PRINT_DIGITS]
