"""Recordings that lie there twice, in two folders: one name but for its ending, and one length."""

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from os.path import basename, dirname, splitext

from manifests.money import Cents
from planner.choices import Choice
from planner.inputs import Input
from planner.pairs import ALIKE_MS
from planner.recording import Recording
from planner.sounds import Sounds


@dataclass(frozen=True, slots=True)
class Doubles:
    """How many recordings would be paid for once more, what that costs, and where they lie.

    `folder` holds all that are there once more, and none of those that are kept; it is empty where no
    folder does. `others` are the recordings in it that lie nowhere else.
    """

    count: int
    cents: Cents
    kept: str  # of the first: its path, and the other's
    again: str
    folder: str = ""
    others: int = 0


class _Column:
    """The lines to pay of one product: a mark of the name, the length in milliseconds, the input's number."""

    def __init__(self, choice: Choice) -> None:
        self.choice = choice  # of one of them: all cost the same
        self.marks, self.ms, self.numbers = array("q"), array("Q"), array("L")

    def suspects(self, inputs: Sequence[Input]) -> Iterator[Recording]:
        """The recordings whose name another one has, where all of that name are of one length."""
        if len(set(self.marks)) == len(self.marks):
            return
        often = Counter(self.marks)
        spans: dict[int, tuple[int, int]] = {}
        for mark, ms in zip(self.marks, self.ms, strict=True):
            if often[mark] > 1:
                low, high = spans.get(mark, (ms, ms))
                spans[mark] = min(low, ms), max(high, ms)
        alike = {mark for mark, (low, high) in spans.items() if low and high - low <= ALIKE_MS}
        for mark, number in zip(self.marks, self.numbers, strict=True):
            if mark in alike:
                one = inputs[number]
                assert isinstance(one, Recording)
                yield one


class Doubling:
    """Finds doubles among lines that pass by, with some twenty bytes of memory each."""

    def __init__(self) -> None:
        self._columns: dict[str, _Column] = {}

    def add(self, sounds: Mapping[str, Sounds]) -> None:
        """Remember these, too: what is to pay, by its product."""
        for product, some in sounds.items():
            column = self._columns.setdefault(product, _Column(some.choice))
            column.marks.extend([hash(stem[stem.rfind("/") + 1 :].casefold()) for stem in some.stems])
            column.ms.extend(some.ms)
            column.numbers.extend(some.numbers)

    def doubles(self, inputs: Sequence[Input]) -> Doubles | None:
        """What lies there once more; `inputs` by the numbers that the lines' sales know."""
        again: dict[str, str] = {}  # path -> that of the one that is kept
        cents = 0
        for column in self._columns.values():
            for kept, other in _alike(column.suspects(inputs)):
                again[other.path] = kept.path
                cents += column.choice.cost(other.length.ms, other.length.longest_ms).amounts[0]
        if not again:
            return None
        folder = _folder(again)
        first = next(iter(again))
        return Doubles(
            len(again), Cents(cents), again[first], first, folder, self._others(folder, again, inputs)
        )

    def _others(self, folder: str, again: Mapping[str, str], inputs: Sequence[Input]) -> int:
        """How many recordings that lie nowhere else are in the folder."""
        if not folder:
            return 0
        numbers = {number for column in self._columns.values() for number in column.numbers}
        paths = {inputs[number].path for number in numbers}
        return sum(path.startswith(f"{folder}/") and path not in again for path in paths)


def _alike(recordings: Iterable[Recording]) -> Iterator[tuple[Recording, Recording]]:
    """The first of a name, and each other of it in another folder.

    Where one name has several lengths, as `track01` in every album, it says nothing.
    """
    groups: dict[str, dict[str, Recording]] = defaultdict(dict)
    for each in recordings:
        name = splitext(basename(each.path))[0].casefold()  # noqa: PTH119, PTH122 - names are strings here
        groups[name].setdefault(each.path, each)
    for group in groups.values():
        lengths = [each.length.ms for each in group.values()]
        if max(lengths) - min(lengths) <= ALIKE_MS and min(lengths):
            first, *others = group.values()
            folder = dirname(first.path)  # noqa: PTH120
            yield from ((first, each) for each in others if dirname(each.path) != folder)  # noqa: PTH120


def _folder(again: Mapping[str, str]) -> str:
    """The smallest folder that holds all that lie there again; empty if it holds one that is kept, too."""
    common = dirname(_common(again))  # noqa: PTH120
    if not common or any(path.startswith(f"{common}/") for path in again.values()):
        return ""
    return common


def _common(paths: Iterable[str]) -> str:
    """What paths begin with, up to a slash; a single one is its own."""
    first, last = min(paths), max(paths)
    shared = 0
    while shared < min(len(first), len(last)) and first[shared] == last[shared]:
        shared += 1
    return first if first == last else first[: first.rfind("/", 0, shared) + 1]
