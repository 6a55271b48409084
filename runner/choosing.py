"""Which lines a run may buy: all, those that --only and --first name, and of them a sample for --pilot."""

from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from manifests.manifest import Item
from manifests.pilot import Sampler, Size
from runner.bits import Bits

FEW = 2_000
"""Lines up to which they are looked at one by one instead of among all others."""


@dataclass(frozen=True, slots=True)
class Portion:
    """What part of its manifest a run is to buy. Collecting what is paid is never limited."""

    only: Callable[[str], bool] | None = None  # of a file as the manifest names it
    first: int | None = None  # items that are still to be bought, in the manifest's order
    pilot: Size | None = None  # a sample, and the rest once somebody says so

    def __bool__(self) -> bool:
        return any(each is not None for each in (self.only, self.first, self.pilot))


ALL = Portion()


class Lot:
    """Some lines by their numbers, counted from 0."""

    def __init__(self, numbers: Iterable[int]) -> None:
        """`numbers` are in order."""
        self._numbers, self._in = array("L"), Bits()
        for number in numbers:
            self._numbers.append(number)
            self._in.add(number)

    def __contains__(self, number: object) -> bool:
        return number in self._in

    def __iter__(self) -> Iterator[int]:
        return iter(self._numbers)

    def __len__(self) -> int:
        return len(self._numbers)

    @property
    def few(self) -> bool:
        """Whether they are few enough to be looked at one by one."""
        return len(self) <= FEW


@dataclass(frozen=True, slots=True)
class Chosen:
    """What may be bought in the end, None for all; of it the sample that is bought first, None for none."""

    lines: Lot | None = None
    sample: Lot | None = None


def chosen(portion: Portion, lines: Iterable[tuple[int, Item, bool]]) -> Chosen:
    """The lines that a portion means, with all parts of a text and with the voices that they speak with.

    Args:
        portion: what was asked for.
        lines: all of a manifest, each with its number and whether it is still to be bought.
    """
    every, matching = Sampler(), array("L")
    to_buy: dict[int, None] = {}
    for number, item, is_to_buy in lines:
        if portion.only is not None and not portion.only(item.path):
            every.know(number, item)
            continue
        matching.append(number)
        every.add([item], number)
        if portion.first is not None and is_to_buy and len(to_buy) < portion.first:
            first = every.first_of(item, number)
            to_buy |= {} if first is None else {first: None}
    lot = None
    if portion.first is not None:
        lot = Lot(every.whole(to_buy))
    elif portion.only is not None:
        lot = Lot(every.whole(matching))
    if portion.pilot is None:
        return Chosen(lot)
    among = None if portion.first is None else lot
    return Chosen(lot, Lot(every.sample(portion.pilot, among)))


def stretches(numbers: Iterable[int]) -> Iterator[list[int]]:
    """Numbers in order, those together that follow each other."""
    found: list[int] = []
    for number in numbers:
        if found and number != found[-1] + 1:
            yield found
            found = []
        found.append(number)
    if found:
        yield found
