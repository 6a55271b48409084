"""Taking what fits into a room of money, in order, and the smallest room that takes more."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from itertools import accumulate

from manifests.limits import NONE, Limits, Meter, Used

MOST_LOOKS = 20_000_000
"""Prices looked at, at most, in search of the next room: a few seconds. Beyond it nothing is said of one."""


@dataclass(frozen=True, slots=True)
class Filled:
    """What a room takes; `step` is the smallest increase that takes something else; None: all is taken."""

    taken: Sequence[int]
    lines: int
    step: int | None


@dataclass(frozen=True, slots=True)
class Queue:
    """What may be taken, in order: each has a price in cents and stands for some lines.

    What speaks with a voice is taken only behind it. Voices that cost nothing are there from the start.
    """

    prices: Sequence[int]
    lines: Sequence[int]
    makes: Mapping[int, Sequence[str]] = field(default_factory=dict)  # voices, by their files
    needs: Mapping[int, str] = field(default_factory=dict)
    voices: AbstractSet[str] = frozenset()
    products: Sequence[str] = ()  # of each; needed where there are limits
    limits: Limits = NONE
    used: Used = field(default_factory=Used)

    def fill(self, room: int) -> Filled:
        """Take everything that still fits when its turn comes."""
        return self._fill(room, self._least())

    def next_room(self, room: int) -> tuple[int, int] | None:
        """The smallest larger room that takes more lines, and how many it takes.

        A larger room may take fewer: something dear at the front, instead of much that is cheap. So each
        room in which anything changes is tried in turn. None where all is taken, or the search is too long.
        """
        least, looks = self._least(), 0
        now = self._fill(room, least)
        before = now.lines
        while now.step is not None and looks < MOST_LOOKS:
            room, looks = room + now.step, looks + len(self.prices)
            now = self._fill(room, least)
            if now.lines > before:
                return room, now.lines
        return None

    def _least(self) -> Sequence[int]:
        """The smallest price from each one on: where even that does not fit, nothing does."""
        return list(accumulate(reversed(self.prices), min))[::-1]

    def _fill(self, room: int, least: Sequence[int]) -> Filled:
        taken: list[int] = []
        voices, lines, step = set(self.voices), 0, 0
        meter = Meter(self.limits, self.used) if self.limits else None
        for index, price in enumerate(self.prices):
            if self.needs and not self._can_speak(index, voices):
                continue
            if price <= room:
                if meter is not None and not meter.takes(self.products[index], price, price):
                    continue
                taken.append(index)
                room -= price
                lines += self.lines[index]
                if index in self.makes:
                    voices.update(self.makes[index])
            else:
                step = min(step or price, price - room)
                if room < least[index] and not self.needs:  # the cheapest of the rest is the nearest to it
                    step = min(step, least[index] - room)
                    break
        return Filled(taken, lines, step or None)

    def _can_speak(self, index: int, voices: AbstractSet[str]) -> bool:
        return index not in self.needs or self.needs[index] in voices
