"""A run of very many lines: the same steps, some lines at a time, so that memory stays flat.

What the gate lets through is kept as numbers (`runner.wanted`); tasks are made of it shortly before they are
sent, and let go when they are saved and billed. Lines that need each other (voices, parts of a text) and
those that credits pay are not for this run: `runner.pieces.is_plain`.
"""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from manifests.manifest import Item
from manifests.money import Cents
from manifests.states import State
from runner.adopting import adopt_known
from runner.billed import LATE, billed_late
from runner.choosing import Lot, stretches
from runner.ending import Course, report_of_many
from runner.engine.messages import Approve, Event, Load, UsageRead
from runner.engine.task import Task
from runner.inputs import source
from runner.large_collecting import TOGETHER, LargeCollecting, some
from runner.ledger.rows import ItemRow, NewItem
from runner.lines import Line
from runner.pieces import Piece
from runner.prepare import Checked, Stale, check, new_items, task_of
from runner.readback import Lists
from runner.receipts import Receipt
from runner.report import ItemReport, RunReport
from runner.reporting import ManyReports
from runner.wanted import Wanted

FROM = 10_000
"""Lines from which on a run is a large one."""

BATCH = 200
"""Parts that are made into tasks at a time; nothing else is decided meanwhile."""

LOW = 100
"""Parts waiting to be sent at which the next ones are made ready."""


class LargeRun(LargeCollecting):
    """One run of many lines."""

    @property
    def _has_stale(self) -> bool:
        return bool(self._stale)

    # -- choosing --------------------------------------------------------------------------

    def _numbered(self) -> Iterable[tuple[int, Item, bool]]:
        tries = self._basket.tries
        for piece in self._until_stopped():
            rows = {row.line: row for row in self._rows(piece.lines)}
            for number, line in piece.numbered:
                row = rows.get(line.key)
                yield number, line.item, row is None or line.changed(row) or tries.may_buy(row)

    def _limit(self, lot: Lot | None) -> None:
        self._lot = lot

    def _to_choose_from(self) -> Iterator[Piece]:
        """The pieces that may hold something to buy: where that is few lines, only those are made."""
        if self._lot is None or not self._lot.few:
            yield from self._until_stopped()
            return
        for numbers in self._heeding(stretches(self._lot)):
            yield Piece(numbers[0], self._pieces.lines(numbers))

    def _item_reports(self) -> Iterable[ItemReport]:
        options = self._options
        return ManyReports(
            self._ledger,
            self._id,
            self._pieces,
            self._stale,
            skip_changed=options.skip_changed,
            output=options.output,
        )

    # -- checking --------------------------------------------------------------------------

    def _check_files(self) -> None:
        """Probe what is not bought yet, and bind it to purchases, piece by piece."""
        if self._stopped:
            return
        self._phase = "reading files"
        for piece in self._to_choose_from():
            fresh = self._check_piece(piece)
            self._ledger.retried(partial(self._ledger.put_items, self._id, fresh))
            self._others.take_over()
            if fresh:
                rows = self._ledger.items_of(self._id, [item.line for item in fresh])
                self._drive(rows)

    def _check_piece(self, piece: Piece) -> list[NewItem]:
        rows = {row.line: row for row in self._rows(piece.lines)}
        fresh: list[NewItem] = []
        numbers = {line.key: number for number, line in piece.numbered}
        unbought = [line for line in piece.lines if self._is_unbought(line, numbers, rows.get(line.key))]
        checked: list[Checked] = []
        for each in self._heeding(check(unbought, self._ends.probes)):
            if isinstance(each, Stale):
                self._stale[each.line.key] = each.reason
            else:
                checked.append(each)
        known = {key: (row.size, row.print, row.sha256) for key, row in rows.items()}
        for item in self._heeding(new_items(checked, known, self._ends.probes)):
            if isinstance(item, NewItem):
                fresh.append(item)
                self._checked.add(numbers[item.line])
            else:
                self._stale[item.line.key] = item.reason
        return fresh

    def _is_unbought(self, line: Line, numbers: dict[str, int], row: ItemRow | None) -> bool:
        number = numbers[line.key]
        if number in self._checked or line.key in self._stale or line.key in self._basket.elsewhere:
            return False
        if self._lot is not None and number not in self._lot:
            return False
        return row is None or line.changed(row) or self._basket.tries.may_buy(row)

    # -- buying ----------------------------------------------------------------------------

    def _buy(self) -> None:
        """Gate and submit; again for what became free, or affordable, while waiting."""
        again = False
        while True:
            with self._interruptible():
                tasks = Wanted(self._id) if self._stopped or self._blocked else self._to_buy()
                if again and not tasks:
                    return
                approved = self._approve(tasks) if tasks else tasks
            self._phase = "running"
            self._submit(approved)
            self._attach(tasks, approved)
            if self._stopped or self._declined or self._blocked:
                return
            if not self._may_buy_more:
                return
            self._check_files()
            again, passage = True, self._passage
            if passage is not None and not (passage.passes or self._gate.may_have_freed(passage)):
                return

    @property
    def _may_buy_more(self) -> bool:
        """Whether any line is in a state in which it may be bought: a look at all of them costs minutes."""
        known = self._ledger.standings(self._id)
        tries = self._basket.tries
        states = {State.PLANNED, State.RELEASED}
        states |= {State.REJECTED} if tries.rejected else set()
        states |= {State.FAILED_CHARGED} if tries.charged else set()
        unknown = self._count > sum(each.items for each in known)
        return unknown or any(each.items for each in known if each.state in states)

    def _to_buy(self) -> Wanted:
        """The candidates, less what the service turns out to have made already."""
        now = self._ends.clock()
        if self._ledger.released(self._id, now - LATE):
            late = billed_late(self._ends.api(), self._ledger, self._id, now)
            if late:
                self._loop.run([UsageRead(tuple(late))], until=lambda: True)
        return self._survey()

    def _survey(self) -> Wanted:
        wanted = Wanted(self._id)
        for piece in self._to_choose_from():
            tasks = self._candidates_of(piece, wanted)
            if tasks:
                adopted = self._adopted(list(tasks.values()))
                for number, task in tasks.items():
                    if task.part_id not in adopted:
                        wanted.add(task, number)
        return wanted

    def _candidates_of(self, piece: Piece, wanted: Wanted) -> dict[int, Task]:
        """A task for each part that a piece's lines could buy, by the number of the first line."""
        rows = {row.line: row for row in self._rows(piece.lines)}
        tasks: dict[int, Task] = {}
        first: dict[int, Task] = {}
        for number, line in piece.numbered:
            row = rows.get(line.key)
            if row is None or number not in self._checked or row.part_id in self._tried:
                continue
            if wanted.has(row.part_id):
                wanted.add_line(row.part_id, number)
            elif row.part_id in first:
                wanted.add_line(row.part_id, number)
                first[row.part_id].targets.append(self._collector.target(row))
            elif self._basket.tries.may_buy(row):
                first[row.part_id] = tasks[number] = self._task(row, line)
        return tasks

    def _task(self, row: ItemRow, line: Line) -> Task:
        return task_of(row, line, self._id, self._collector.target(row))

    def _adopted(self, tasks: Sequence[Task]) -> set[int]:
        """The parts of these that turn out to be bought already; they are seen through."""
        note, receipts, api = self._engine.world.note, self._receipts, self._ends.api()
        if self._lists is None:
            self._lists = Lists(api, self._ledger)
            receipts.look_ahead(self._is_known)
        found = adopt_known(api, self._ledger, self._id, tasks, receipts, note, self._lists)
        adopted = {task.part_id for task in found.tasks}
        if adopted:
            rows = self._ledger.items_of_parts(self._id, adopted)
            self._loop.run([Load(tuple(self._collector.tasks(rows)))], until=lambda: True)
        return adopted

    def _is_known(self, receipt: Receipt) -> bool:
        return self._ledger.attempt_of_job(receipt.service, receipt.job) is not None

    def _reprice(self, tasks: Sequence[Task]) -> Sequence[Task]:
        """The parts at the prices in force; the same unless dearer ones were accepted."""
        assert isinstance(tasks, Wanted)
        if self._basket.rates == self._manifest.head.rates:
            return tasks

        def price(number: int) -> tuple[Cents, Cents]:
            (line,) = self._pieces.lines([number])
            return line.expected, line.ceiling

        return tasks.priced(price)

    def _leave_out(self, tasks: Sequence[Task]) -> None:
        for task in tasks:
            self._tried.add(task.part_id)

    # -- feeding the engine ----------------------------------------------------------------

    def _submit(self, approved: Sequence[Task]) -> None:
        """Hand over what the gate let through, some parts at a time, and see it through."""
        if not isinstance(approved, Wanted):
            approved = Wanted(self._id)  # nothing passed
        self._engine.submits.to_come = len(approved)
        self._engine.world.to_come = frozenset(product for product, _ in approved.names)
        self._fed = self._batches(approved)
        self._loop.run(self._feed() or [Approve(())], until=lambda: self._engine.done)
        self._fed, self._engine.submits.to_come = iter(()), 0
        self._engine.world.to_come = frozenset()
        self._engine.let_go()
        self._fetch_late()

    def take(self, seconds: float) -> list[Event]:
        """Wait for events; make ready what is sent next."""
        fed = self._feed()
        return fed + super().take(0 if fed else seconds)

    def _feed(self) -> list[Event]:
        """The next parts, where few wait."""
        submits = self._engine.submits
        if not submits.to_come or submits.waiting >= LOW or self._stopped:
            return []
        self._engine.let_go()
        tasks = next(self._fed, [])
        self._engine.world.tasks.update({task.part_id: task for task in tasks})
        return [Approve(tuple(task.part_id for task in tasks))]

    def _batches(self, approved: Wanted) -> Iterator[list[Task]]:
        """The tasks of what was let through, with what they send."""
        for start in range(0, len(approved), BATCH):
            indices = range(start, min(start + BATCH, len(approved)))
            self._engine.submits.to_come = len(approved) - indices.stop
            yield list(self._tasks(approved, indices))
        self._engine.submits.to_come = 0

    def _tasks(self, approved: Wanted, indices: range) -> Iterator[Task]:
        parts = [approved.parts[index] for index in indices]
        own = [approved.numbers[index] for index in indices]
        others = [number for part_id in parts for number in approved.more.get(part_id, ())]
        lines = {line.key: line for line in self._pieces.lines([*own, *others])}
        rows: dict[int, list[ItemRow]] = {}
        for row in self._rows(lines.values()):
            rows.setdefault(row.part_id, []).append(row)
        for index in indices:
            part_id = approved.parts[index]
            first, *rest = rows.get(part_id, [None])
            if first is not None and not self._basket.tries.may_buy(first):
                self._elsewhere.append(part_id)
                continue
            self._tried.add(part_id)
            task = None if first is None else self._with_source(first, lines[first.line])
            if first is None or task is None:
                continue
            task.expected, task.ceiling = approved.price(index)
            task.targets += [self._collector.target(row) for row in rest if row is not None]
            yield task

    def _with_source(self, row: ItemRow, line: Line) -> Task | None:
        """A task that can be sent; none where the file changed since it was checked."""
        for each in check([line], self._ends.probes):
            if isinstance(each, Stale):
                self._stale[line.key] = each.reason
                return None
            task = self._task(row, line)
            task.source = source(line, each.probed, row.sha256)
            return task
        return None

    def _attach(self, tasks: Sequence[Task], approved: Sequence[Task]) -> None:
        """What another run bought meanwhile costs nothing; perhaps also what the gate kept from us."""
        assert isinstance(tasks, Wanted)
        refused = tasks.but(approved) if isinstance(approved, Wanted) else tasks
        elsewhere, self._elsewhere = self._elsewhere, array("Q")
        for parts in (*some(refused.parts, TOGETHER), *some(elsewhere, TOGETHER)):
            if not self._stopped:
                self._see(self._collector.tasks(self._ledger.items_of_parts(self._id, parts)))
        if not self._stopped:
            self._loop.run([], until=lambda: self._engine.done)

    # -- the end ---------------------------------------------------------------------------

    def _report(self) -> RunReport:
        gate = (self._passage, self._before, self._left_by_fit, self._declined)
        seconds = self._ends.clock() - self._started
        course = Course(self._id, self._options, *gate, self._here, seconds, self._pilot)
        self._mark_changed(self._engine.submits.stale)
        return report_of_many(course, self._engine, self._ledger, self._pieces, self._stale)

    def _mark_changed(self, tasks: Iterable[Task]) -> None:
        """What turned out to have changed while it was being uploaded."""
        reasons = {task.part_id: task.reason for task in tasks}
        for row in self._ledger.items_of_parts(self._id, reasons):
            self._stale[row.line] = reasons[row.part_id]
