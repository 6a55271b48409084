"""Items added up by service and by folder."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from itertools import takewhile

from earmark.reports.document import Item, Share

FOLDERS = 50
"""Folders that are told; the others are one row without a name."""

_PARTS = 6
"""Parts of a path that are looked at."""

_HELD = 20_000
"""Folders told apart while items pass by."""

SAVED = "saved"


@dataclass(slots=True)
class Sum:
    """Some items; amounts in cents, `credits` apart."""

    items: int = 0
    done: int = 0
    ms: int = 0
    bytes: int = 0
    expected: int = 0
    ceiling: int = 0
    charged: int = 0
    held: int = 0
    saved: int = 0
    credits: int = 0
    credits_ceiling: int = 0
    credits_charged: int = 0
    credits_held: int = 0

    def add(self, item: Item) -> None:
        """One more."""
        self.items += 1
        self.done += item.fate == SAVED
        self.ms += item.ms
        self.bytes += item.bytes
        if item.currency == "credits":
            self.credits += item.expected
            self.credits_ceiling += item.ceiling
            self.credits_charged += item.charged or 0
            self.credits_held += item.held
            return
        self.expected += item.expected
        self.ceiling += item.ceiling
        self.charged += item.charged or 0
        self.held += item.held
        self.saved += item.saved

    def join(self, other: "Sum") -> None:
        """All of another sum."""
        for name in _NAMES:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def share(self, name: str) -> Share:
        """The sum with its name."""
        return Share(name, **{each: getattr(self, each) for each in _NAMES})


_NAMES = tuple(each.name for each in fields(Sum))


class Services:
    """By service and variant, in the order in which they are met."""

    def __init__(self) -> None:
        self._sums: dict[str, Sum] = {}

    def add(self, item: Item) -> None:
        """One more item."""
        self._sums.setdefault(item.service, Sum()).add(item)

    def shares(self) -> list[Share]:
        """All of them."""
        return [each.share(name) for name, each in self._sums.items()]


class Folders:
    """By folder, as deep as `FOLDERS` rows allow: what all files are under is told apart no further."""

    def __init__(self) -> None:
        self._depth = _PARTS
        self._sums: dict[tuple[str, ...], Sum] = {}
        self._rest = Sum()

    def add(self, item: Item) -> None:
        """One more item."""
        folder = tuple(item.file.split("/")[:-1][: self._depth])
        known = self._sums.get(folder)
        if known is None:
            if len(self._sums) >= _HELD:
                self._make_room()
                folder = folder[: self._depth]
            known = self._rest if len(self._sums) >= _HELD else self._sums.setdefault(folder, Sum())
        known.add(item)

    def shares(self) -> list[Share]:
        """The dearest, dearest first, and the rest."""
        depth = self._best()
        found = sorted(_cut(self._sums, depth).items(), key=_dearness)
        rest = self._rest
        for _, each in found[FOLDERS:]:
            rest.join(each)
        shown = [each.share("/".join(folder) or ".") for folder, each in found[:FOLDERS]]
        return [*shown, rest.share("")] if rest.items else shown

    def _make_room(self) -> None:
        while self._depth > 1 and len(self._sums) >= _HELD:
            self._depth -= 1
            self._sums = _cut(self._sums, self._depth)

    def _best(self) -> int:
        """The deepest that gives no more rows than are told; one below what all have in common at least."""
        least = _common(self._sums) + 1
        deeper = range(least, self._depth + 1)
        fitting = takewhile(lambda depth: len({each[:depth] for each in self._sums}) <= FOLDERS, deeper)
        return max(fitting, default=least)


def _common(folders: Iterable[tuple[str, ...]]) -> int:
    """How many parts all of them begin with."""
    low, high = min(folders, default=()), max(folders, default=())
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(low, high, strict=False)))


def _cut(sums: dict[tuple[str, ...], Sum], depth: int) -> dict[tuple[str, ...], Sum]:
    cut: dict[tuple[str, ...], Sum] = {}
    for folder, each in sums.items():
        cut.setdefault(folder[:depth], Sum()).join(each)
    return cut


def _dearness(pair: tuple[tuple[str, ...], Sum]) -> tuple[int, int, tuple[str, ...]]:
    folder, each = pair
    return -max(each.expected, each.charged + each.held), -each.items, folder
