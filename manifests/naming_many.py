"""Where the results of very many items go: as `manifests.naming.bases` has it, in nine bytes an item."""

import hashlib
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from manifests.errors import ManifestError
from manifests.manifest import Item
from manifests.naming import WAYS, explicit, folded, named, shape

Pieces = Callable[[], Iterable[Sequence[Item]]]
"""Goes through all items anew, some at a time."""


class Names:
    """The base name of each item's results; items that are parts of a text are none of these.

    Names are compared by 64 bits of their digests: of a million, two that are not the same are taken for the
    same once in fifty million manifests, and then both get longer names than they need.

    Raises:
        ManifestError: explicit names clash, or lead out of the results folder.
    """

    def __init__(self, pieces: Pieces) -> None:
        self._pieces = pieces
        self._ways = bytearray()  # of each item, which of `WAYS` its name is made in
        self._marks = array("Q")
        shapes: set[str] = set()
        for item in self._items():
            shapes.add(shape(item.service))
            self._ways.append(0)
            self._marks.append(_mark(item, named(item, 0)))
        if len(shapes) > 1:
            self._leave_shared_folders()
        clashing = self._clashing()
        for way in range(1, len(WAYS)):
            self._rename(clashing, way)
            clashing = self._clashing()
        if clashing:
            self._refuse(min(clashing))

    def bases(self, start: int, items: Sequence[Item]) -> list[str]:
        """The names of some items one after the other, the first of which is number `start`."""
        ways = self._ways
        return [named(item, ways[number]) for number, item in enumerate(items, start)]

    def _items(self) -> Iterator[Item]:
        return (item for piece in self._pieces() for item in piece)

    def _rename(self, numbers: Iterable[int], way: int) -> None:
        """Give these items longer names, but for those whose names a person gave."""
        wanted = set(numbers)
        if not wanted:
            return
        for number, item in enumerate(self._items()):
            if number in wanted and item.result is None:
                self._ways[number] = way
                self._marks[number] = _mark(item, named(item, way))

    def _leave_shared_folders(self) -> None:
        """Folders that would lie around another item's file get longer names."""
        around: set[int] = set()
        folders: list[int] = []
        for number, item in enumerate(self._items()):
            if shape(item.service) == "file":
                around.add(_folder_mark(named(item, 0).rpartition("/")[0]))
            elif item.result is None:
                folders.append(number)
        if not folders or not around:
            return
        wanted = set(folders)
        shared = [
            number
            for number, item in enumerate(self._items())
            if number in wanted and _folder_mark(named(item, 0)) in around
        ]
        self._rename(shared, 1)

    def _clashing(self) -> list[int]:
        twice = {one for one, other in pairwise(sorted(self._marks)) if one == other}
        return [number for number, mark in enumerate(self._marks) if mark in twice] if twice else []

    def _refuse(self, number: int) -> None:
        item = next(item for at, item in enumerate(self._items()) if at == number)
        raise ManifestError(
            f"two items would write their results to {explicit(item)!r}: give each its own `result`"
        )


def _mark(item: Item, name: str) -> int:
    return _digest(f"{shape(item.service)}\0{folded(name)}")


@lru_cache(maxsize=4096)
def _folder_mark(folder: str) -> int:
    return _digest(folded(folder))


def _digest(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(errors="surrogateescape"), digest_size=8).digest())
