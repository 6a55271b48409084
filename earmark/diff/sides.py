"""The plans that are compared, where they are manifests."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path

from earmark.diff.values import Side
from manifests.manifest import Item
from manifests.text_file import ManifestFile, open_manifest


@contextmanager
def manifest_side(path: Path) -> Iterator[Side]:
    """A manifest, held open; its items are read whenever they are gone through.

    Raises:
        ManifestError: it cannot be read, or contradicts itself.
    """
    with open_manifest(path) as file:
        yield side_of(file)


def side_of(file: ManifestFile) -> Side:
    """An opened manifest."""

    def items() -> Iterator[Item]:
        return chain.from_iterable(each.items for each in file.slices())

    return Side(file.head, items)
