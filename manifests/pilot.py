"""A small sample of a manifest, spread over services, folders and lengths, to be bought before the rest.

The same lines give the same sample, whatever was bought of them since. Plan and run choose by these rules
alike, so that a plan can say what a pilot would cost.
"""

import re
from array import array
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from manifests.errors import UsageError
from manifests.manifest import Item
from manifests.money import MS_PER_SECOND
from manifests.naming import whole_of

VOICE = "clone"
"""The service whose lines make the voices that other lines speak with."""

_LONGEST_MS = 2**32 - 1
"""What four bytes hold: seven weeks. Longer ones are as long as any."""


@dataclass(frozen=True, slots=True)
class Size:
    """How large a sample is: so many items, or a share of all."""

    items: int = 0
    share: Fraction = Fraction(0)

    def of(self, every: int) -> int:
        """How many of so many items: at least one."""
        return max(1, self.items, ceil(self.share * every))


def size_of(text: str) -> Size:
    """The size in `3` or `1%`.

    Raises:
        UsageError: it is none.
    """
    match = re.fullmatch(r"(\d{1,9})(?:(\.\d{1,6})?(%))?", text.strip())
    number = Fraction((match[1] + (match[2] or "")) if match else 0)
    if match is None or not number or (match[3] and number > 100):  # noqa: PLR2004 - percent
        raise UsageError(f"--pilot {text!r} is no sample: write a number of items, such as 3, or 1%")
    return Size(share=number / 100) if match[3] else Size(int(number))


class Sampler:
    """Chooses among lines that pass by, of which it keeps some ten bytes each.

    The parts of a text are one item: a part alone is no result. Lines that cost nothing are not chosen,
    but for the voices that chosen ones speak with.
    """

    def __init__(self) -> None:
        self._numbers, self._strata, self._ms = array("I"), array("I"), array("I")
        self._known: dict[tuple[str, str], int] = {}  # service and folder
        self._services: list[str] = []  # by stratum
        self._places: dict[bytes, int] = {}  # of a text's first part in the columns
        self._parts: dict[int, list[int]] = {}  # its further parts, by the number of the first
        self._voices: dict[str, int] = {}  # lines that make one, by the file that others name
        self._needs: dict[int, str] = {}

    def add(self, items: Sequence[Item], start: int) -> int:
        """Remember lines, of which the first has this number; how many items to choose from they add."""
        before = len(self)
        for number, item in enumerate(items, start):
            self.know(number, item)
            if not item.paid:
                self._add(number, item)
        return len(self) - before

    def first_of(self, item: Item, number: int) -> int | None:
        """What stands for a line that was added: its number, its text's first part; None if it is free."""
        if item.paid or item.part is None:
            return None if item.paid else number
        return self._numbers[self._places[whole_of(item)]]

    def know(self, number: int, item: Item) -> None:
        """Remember a line that is not to choose from: a voice may be needed all the same."""
        if item.service == VOICE:
            self._voices[item.file] = number

    def _add(self, number: int, item: Item) -> None:
        if item.needs is not None:
            self._needs[number] = item.needs
        ms = min(_LONGEST_MS, round(item.seconds * MS_PER_SECOND))
        if item.part is not None:
            whole = whole_of(item)
            place = self._places.setdefault(whole, len(self._numbers))
            if place < len(self._numbers):
                self._parts.setdefault(self._numbers[place], []).append(number)
                self._ms[place] = min(_LONGEST_MS, self._ms[place] + ms)
                return
        stratum = item.service, item.file.rpartition("/")[0]
        known = self._known.get(stratum)
        if known is None:
            known = self._known[stratum] = len(self._services)
            self._services.append(item.service)
        self._numbers.append(number)
        self._strata.append(known)
        self._ms.append(ms)

    def __len__(self) -> int:
        """How many items there are to choose from."""
        return len(self._numbers)

    def sample(self, size: Size, among: Container[int] | None = None) -> list[int]:
        """The numbers of the chosen lines, in order; with all parts of a text, and with needed voices.

        Args:
            size: of the sample.
            among: the numbers to choose from; all if left out.
        """
        services: dict[str, list[int]] = {}
        for place, stratum in enumerate(self._strata):
            if among is None or self._numbers[place] in among:
                services.setdefault(self._services[stratum], []).append(place)
        every = sum(map(len, services.values()))
        count = min(size.of(every), every)
        chosen: list[int] = []
        for service, slots in _shared(count, {name: len(some) for name, some in services.items()}).items():
            chosen += self._spread(services[service], slots)
        return self.whole(self._numbers[place] for place in chosen)

    def whole(self, numbers: Iterable[int]) -> list[int]:
        """Some items' lines, in order: with all parts of a text, and with the voices that they need."""
        found: set[int] = set()
        for number in numbers:
            found |= {number, *self._parts.get(number, ())}
        found |= {self._voices[file] for n in list(found) if (file := self._needs.get(n)) in self._voices}
        return sorted(found)

    def _spread(self, places: list[int], slots: int) -> Iterable[int]:
        """So many of a service's items: one of each band of lengths, from the folder chosen least so far."""
        places.sort(key=self._ms.__getitem__)  # of two alike the first in the manifest stays in front
        often: dict[int, int] = {}
        for slot in range(slots):
            low, high = slot * len(places) // slots, (slot + 1) * len(places) // slots
            middle = (low + high - 1) / 2

            def order(index: int, middle: float = middle) -> tuple[int, float, int]:
                return often.get(self._strata[places[index]], 0), abs(index - middle), index

            place = places[min(range(low, high), key=order)]
            often[self._strata[place]] = often.get(self._strata[place], 0) + 1
            yield place


def _shared(count: int, sizes: dict[str, int]) -> dict[str, int]:
    """The slots of each service: one for each while there are enough, the rest as its items are many."""
    largest = sorted(sizes, key=lambda name: -sizes[name])[:count]
    slots = dict.fromkeys(largest, 1)
    for _ in range(count - len(largest)):
        able = [name for name in largest if slots[name] < sizes[name]]
        slots[max(able, key=lambda name: Fraction(sizes[name], slots[name] + 1))] += 1
    return slots
