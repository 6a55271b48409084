"""The lines of a large manifest, some at a time: only what is looked at is in memory."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from manifests import catalogue
from manifests.manifest import Item, Manifest
from manifests.money import Rate
from manifests.naming_many import Names
from manifests.text_file import ManifestFile
from runner.lines import Line, line_of, root_of

PIECE = 5_000
"""Lines looked at together: some 15 MB of them, with what the ledger knows."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some lines one after the other; `start` is the number of the first, counted from 0."""

    start: int
    lines: Sequence[Line]

    @property
    def numbered(self) -> Iterator[tuple[int, Line]]:
        """The lines with their numbers."""
        return enumerate(self.lines, self.start)


class Pieces:
    """All lines of a manifest, made from its items whenever they are asked for."""

    def __init__(self, manifest: Manifest | ManifestFile, folder: Path, rates: Mapping[str, Rate]) -> None:
        """`folder` is where the manifest lies; `rates` may change, and the lines' prices with them.

        Raises:
            ManifestError: result names clash or lead out of the results folder.
        """
        self._manifest, self.rates = manifest, rates
        self._root = root_of(folder, manifest.head.root)
        self._names = Names(lambda: (items for _, items in self._items()))

    def __len__(self) -> int:
        return count_of(self._manifest)

    def each(self, rates: Mapping[str, Rate] | None = None) -> Iterator[Piece]:
        """All lines in the manifest's order, at the rates in force or at others."""
        for start, items in self._items():
            yield Piece(start, self._lines(start, items, rates or self.rates))

    def lines(self, numbers: Sequence[int]) -> list[Line]:
        """Some lines by their numbers."""
        return [
            line for number in numbers for line in self._lines(number, self._between(number, 1), self.rates)
        ]

    def _lines(self, start: int, items: Sequence[Item], rates: Mapping[str, Rate]) -> list[Line]:
        bases = self._names.bases(start, items)
        return [line_of(item, self._root, base, rates) for item, base in zip(items, bases, strict=True)]

    def _items(self) -> Iterator[tuple[int, Sequence[Item]]]:
        for start in range(0, len(self), PIECE):
            yield start, self._between(start, PIECE)

    def _between(self, start: int, count: int) -> Sequence[Item]:
        if isinstance(self._manifest, ManifestFile):
            return self._manifest.between(start, start + count).items
        return self._manifest.items[start : start + count]


def count_of(manifest: Manifest | ManifestFile) -> int:
    """How many items a manifest has."""
    return len(manifest) if isinstance(manifest, ManifestFile) else len(manifest.items)


def held(manifest: Manifest | ManifestFile) -> Manifest:
    """The manifest with all its items in memory."""
    if isinstance(manifest, Manifest):
        return manifest
    return Manifest(manifest.head, tuple(item for each in manifest.slices() for item in each.items))


def is_plain(manifest: Manifest | ManifestFile) -> bool:
    """Whether each line stands for itself and is paid by the wallet.

    Not where lines speak with voices that others make, are parts of one text, or cost credits.
    """
    slices = (
        (each.items for each in manifest.slices())
        if isinstance(manifest, ManifestFile)
        else iter([manifest.items])
    )
    return all(_stands_alone(item) for items in slices for item in items)


def _stands_alone(item: Item) -> bool:
    service = catalogue.load().product(item.service).service
    alone = item.needs is None and item.part is None and service.name != "clone"
    return alone and service.currency == "cents"
