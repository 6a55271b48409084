"""Reads and writes manifests: a commented head, then one line an item (docs/manifest.md)."""

import errno
from array import array
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from manifests import text_lines
from manifests.check import Checker
from manifests.durable import durable_file
from manifests.errors import ManifestError
from manifests.manifest import Head, Item, Manifest
from manifests.text_head import parse_head, write_head
from manifests.text_items import ItemReader, item_line
from manifests.text_lines import Faulty

_BATCH = 2048
"""Lines that are written at a time."""

_MESSAGE_LIMIT = 600
"""Characters of a fault: a line may hold 64 KiB of nonsense, and a message quotes it."""


def write_manifest(path: Path, head: Head, items: Iterable[Item]) -> None:
    """Write a manifest; it appears whole, or what was there before stays.

    The items are taken one at a time. `head.total` must be the sum of them.

    Raises:
        ManifestError: the root's path is no UTF-8.
        UsageError, MachineError: the file cannot be written.
        ValueError: the head's total is not that of the items.
    """
    count = cents = ceiling = 0
    rest = iter(items)
    with durable_file(path) as file:
        file.write(write_head(head, path.name))
        while batch := list(islice(rest, _BATCH)):
            file.write(b"".join(map(item_line, batch)))
            count += len(batch)
            cents += sum(item.cents for item in batch)
            ceiling += sum(item.ceiling for item in batch)
        if (count, cents, ceiling) != (head.total.items, head.total.cents, head.total.ceiling):
            raise ValueError(f"{head.total}, but {count} items of {cents} to {ceiling} cents")


def read_manifest(path: Path) -> Manifest:
    """The manifest in a file, checked whole.

    Raises:
        ManifestError: it cannot be read, or contradicts itself; the message names the line.
    """
    with _explained(path), path.open("rb") as file:
        lines = text_lines.numbered(file)
        head, below = _head(lines)
        checker = Checker(head.rates)
        items: list[Item] = []
        numbers = array("L")
        for number, item in _items(lines, below, checker):
            items.append(item)
            numbers.append(number)
        for first, second, *_ in checker.twice(items):
            raise Faulty(
                f"{items[second].file!r} stands twice with the same service and options, first on line"
                f" {numbers[first]}: keep one (formats to fetch go into one line)",
                numbers[second],
            )
    return Manifest(head, tuple(items), numbers)


def read_head(path: Path) -> Head:
    """The head of the manifest in a file; its lines are not read.

    Raises:
        ManifestError: it cannot be read, or contradicts itself.
    """
    with _explained(path), path.open("rb") as file:
        return _head(text_lines.numbered(file))[0]


def iter_items(path: Path) -> Iterator[tuple[int, Item]]:
    """The items of the manifest in a file, one at a time, with their line numbers.

    Each line is checked by itself; lines that stand twice are found only by `read_manifest`.

    Raises:
        ManifestError: it cannot be read, or contradicts itself.
    """
    with _explained(path), path.open("rb") as file:
        lines = text_lines.numbered(file)
        head, below = _head(lines)
        yield from _items(lines, below, Checker(head.rates))


def _head(lines: text_lines.Lines) -> tuple[Head, int]:
    piece, below = text_lines.head(lines)
    return parse_head(piece, below), below or piece.line


def _items(lines: text_lines.Lines, below: int, checker: Checker) -> Iterator[tuple[int, Item]]:
    reader = ItemReader(checker)
    empty = True
    for piece in text_lines.items(lines):
        empty = False
        yield piece.line, reader.read(piece)
    if empty:
        raise Faulty("there are no items: every line is deleted or commented out", below)


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Faults as errors that name the file and the line."""
    try:
        yield
    except Faulty as fault:
        raise ManifestError(f"{path}:{fault.line}: {_printable(fault.message[:_MESSAGE_LIMIT])}") from None
    except OSError as error:
        raise ManifestError(f"{path}: {_reason(error)}") from error


def _printable(message: str) -> str:
    """The message without what a terminal would obey: it quotes what stands in the file."""
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in message)


def _reason(error: OSError) -> str:
    match error.errno:
        case errno.ENOENT:
            return "there is no such manifest; write one with `plan PATH... --service SERVICE`"
        case errno.EISDIR:
            return "this is a folder; name the manifest in it, or `plan` it"
        case _:
            return f"cannot be read: {error.strerror or error}"
