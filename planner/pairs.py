"""Recordings that lie there twice, in two formats: `x.mp3` and `x.wav` of one length."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from os.path import splitext

from manifests.money import Cents
from planner.pricing import Line, Standing
from planner.recording import Recording

ALIKE_MS = 500
"""Two formats of one recording differ by encoder delay, not more."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """How many recordings would be paid for twice, what the second costs, and what leaves it out."""

    count: int
    kept: str  # ending of the smaller file of each pair
    dropped: str  # ending of the larger
    cents: Cents
    others: int  # recordings with the dropped ending that are in no such pair

    @property
    def exclude(self) -> str:
        """The glob that drops the second of each pair."""
        return f"*{self.dropped}"


def pairs(lines: Sequence[Line]) -> tuple[Pairs, ...]:
    """Pairs among what has to be paid, grouped by their two endings, dearest first."""
    cents: dict[tuple[str, str], int] = defaultdict(int)
    paths: dict[tuple[str, str], set[str]] = defaultdict(set)
    to_pay = [
        line for line in lines if line.standing is Standing.TO_PAY and isinstance(line.input, Recording)
    ]
    for first, second in _alike(to_pay):
        kinds = _ending(first.input.path), _ending(second.input.path)
        cents[kinds] += second.item.cents
        paths[kinds].add(second.input.path)
    every = Counter(_ending(path) for path in {line.input.path for line in to_pay})
    found = [
        Pairs(len(paths[kinds]), *kinds, Cents(cents[kinds]), every[kinds[1]] - len(paths[kinds]))
        for kinds in cents
    ]
    return tuple(sorted(found, key=lambda each: -each.cents))


def _alike(lines: Sequence[Line]) -> Iterator[tuple[Line, Line]]:
    """Two lines for one product whose files differ in their endings only, the smaller file first."""
    groups: dict[tuple[str, str], list[Line]] = defaultdict(list)
    for line in lines:
        groups[line.item.service, _stem(line.input.path)].append(line)
    for group in groups.values():
        for first, second in pairwise(sorted(group, key=lambda line: line.input.size)):
            if first.input.path == second.input.path:  # one file, in two languages
                continue
            if abs(first.length.ms - second.length.ms) <= ALIKE_MS:
                yield first, second


def _stem(path: str) -> str:
    return splitext(path)[0]  # noqa: PTH122 - a million paths; pathlib takes ten times as long


def _ending(path: str) -> str:
    return splitext(path)[1]  # noqa: PTH122
