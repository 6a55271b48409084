"""Choosing what fits under a cap, in the order that the user prefers."""

from array import array
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import replace
from enum import StrEnum

from manifests.limits import NONE, Limits, Over, Used, Wish
from manifests.money import Cents
from manifests.naming import whole_of
from planner.greedy import Queue
from planner.pricing import Line, Standing

_TO_PAY = Standing.TO_PAY


class Prefer(StrEnum):
    """Which items come first when not all fit."""

    NEWEST = "newest"  # by the file's time of change
    SHORTEST = "shortest"
    LISTED = "listed"  # as the walk found them
    CHEAPEST_HOUR = "cheapest-hour"  # most sound for the cent first, by the most that it can cost


class Candidates:
    """What choosing needs to know of lines, some thirty bytes each: the lines themselves are forgotten."""

    def __init__(
        self,
        lines: Sequence[Line] = (),
        limits: Limits = NONE,
        used: Used = Used(),  # noqa: B008 - frozen
    ) -> None:
        """`limits` are obeyed beside any room, and `used` is what counts against them already."""
        self.limits, self._used = limits, used
        self._products = array("H")  # of each line, as its number among the services; under limits alone
        self._free = bytearray()  # 1 where the line costs nothing
        self._ceilings, self._ms, self._mtimes = array("q"), array("q"), array("q")
        self._payers: dict[int, int] = {}
        self._voices: dict[int, str] = {}  # lines that make one, by the file that others name
        self._speakers: dict[int, str] = {}  # lines that need one
        self._wholes: dict[int, Hashable] = {}  # parts of a text
        self.services: dict[str, None] = {}
        self.add(lines)

    def add(self, lines: Sequence[Line]) -> None:
        """Remember these, too."""
        start = len(self)
        self._free.extend([line.standing is not _TO_PAY for line in lines])
        self._ceilings.extend([line.item.ceiling for line in lines])
        self._ms.extend([line.sale.length.ms for line in lines])
        self._mtimes.extend([line.sale.input.mtime_ns for line in lines])
        self.services.update(dict.fromkeys([line.item.service for line in lines]))
        if self.limits:
            numbers = {name: number for number, name in enumerate(self.services)}
            self._products.extend([numbers[line.item.service] for line in lines])
        for number, line in enumerate(lines, start):
            if line.payer is not None or line.sale.needs is not None or line.item.part is not None:
                self._remember(number, line)
            if line.sale.choice.clones:
                self._voices[number] = line.item.file

    def _remember(self, number: int, line: Line) -> None:
        """What few lines have."""
        if line.payer is not None:
            self._payers[number] = line.payer
        if line.sale.needs is not None:
            self._speakers[number] = line.sale.needs
        if line.item.part is not None and line.standing is _TO_PAY:
            self._wholes[number] = whole_of(line.item)

    def like(self) -> "Candidates":
        """An empty one under the same limits."""
        return Candidates(limits=self.limits, used=self._used)

    def __len__(self) -> int:
        """How many lines there are."""
        return len(self._free)

    @property
    def to_pay(self) -> int:
        """How many of them cost something."""
        return len(self._free) - sum(self._free)

    @property
    def ceiling(self) -> Cents:
        """The most that they can cost."""
        return Cents(sum(self._ceilings))

    def ceiling_of(self, numbers: Iterable[int]) -> Cents:
        """The most that some of them can cost."""
        return Cents(sum(self._ceilings[number] for number in numbers))

    def offer(self, room: Cents, prefer: Prefer) -> tuple[int, Cents]:
        """How many lines to pay fit into the room, and the most that they can cost."""
        _, queue = self._queue(prefer)
        filled = queue.fill(room)
        return filled.lines, Cents(sum(queue.prices[index] for index in filled.taken))

    def next_room(self, room: Cents, prefer: Prefer) -> tuple[Cents, int] | None:
        """The smallest larger room that more lines to pay fit into, and how many; None if none is found."""
        found = self._queue(prefer)[1].next_room(room)
        return None if found is None else (Cents(found[0]), found[1])

    def fitting(self, room: Cents, prefer: Prefer) -> bytearray:
        """Which lines fit into the room by their ceilings: 1 for each that stays, else 0.

        Lines that cost nothing stay, those whose audio another line pays for only with that line. The
        parts of a text stay or go together: a part alone is no result. What speaks with a voice stays
        only with the line that makes it.
        """
        wholes, queue = self._queue(prefer)
        kept = bytearray(len(self))
        for index in queue.fill(room).taken:
            for n in _numbers(wholes[index]):
                kept[n] = 1
        for n, free in enumerate(self._free):
            if free:
                kept[n] = 1
        for n, payer in self._payers.items():
            kept[n] = kept[payer]
        self._unvoice(kept)
        return kept

    def _queue(self, prefer: Prefer) -> tuple[Sequence[int | list[int]], Queue]:
        """What may be bought, in order: the lines' numbers, and what choosing needs of them."""
        wholes = self._together(self._ranked(prefer))
        prices, lines = [self._price(whole) for whole in wholes], [len(_numbers(whole)) for whole in wholes]
        queue = Queue(prices, lines, products=self._of(wholes), limits=self.limits, used=self._used)
        if not self._voices:
            return wholes, queue
        first = {index: _numbers(whole)[0] for index, whole in enumerate(wholes)}
        voices: dict[int, list[str]] = {}
        for n, file in self._voices.items():
            voices.setdefault(self._payers.get(n, n), []).append(file)
        makes = {index: voices[n] for index, n in first.items() if n in voices}
        needs = {index: self._speakers[n] for index, n in first.items() if n in self._speakers}
        there = {file for n, file in self._voices.items() if self._free[n] and n not in self._payers}
        return wholes, replace(queue, makes=makes, needs=needs, voices=there)

    def _of(self, wholes: Sequence[int | list[int]]) -> Sequence[str]:
        """The product of each; nobody asks where there are no limits."""
        names = list(self.services)
        return [names[self._products[_numbers(whole)[0]]] for whole in wholes] if self.limits else ()

    def over(self) -> tuple[Over, ...]:
        """The limits that buying all of them would pass."""
        if not self.limits:
            return ()
        wholes = self._together([n for n, free in enumerate(self._free) if not free])
        wishes = (
            Wish(product, Cents(self._ceilings[n]), self._price(whole))
            for whole, product in zip(wholes, self._of(wholes), strict=True)
            for n in _numbers(whole)
        )
        return self.limits.over(wishes, self._used)

    def _ranked(self, prefer: Prefer) -> list[int]:
        """The lines to pay, those that come first in front; voices before all: others speak with them."""
        to_pay = [n for n, free in enumerate(self._free) if not free]
        match prefer:
            case Prefer.NEWEST:
                to_pay.sort(key=self._mtimes.__getitem__, reverse=True)
            case Prefer.SHORTEST:
                to_pay.sort(key=self._ms.__getitem__)
            case Prefer.CHEAPEST_HOUR:
                to_pay.sort(key=self._sound_for_a_cent, reverse=True)
            case Prefer.LISTED:
                pass
        if self._voices:
            to_pay.sort(key=lambda n: n not in self._voices)
        return to_pay

    def _sound_for_a_cent(self, n: int) -> tuple[int, int]:
        """Nanoseconds of sound for a cent of the ceiling, and the length: of two alike the longer first.

        What the wallet does not pay (the account's credits do) counts as a cent.
        """
        return self._ms[n] * 1_000_000 // max(1, self._ceilings[n]), self._ms[n]

    def _together(self, numbers: Sequence[int]) -> Sequence[int | list[int]]:
        """The numbers in their order, those of one text's parts together, where its first one stands."""
        if not self._wholes:
            return numbers
        found: dict[Hashable, list[int]] = {}
        for n in numbers:
            found.setdefault(self._wholes.get(n, n), []).append(n)
        return list(found.values())

    def _price(self, whole: int | list[int]) -> Cents:
        return Cents(sum(self._ceilings[n] for n in _numbers(whole)))

    def _unvoice(self, kept: bytearray) -> None:
        """Take out the lines whose voice is made by none of those that stay."""
        voices = {file for n, file in self._voices.items() if kept[n]}
        for n, file in self._speakers.items():
            if file not in voices:
                kept[n] = 0


def _numbers(whole: int | list[int]) -> Sequence[int]:
    return whole if isinstance(whole, list) else (whole,)
