"""Sets of a million small numbers in little memory."""

import hashlib
from array import array
from bisect import bisect_left
from heapq import merge


class Bits:
    """A set of numbers that begin near 0 and are close together; an eighth of a byte a number."""

    def __init__(self) -> None:
        self._bits = bytearray()
        self._count = 0

    def add(self, number: int) -> None:
        """Put one in."""
        if number in self:
            return
        place = number >> 3
        if place >= len(self._bits):
            self._bits.extend(bytes(max(1024, place + 1 - len(self._bits))))
        self._bits[place] |= 1 << (number & 7)
        self._count += 1

    def __contains__(self, number: object) -> bool:
        if not isinstance(number, int):
            return False
        place = number >> 3
        return place < len(self._bits) and bool(self._bits[place] >> (number & 7) & 1)

    def __len__(self) -> int:
        return self._count


class Marks:
    """A set of texts, each known by 64 bits of its digest: eight bytes a text.

    Of a million, one that is not there is taken for being there once in twenty million million times.
    """

    RECENT = 4096

    def __init__(self) -> None:
        self._recent: set[int] = set()
        self._sorted: list[array[int]] = []  # the longest first, each at least twice as long as the next

    def add(self, text: str) -> None:
        """Put one in."""
        self._recent.add(_mark(text))
        if len(self._recent) >= self.RECENT:
            self._sort_in()

    def __contains__(self, text: object) -> bool:
        mark = _mark(str(text))
        return mark in self._recent or any(_has(marks, mark) for marks in self._sorted)

    def _sort_in(self) -> None:
        fresh = array("Q", sorted(self._recent))
        self._recent.clear()
        while self._sorted and len(self._sorted[-1]) < 2 * len(fresh):
            fresh = array("Q", merge(self._sorted.pop(), fresh))
        self._sorted.append(fresh)


def _mark(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(errors="surrogateescape"), digest_size=8).digest())


def _has(marks: "array[int]", mark: int) -> bool:
    place = bisect_left(marks, mark)
    return place < len(marks) and marks[place] == mark
