"""The recordings of a simulated fleet: each its own sound, told by its number alone; no file is anywhere."""

import hashlib
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from manifests.errors import EarmarkError
from manifests.length import Grade
from manifests.manifest import Item
from runner.api.interface import Spans
from runner.inputs import Probes
from support.fleetsim.books import BYTES_A_SECOND, SERVICE, price

LONGEST = 180
"""Seconds of a recording at most."""


@dataclass(frozen=True, slots=True)
class Probe:
    """What a look at a file tells."""

    size: int
    print: str
    spans: Spans


def size(number: int, seed: int) -> int:
    """Bytes of a recording."""
    seconds = random.Random(number * 7919 + seed).randint(20, LONGEST)
    seconds += 2 * (seconds % 60 in (59, 0))  # close to a whole minute the most that it can cost is more
    return seconds * BYTES_A_SECOND


def cents(number: int, seed: int) -> int:
    """What it costs, and the most that it can."""
    return price(size(number, seed))


def items(count: int, seed: int, first: int = 0) -> Iterator[Item]:
    """So many lines; those of equal numbers are the same recordings, whatever manifest they are in."""
    for number in range(first, first + count):
        bytes_ = size(number, seed)
        cents = price(bytes_)
        yield Item(
            f"show {number // 1000:04}/{number:07}.mp3",
            SERVICE,
            bytes_ / BYTES_A_SECOND,
            Grade.EXACT,
            cents,
            cents,
            bytes_,
            hashlib.sha256(b"%d" % number).hexdigest()[:12],
            options={"formats": ["json"]},
        )


def probes(sizes: Callable[[int], int], sees: Callable[[int], bool]) -> Probes:
    """The looks of one host; `sees(number)` says whether a recording is on its disks."""

    def probe(path: str) -> Probe:
        number = number_of(path)
        if not sees(number):
            raise EarmarkError(f"{path}: no such file")
        size = sizes(number)
        return Probe(size, hashlib.sha256(b"%d" % number).hexdigest()[:12], ((0, size),))

    return Probes(probe, lambda path, _spans: hashlib.sha256(b"sound %d" % number_of(path)).hexdigest())


def number_of(path: str) -> int:
    """The number in a recording's name."""
    return int(path.rsplit("/", 1)[-1].removesuffix(".mp3"))
