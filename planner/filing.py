"""Where each file of a plan went."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from planner.pricing import Line
from planner.till import Batch


@dataclass(frozen=True, slots=True)
class Files:
    """Where the files went; the parts add up to `seen`."""

    seen: int
    to_pay: int
    paid: int  # every line of the file is paid before, or paid by another file
    over: int  # planned, but did not fit
    left_out: int


@dataclass(frozen=True, slots=True)
class _Paths:
    """Paths by what became of them; one may be in several sets."""

    to_pay: set[str]
    kept: set[str]
    over: set[str]
    refused: set[str]


class Filing:
    """Counts files as their lines pass by: all lines of a file are in one batch, but those of its clones."""

    def __init__(self) -> None:
        self._to_pay = self._paid = self._over = self._never = 0
        self._early = _Paths(set(), set(), set(), set())

    def add(self, batch: Batch, to_pay: Sequence[Line], over: Sequence[Line]) -> None:
        """Count the files of a batch.

        Args:
            batch: the lines that are kept, and what was refused.
            to_pay: those of the lines that cost money.
            over: lines of the batch that did not fit.
        """
        paying = _paths(to_pay)
        kept = paying if len(to_pay) == len(batch.lines) else _paths(batch.lines)
        paths = _Paths(paying, kept, _paths(over), {each.path for each in batch.refused})
        if batch.early:
            self._early = paths
            return
        early = self._early
        if early.kept or early.over:
            here = paths.to_pay | paths.kept | paths.over | paths.refused
            paths = _Paths(
                paths.to_pay | (early.to_pay & here),
                paths.kept | (early.kept & here),
                paths.over | (early.over & here),
                paths.refused,
            )
            self._early = _Paths(early.to_pay - here, early.kept - here, early.over - here, set())
        self._count(paths)

    def _count(self, paths: _Paths) -> None:
        paid = paths.kept - paths.to_pay
        late = paths.over - paths.kept
        self._to_pay += len(paths.to_pay)
        self._paid += len(paid)
        self._over += len(late)
        self._never += len(paths.refused - paths.kept - paths.over)

    def files(self, faulty: int) -> Files:
        """Where all of them went; `faulty` were left out before anything was offered for them."""
        self._count(self._early)
        self._early = _Paths(set(), set(), set(), set())
        gone = faulty + self._never
        seen = self._to_pay + self._paid + self._over + gone
        return Files(seen, self._to_pay, self._paid, self._over, gone)


def _paths(lines: Iterable[Line]) -> set[str]:
    return {line.sale.input.path for line in lines}
