"""A line on stderr for each item as it goes into the manifest: `plan -v`."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TextIO

from earmark.plan_values import Draft, PlanEnds
from earmark.screens.words import clock
from earmark.terminal import printable, write_out
from manifests.manifest import Head, Item
from manifests.money import show


def told(ends: PlanEnds) -> PlanEnds:
    """The same ends, which tell of each line that is kept."""
    return replace(ends, draft=_Kept(ends.draft))


@dataclass(frozen=True, slots=True)
class _Kept:
    make: Callable[[Path], Draft]

    def __call__(self, path: Path) -> "Told":
        return Told(self.make(path))


class Told:
    """A draft that tells of its lines."""

    def __init__(self, draft: Draft, stream: TextIO | None = None) -> None:
        self._draft, self._stream = draft, stream

    def add(self, items: Sequence[Item]) -> None:
        """Write some lines behind the others, and tell of each."""
        self._draft.add(items)
        write_out("".join(f"{line_of(item)}\n" for item in items), self._stream or sys.stderr)

    def write(self, head: Head) -> None:
        """Put the manifest where it belongs."""
        self._draft.write(head)

    def close(self) -> None:
        """Forget the lines."""
        self._draft.close()


def line_of(item: Item) -> str:
    """`priced    talks/ep1.mp3  transcription  30:34  $0.31`; what costs nothing with the reason."""
    name = f"{item.path} {item.part}" if item.part else item.path
    words = "paid" if item.paid else "priced"
    price = f"{item.credits:,} cr." if item.credits else show(item.cents)
    more = f"at most {show(item.ceiling)}" if item.ceiling > item.cents else ""
    note = printable(item.note) if item.note else ""
    parts = (printable(name), item.service, clock(item.ms), price, more, note)
    return f"{words:<9} " + "  ".join(filter(None, parts))
