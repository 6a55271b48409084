"""What silent recordings cost, added up as lines pass by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from manifests.money import Cents
from planner.pricing import Line
from planner.silence import Heard

MOST = 20
"""Files that are remembered by their names."""


@dataclass(frozen=True, slots=True)
class Quiet:
    """Recordings to be paid for in which there is next to nothing to hear."""

    count: int
    cents: Cents
    files: tuple[str, ...]  # the paths of the first


class Quieting:
    """Adds up what silent recordings cost; `heard` by the numbers of the inputs, of those alone."""

    def __init__(self, heard: Mapping[int, Heard]) -> None:
        self._heard = heard
        self._files: dict[str, None] = {}
        self._cents = 0

    def add(self, lines: Sequence[Line]) -> None:
        """Count lines to pay, too."""
        if not self._heard:
            return
        for line in lines:
            if line.sale.number in self._heard:
                self._files[line.input.path] = None
                self._cents += line.full

    def told(self) -> Quiet | None:
        """All of them; None where there are none."""
        if not self._files:
            return None
        return Quiet(len(self._files), Cents(self._cents), tuple(self._files)[:MOST])
