"""Digests by the numbers of their inputs: a million of them take 32 MB, as a dictionary of texts 200."""

from collections.abc import Collection, Iterator, Mapping

SHA256_BYTES = 32
_NONE = bytes(SHA256_BYTES)


class Digests(Mapping[int, str]):
    """SHA-256 digests as hex."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._count = 0

    def add(self, number: int, digest: str) -> None:
        """Note the digest of an input."""
        begin = number * SHA256_BYTES
        if begin >= len(self._bytes):
            self._bytes.extend(bytes(begin + SHA256_BYTES - len(self._bytes)))
        self._count += self._at(number) == _NONE
        self._bytes[begin : begin + SHA256_BYTES] = bytes.fromhex(digest)

    def without(self, numbers: Collection[int], count: int) -> "Digests":
        """The same where some of `count` inputs are left out, and those behind them move up."""
        left = Digests()
        for new, old in enumerate(number for number in range(count) if number not in numbers):
            if old in self:
                left.add(new, self[old])
        return left

    def _at(self, number: int) -> bytes:
        begin = number * SHA256_BYTES
        return bytes(self._bytes[begin : begin + SHA256_BYTES]) or _NONE

    def __getitem__(self, number: int) -> str:
        found = self._at(number)
        if found == _NONE:
            raise KeyError(number)
        return found.hex()

    def __iter__(self) -> Iterator[int]:
        return (number for number in range(len(self._bytes) // SHA256_BYTES) if self._at(number) != _NONE)

    def __len__(self) -> int:
        return self._count
