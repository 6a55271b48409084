"""The first half of a large run: what earlier runs left of very many lines, collected piece by piece."""

from array import array
from collections.abc import Iterable, Iterator, Sequence

from manifests.manifest import Manifest
from manifests.states import IN_FLIGHT, State
from manifests.text_file import ManifestFile
from runner.bits import Bits, Marks
from runner.choosing import Lot
from runner.engine.messages import Load
from runner.engine.task import Task
from runner.ledger.rows import ItemRow
from runner.lines import Line
from runner.options import RunEnds, RunOptions
from runner.pieces import Piece, Pieces, count_of
from runner.prepare import paid_items
from runner.readback import Lists
from runner.run import Run
from runner.stamps import Lines, Stamp, lines_sum, put_stamp
from runner.telling import saved_items

TOGETHER = 1000
"""Parts of which the ledger is asked at a time."""


class LargeCollecting(Run):
    """The lines of a run of many, and what is known of them."""

    def __init__(self, manifest: Manifest | ManifestFile, options: RunOptions, ends: RunEnds) -> None:
        super().__init__(Manifest(manifest.head, ()), options, ends)
        self._count, self._plan_ceiling = count_of(manifest), manifest.ceiling
        self._pieces = Pieces(manifest, options.manifest.absolute().parent, self._basket.rates)
        self._checked, self._tried = Bits(), Bits()  # lines by number, parts
        self._stale: dict[str, str] = {}  # why, by the key of a line
        self._loaded, self._in_force = Bits(), Bits()  # parts
        self._late: set[int] = set()  # parts that a later line wants, too
        self._fed: Iterator[list[Task]] = iter(())
        self._elsewhere = array("Q")  # parts that another run bought before their turn came
        self._lists: Lists | None = None
        self._lot: Lot | None = None  # what may be bought; None: all

    def _collect(self) -> None:
        """As the small one; line after line, each piece until what it left is fetched."""
        self._others.take_over()
        self._know_credits([])
        sums, plain, met = Lines(), True, 0
        for piece in self._until_stopped():
            sums = sums.plus(lines_sum(piece.lines))
            rows = self._bound(piece)
            met += len(rows)
            lines = {line.key: line for line in piece.lines}
            here = [row for row in rows if not lines[row.line].changed(row)]
            plain = plain and len(here) == len(rows)
            self._here += self._drive(here)
        if self._stopped:
            return
        plain = plain and met == self._ledger.count_items(self._id)
        strays = [] if met == self._ledger.count_items(self._id) else self._strays()
        self._here += self._drive(strays)
        if self._options.as_read is not None:
            stamp = Stamp(*self._options.as_read, sums, plain)
            self._ledger.retried(lambda: put_stamp(self._ledger, self._id, stamp))
        tasks = self._collector.orphans_but(self._in_force)
        for task in tasks:
            self._loaded.add(task.part_id)
        tasks += self._collector.unsettled_but(self._loaded)
        self._see(tasks)
        self._fetch_late()

    def _until_stopped(self) -> Iterator[Piece]:
        """All pieces, until something stops the run."""
        for piece in self._pieces.each():
            self._tell()
            self._heed()
            if self._stopped:
                return
            yield piece

    def _bound(self, piece: Piece) -> list[ItemRow]:
        """What the ledger knows of some lines, brought up to date."""
        self._ledger.retried(lambda: self._refresh_piece(piece))
        return self._rows(piece.lines)

    def _refresh_piece(self, piece: Piece) -> None:
        self._ledger.refresh_items(self._id, (line.refreshed for line in piece.lines))
        if self._options.one_look or self._options.portion:
            known = {row.line for row in self._rows(piece.lines)}
            fresh = [line for line in piece.lines if line.key not in known]
            self._ledger.put_items(self._id, paid_items(fresh, self._ledger.bought))

    def _drive(self, rows: Sequence[ItemRow]) -> int:
        """Load what some rows left; all of it is looked at, and what was done is here, when this returns.

        Returns how many of the items had all their results on disk before.
        """
        fresh: list[ItemRow] = []
        here = sum(row.state is State.SAVED for row in rows)
        for row in rows:
            self._in_force.add(row.part_id)
            if row.part_id in self._loaded or row.part_id in self._engine.world.tasks:
                self._late.add(row.part_id)
                here -= saved_items(self._collector.tasks([row]))
            else:
                fresh.append(row)
        tasks = self._collector.tasks(fresh)
        here -= saved_items(tasks)
        for task in tasks:
            self._loaded.add(task.part_id)
        self._see(tasks)
        return here

    def _see(self, tasks: Sequence[Task]) -> None:
        """Load tasks until all of them were looked at, and let go of those that are over."""
        if not tasks:
            return
        self._ends.api()
        self._loop.run([Load(tuple(tasks))], until=lambda: self._engine.collected)
        self._engine.let_go()

    def _fetch_late(self) -> None:
        """The copies of lines whose part was driven for an earlier one, and let go or done meanwhile."""
        late = [part_id for part_id in sorted(self._late) if self._is_over(part_id)]
        self._late -= set(late)
        for parts in some(late, TOGETHER):
            if not self._engine.world.leaving:
                self._see(self._collector.tasks(self._ledger.items_of_parts(self._id, parts)))

    def _is_over(self, part_id: int) -> bool:
        task = self._engine.world.tasks.get(part_id)
        return task is None or not (task.state in IN_FLIGHT or self._engine.fetches.has(part_id))

    def _strays(self) -> list[ItemRow]:
        """What the ledger knows of lines that are gone, where no other line has their name now."""
        keys, names = Marks(), Marks()
        for piece in self._pieces.each():
            for line in piece.lines:
                keys.add(line.key)
                names.add(f"{line.product.service.name} {line.base}")
        return [
            row
            for row in self._ledger.each_item(self._id)
            if row.line not in keys and f"{row.product.partition(':')[0]} {row.base}" not in names
        ]

    def _rows(self, lines: Iterable[Line]) -> list[ItemRow]:
        return self._ledger.items_of(self._id, [line.key for line in lines])


def some(numbers: Sequence[int], count: int) -> Iterator[Sequence[int]]:
    """The numbers, so many at a time."""
    for start in range(0, len(numbers), count):
        yield numbers[start : start + count]
