"""Byte mutation without coverage: what CI runs, and what runs where atheris is not installed."""

from collections.abc import Sequence
from random import Random

NUMBERS = (0, 1, 2, 0x7F, 0x80, 0xFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 1 << 40)
LONGEST = 1 << 16


def mutated(seeds: Sequence[bytes], random: Random) -> bytes:
    """A seed with one to eight changes."""
    data = bytearray(random.choice(seeds))
    for _ in range(random.randint(1, 8)):
        random.choice(_CHANGES)(data, seeds, random)
    return bytes(data[:LONGEST])


def _flip(data: bytearray, _seeds: Sequence[bytes], random: Random) -> None:
    if data:
        data[random.randrange(len(data))] ^= 1 << random.randrange(8)


def _early(data: bytearray, _seeds: Sequence[bytes], random: Random) -> None:
    """Headers stand at the front."""
    if data:
        data[random.randrange(min(len(data), 128))] = random.randrange(256)


def _number(data: bytearray, _seeds: Sequence[bytes], random: Random) -> None:
    width, at = random.choice((1, 2, 4, 8)), random.randrange(len(data) + 1)
    number = random.choice(NUMBERS) % (1 << 8 * width)
    data[at : at + width] = number.to_bytes(width, random.choice(("big", "little")))


def _cut(data: bytearray, _seeds: Sequence[bytes], random: Random) -> None:
    start, end = sorted(random.randrange(len(data) + 1) for _ in range(2))
    del data[start : min(end, start + random.choice((1, 16, 4096)))]


def _double(data: bytearray, _seeds: Sequence[bytes], random: Random) -> None:
    start, end = sorted(random.randrange(len(data) + 1) for _ in range(2))
    piece = data[start : min(end, start + random.choice((4, 64, 1024)))]
    data[start:start] = piece * random.choice((1, 1, 2, 30))


def _splice(data: bytearray, seeds: Sequence[bytes], random: Random) -> None:
    other = random.choice(seeds)
    start, end = sorted(random.randrange(len(other) + 1) for _ in range(2))
    at = random.randrange(len(data) + 1)
    data[at:at] = other[start : min(end, start + 512)]


def _end(data: bytearray, _seeds: Sequence[bytes], random: Random) -> None:
    del data[random.randrange(len(data) + 1) :]


_CHANGES = (_flip, _flip, _early, _early, _number, _number, _cut, _double, _splice, _end)
