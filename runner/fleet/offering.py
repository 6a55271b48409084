"""Lines offered to all hosts: shifts that wait in the ledger, and the bell for them, in one transaction."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import islice

from runner.fleet.ends import Ring
from runner.fleet.packing import pack
from runner.ledger.fleet_rows import NewShift
from runner.ledger.interface import Ledger
from runner.lines import Line

TOGETHER = 20
"""Shifts offered in one transaction: some thousand lines are not held up by the last of them."""

TRIES = 5
"""Times that lines are offered of which other dispatches take some at the same moment."""


class Offering:
    """Offers the lines of one dispatch."""

    def __init__(
        self, ledger: Ledger, ring: Ring, manifest_id: str, dispatch_id: int, worker_id: int
    ) -> None:
        """`worker_id` is this process's own: of the lines that it cannot send, it takes none."""
        self._ledger, self._ring = ledger, ring
        self._id, self._dispatch_id, self._worker_id = manifest_id, dispatch_id, worker_id

    def offer(
        self, shifts: Iterable[Sequence[Line]], absent: Callable[[Iterable[Line]], Mapping[str, str]]
    ) -> int:
        """Let shifts wait for hosts; how many lines do. What another shift has is left to that one.

        Args:
            shifts: the lines of each.
            absent: tells why this process cannot send some of these lines, by their keys.
        """
        rest, offered = iter(shifts), 0
        while some := list(islice(rest, TOGETHER)):
            mine = absent(line for shift in some for line in shift)
            offered += self._ledger.durably(partial(self._offer, some, mine))
        return offered

    def _offer(self, shifts: Sequence[Sequence[Line]], absent: Mapping[str, str]) -> int:
        self._ledger.give_back(self._dispatch_id, self._worker_id, absent)
        found = [self._put(shift) for shift in shifts if shift]
        waiting = [number for number, _ in found if number is not None]
        if waiting:
            self._ring(self._ledger, waiting)
        return sum(count for _, count in found)

    def _free(self, shift: Sequence[Line]) -> list[Line]:
        """The lines of a shift that no other one has; without its voice no line is of use to a host."""
        taken = self._ledger.elsewhere(self._id, [line.key for line in shift])
        voices = {line.item.file for line in shift if line.clones and line.key in taken}
        return [line for line in shift if line.key not in taken and line.item.needs not in voices]

    def _put(self, lines: Sequence[Line]) -> tuple[int | None, int]:
        """The shift's number and its lines; another dispatch may take or free some at the same moment."""
        for _ in range(TRIES):
            new = NewShift(pack(lines), [line.key for line in lines])
            number = self._ledger.offer(self._dispatch_id, new)
            if number is not None:
                return number, len(lines)
            lines = self._free(lines)
            if not lines:
                break
        return None, 0
