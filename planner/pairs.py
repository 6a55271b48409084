"""Recordings that lie there twice, in two formats: `x.mp3` and `x.wav` of one length."""

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from os.path import splitext

from manifests.money import Cents
from planner.choices import Choice
from planner.inputs import Input
from planner.recording import Recording
from planner.sounds import Sounds

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


class _Column:
    """The lines to pay of one product: a mark of the name without its ending, and the input's number."""

    def __init__(self, choice: Choice) -> None:
        self.choice = choice  # of one of them: all cost the same
        self.marks, self.numbers = array("q"), array("L")


class Pairing:
    """Finds pairs among lines that pass by, with sixteen bytes of memory each.

    A mark of 64 bits a line finds the few whose name another one has but for its ending; those are
    looked at closely in the end.
    """

    def __init__(self) -> None:
        self._columns: dict[str, _Column] = {}
        self._endings: Counter[str] = Counter()
        self._early: set[int] = set()

    def add(self, sounds: Mapping[str, Sounds], *, early: bool = False) -> None:
        """Remember these, too.

        Args:
            sounds: to pay, by their product; all lines of a file together.
            early: clones, before their file's turn.
        """
        endings: dict[int, str] = {}
        for product, some in sounds.items():
            column = self._columns.setdefault(product, _Column(some.choice))
            column.marks.extend(map(hash, some.stems))
            column.numbers.extend(some.numbers)
            endings.update(zip(some.numbers, some.endings, strict=True))
        for number in self._early.intersection(endings):
            del endings[number]
        self._endings.update(endings.values())
        if early:
            self._early.update(endings)

    def pairs(self, inputs: Sequence[Input]) -> tuple[Pairs, ...]:
        """Pairs among what has to be paid, grouped by their two endings, dearest first.

        Args:
            inputs: by the numbers that the lines' sales know.
        """
        cents: dict[tuple[str, str], int] = defaultdict(int)
        paths: dict[tuple[str, str], set[str]] = defaultdict(set)
        for column in self._columns.values():
            for first, second in _alike(_suspects(column, inputs)):
                kinds = splitext(first.path)[1], splitext(second.path)[1]  # noqa: PTH122 - names are strings here
                cents[kinds] += column.choice.cost(second.length.ms, second.length.longest_ms).amounts[0]
                paths[kinds].add(second.path)
        found = [
            Pairs(len(paths[kinds]), *kinds, Cents(cents[kinds]), self._endings[kinds[1]] - len(paths[kinds]))
            for kinds in cents
        ]
        return tuple(sorted(found, key=lambda each: -each.cents))


def _suspects(column: _Column, inputs: Sequence[Input]) -> Iterator[Recording]:
    """The recordings whose mark another one has, each once a line."""
    if len(set(column.marks)) == len(column.marks):
        return
    often = Counter(column.marks)
    for mark, number in zip(column.marks, column.numbers, strict=True):
        if often[mark] > 1:
            one = inputs[number]
            assert isinstance(one, Recording)
            yield one


def _alike(recordings: Iterable[Recording]) -> Iterator[tuple[Recording, Recording]]:
    """Two that differ in their endings only, the smaller file first."""
    groups: dict[str, list[Recording]] = defaultdict(list)
    for each in recordings:
        groups[splitext(each.path)[0]].append(each)  # noqa: PTH122
    for group in groups.values():
        for first, second in pairwise(sorted(group, key=lambda each: each.size)):
            if first.path == second.path:  # one file, in two languages
                continue
            if abs(first.length.ms - second.length.ms) <= ALIKE_MS:
                yield first, second
