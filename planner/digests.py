"""Digests by the numbers of their inputs: a million of them take 32 MB, as a dictionary of texts 200."""

from collections.abc import Collection, Iterator, Mapping
from typing import TypeVar, overload

T = TypeVar("T")

SHA256_BYTES = 32


class Digests(Mapping[int, str]):
    """SHA-256 digests as hex."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._has = bytearray()  # a 1 for each number that has one

    def add(self, number: int, digest: str) -> None:
        """Note the digest of an input."""
        if number >= len(self._has):
            more = max(number + 1 - len(self._has), len(self._has))
            self._has.extend(bytes(more))
            self._bytes.extend(bytes(more * SHA256_BYTES))
        self._has[number] = 1
        self._bytes[number * SHA256_BYTES : (number + 1) * SHA256_BYTES] = bytes.fromhex(digest)

    def without(self, numbers: Collection[int], count: int) -> "Digests":
        """The same where some of `count` inputs are left out, and those behind them move up."""
        left = Digests()
        for new, old in enumerate(number for number in range(count) if number not in numbers):
            if old in self:
                left.add(new, self[old])
        return left

    def __getitem__(self, number: int) -> str:
        if not (0 <= number < len(self._has) and self._has[number]):
            raise KeyError(number)
        return self._bytes[number * SHA256_BYTES : (number + 1) * SHA256_BYTES].hex()

    @overload
    def get(self, number: int, /) -> str | None: ...

    @overload
    def get(self, number: int, /, default: str | T) -> str | T: ...

    def get(self, number: int, /, default: object = None) -> object:
        """The digest of an input; most have none, so no error is made and caught."""
        if number not in self:
            return default
        return self[number]

    def __contains__(self, number: object) -> bool:
        return isinstance(number, int) and 0 <= number < len(self._has) and self._has[number] == 1

    def __iter__(self) -> Iterator[int]:
        return (number for number, has in enumerate(self._has) if has)

    def __len__(self) -> int:
        return self._has.count(1)
