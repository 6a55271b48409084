"""Recordings that lie there twice, in two formats: `x.mp3` and `x.wav` of one length."""

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from os.path import splitext

from manifests.money import Cents
from planner.inputs import Input
from planner.pricing import Line
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


@dataclass(frozen=True, slots=True)
class _Bought:
    """A line to pay for a recording."""

    service: str
    one: Recording
    cents: int


class Pairing:
    """Finds pairs among lines that pass by, with some twenty bytes of memory each.

    A mark of 64 bits a line finds the few whose name another one has but for its ending; those are
    looked at closely in the end.
    """

    def __init__(self) -> None:
        self._marks, self._numbers, self._cents = array("q"), array("L"), array("q")
        self._services: dict[str, int] = {}
        self._of = array("H")
        self._endings: Counter[str] = Counter()
        self._early: set[int] = set()

    def add(self, lines: Sequence[Line], *, early: bool = False) -> None:
        """Remember these, too: all lines to pay of a file together, but for `early` ones."""
        recorded = [line for line in lines if isinstance(line.sale.input, Recording)]
        sales = [line.sale for line in recorded]
        paths = [sale.input.path for sale in sales]
        stems = [_stem(path) for path in paths]
        services = [self._services.setdefault(sale.choice.name, len(self._services)) for sale in sales]
        numbers = [sale.number for sale in sales]
        self._marks.extend(map(hash, zip(stems, services, strict=True)))
        self._of.extend(services)
        self._numbers.extend(numbers)
        self._cents.extend([line.item.cents for line in recorded])
        files = {number: path[len(stem) :] for number, path, stem in zip(numbers, paths, stems, strict=True)}
        for number in self._early.intersection(files):
            del files[number]
        self._endings.update(files.values())
        if early:
            self._early.update(files)

    def pairs(self, inputs: Sequence[Input]) -> tuple[Pairs, ...]:
        """Pairs among what has to be paid, grouped by their two endings, dearest first.

        Args:
            inputs: by the numbers that the lines' sales know.
        """
        cents: dict[tuple[str, str], int] = defaultdict(int)
        paths: dict[tuple[str, str], set[str]] = defaultdict(set)
        for first, second in _alike(self._suspects(inputs)):
            kinds = _ending(first.one.path), _ending(second.one.path)
            cents[kinds] += second.cents
            paths[kinds].add(second.one.path)
        found = [
            Pairs(len(paths[kinds]), *kinds, Cents(cents[kinds]), self._endings[kinds[1]] - len(paths[kinds]))
            for kinds in cents
        ]
        return tuple(sorted(found, key=lambda each: -each.cents))

    def _suspects(self, inputs: Sequence[Input]) -> Iterator[_Bought]:
        """The lines whose mark another one has."""
        if len(set(self._marks)) == len(self._marks):
            return
        often = Counter(self._marks)
        services = list(self._services)
        for mark, of, number, cents in zip(self._marks, self._of, self._numbers, self._cents, strict=True):
            if often[mark] > 1:
                one = inputs[number]
                assert isinstance(one, Recording)
                yield _Bought(services[of], one, cents)


def _alike(bought: Iterable[_Bought]) -> Iterator[tuple[_Bought, _Bought]]:
    """Two lines for one product whose files differ in their endings only, the smaller file first."""
    groups: dict[tuple[str, str], list[_Bought]] = defaultdict(list)
    for each in bought:
        groups[each.service, splitext(each.one.path)[0]].append(each)  # noqa: PTH122 - names are strings here
    for group in groups.values():
        for first, second in pairwise(sorted(group, key=lambda each: each.one.size)):
            if first.one.path == second.one.path:  # one file, in two languages
                continue
            if abs(first.one.length.ms - second.one.length.ms) <= ALIKE_MS:
                yield first, second


def _stem(path: str) -> str:
    """The path without its ending, as `splitext` has it, in a third of the time."""
    dot = path.rfind(".")
    if dot > path.rfind("/") + 1 and path[dot - 1] != ".":
        return path[:dot]
    return splitext(path)[0]  # noqa: PTH122 - a million paths


def _ending(path: str) -> str:
    return path[len(_stem(path)) :]
