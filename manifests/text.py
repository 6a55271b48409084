"""Reads and writes manifests: a commented head, then one line an item (docs/manifest.md)."""

from array import array
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

from manifests import text_lines
from manifests.durable import durable_file
from manifests.manifest import Head, Item, Manifest, Sums
from manifests.text_draft import Draft
from manifests.text_faults import explained
from manifests.text_file import ManifestFile, Slice, open_manifest
from manifests.text_head import parse_head, write_head
from manifests.text_items import item_lines
from manifests.text_reading import ManifestReader
from manifests.text_twice import refuse_twice

__all__ = [
    "Draft",
    "ManifestFile",
    "Slice",
    "open_manifest",
    "read_head",
    "read_manifest",
    "write_manifest",
]

BATCH = 2048
"""Lines that are written at a time."""


def write_manifest(path: Path, head: Head, items: Iterable[Item]) -> None:
    """Write a manifest; it appears whole, or what was there before stays.

    The items are taken some at a time. `head.total` must be the sum of them.

    Raises:
        ManifestError: the root's path is no UTF-8.
        UsageError, MachineError: the file cannot be written.
        ValueError: the head's total is not that of the items.
    """
    sums = Sums()
    rest = iter(items)
    with durable_file(path) as file:
        file.write(write_head(head, path.name))
        while batch := list(islice(rest, BATCH)):
            file.write(item_lines(batch))
            sums.add(batch)
        told, counted = head.total, sums.total()
        if (counted.items, counted.cents, counted.ceiling) != (told.items, told.cents, told.ceiling):
            raise ValueError(
                f"{told}, but {counted.items} items of {counted.cents} to {counted.ceiling} cents"
            )


def read_manifest(path: Path) -> Manifest:
    """The manifest in a file, checked whole.

    Raises:
        ManifestError: it cannot be read, or contradicts itself; the message names the line.
    """
    with explained(path), path.open("rb") as file:
        reader = ManifestReader(file)
        items: list[Item] = []
        lines, marks = array("L"), array("q")
        for batch in reader.batches():
            items.extend(batch.items)
            lines.extend(batch.lines)
            marks.extend(batch.marks)
        refuse_twice(marks, lines, items.__getitem__, reader.head)
    return Manifest(reader.head, tuple(items), lines)


def read_head(path: Path) -> Head:
    """The head of the manifest in a file; its lines are not read.

    Raises:
        ManifestError: it cannot be read, or contradicts itself.
    """
    with explained(path), path.open("rb") as file:
        return parse_head(*text_lines.head(text_lines.numbered(file)))
