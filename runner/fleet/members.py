"""The two kinds of dispatch: of a manifest that is held in memory, and of one that stays in its file."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from manifests.manifest import Manifest
from manifests.text_file import ManifestFile
from runner import voices
from runner.bits import Bits
from runner.engine.task import Task
from runner.fleet.dispatch import Dispatching, unbound_task
from runner.fleet.grouping import LINES, shifts_of, size_of
from runner.large import LargeRun
from runner.ledger.rows import NewItem
from runner.lines import Line
from runner.options import RunEnds, RunOptions
from runner.pieces import Piece
from runner.prepare import Stale, check, paid_items
from runner.wanted import Wanted


class Dispatch(Dispatching):
    """Of a manifest that is held in memory."""

    def __init__(self, manifest: Manifest, options: RunOptions, ends: RunEnds) -> None:
        super().__init__(manifest, options, ends)
        self._join_fleet()
        self._unseen: dict[str, str] = {}  # why this host does not see a line, by its key
        self._offered: set[str] = set()  # keys of unseen lines that were offered

    def _name_of(self, key: str) -> str:
        line = self._basket.lines.get(key)
        return key if line is None else line.label

    def _give_up(self, reasons: Mapping[str, str]) -> None:
        for key, reason in reasons.items():
            if key in self._basket.lines:
                self._basket.stale[key] = Stale(self._basket.lines[key], reason)
                self._unseen.pop(key, None)

    def _check_files(self) -> None:
        """As ever; what is stale here may be as planned on another host, if there is one."""
        if self._stopped:
            return
        self._basket.elsewhere = self._ledger.elsewhere(self._id, self._basket.lines)
        super()._check_files()
        if not self._others_live():
            return
        given_up = self._watch.given_up.keys() | self._watch.changed.keys()
        here = {key: each for key, each in self._basket.stale.items() if key not in given_up}
        paid = self._bind_paid([each.line for each in here.values()])
        self._unseen = {key: each.reason for key, each in here.items() if key not in paid}
        for key in here:
            del self._basket.stale[key]

    def _bind_paid(self, unseen: Sequence[Line]) -> set[str]:
        """Of lines that this host does not see, those that are paid already by the digests in the plan."""
        bound = voices.bound(self._ledger.items(self._id), self._basket.lines)
        items = paid_items(unseen, self._ledger.bought, bound)
        self._ledger.retried(lambda: self._ledger.put_items(self._id, items))
        keys = {item.line for item in items}
        self._load(keys)
        return keys

    def _to_buy(self) -> Sequence[Task]:
        """What this host sees, and what others may see, in the manifest's order."""
        found = list(super()._to_buy())
        unbound = self._unbound()
        if not unbound or self._stopped:
            return found
        first: dict[int, int] = {}
        numbers = {key: number for number, key in enumerate(self._basket.lines)}
        for row in self._ledger.items(self._id):
            if row.line in numbers:
                number = numbers[row.line]
                first[row.part_id] = min(first.get(row.part_id, number), number)
        first |= {task.part_id: task.part_id - self._first_unbound for task in unbound}
        return sorted([*found, *unbound], key=lambda task: first[task.part_id])

    def _unbound(self) -> list[Task]:
        tasks = [
            unbound_task(self._first_unbound + number, line, self._id)
            for number, (key, line) in enumerate(self._basket.lines.items())
            if key in self._unseen and key not in self._offered
        ]
        return self._with_session([task for task in tasks if not self._basket.is_tried(task.part_id)])

    def _again(self) -> bool:
        passage = self._passage
        if passage is not None and not passage.passes and self._unbound():
            return self._gate.may_have_freed(passage)
        return super()._again()

    def _reprice(self, tasks: Sequence[Task]) -> Sequence[Task]:
        bound = iter(super()._reprice([task for task in tasks if task.part_id < self._first_unbound]))
        lines = list(self._basket.lines.values())
        return [
            unbound_task(task.part_id, lines[task.part_id - self._first_unbound], self._id)
            if task.part_id >= self._first_unbound
            else next(bound)
            for task in tasks
        ]

    def _shifts_of(self, approved: Sequence[Task]) -> Iterator[list[Line]]:
        """Lines that this host sees apart from those that it does not: it takes the former alone."""
        parts = {row.line: row.part_id for row in self._ledger.items(self._id)}
        wanted = {task.part_id for task in approved}
        seen: list[Line] = []
        unseen: list[Line] = []
        for number, (key, line) in enumerate(self._basket.lines.items()):
            if self._basket.chosen is not None and key not in self._basket.chosen:
                continue
            if self._first_unbound + number in wanted:
                unseen.append(line)
                self._offered.add(key)
            elif parts.get(key) in wanted and key not in self._basket.stale:
                seen.append(line)
        size = size_of(len(seen) + len(unseen), sum(host.alive for host in self._ledger.hosts()))
        yield from shifts_of(self._with_voices_of(seen), parts, size)
        yield from shifts_of(self._with_voices_of(unseen), parts, size)

    def _with_voices_of(self, lines: list[Line]) -> list[Line]:
        """The lines, and those that make their voices, bought or not: who speaks must know them."""
        known = {line.key for line in lines}
        files = {line.item.needs for line in lines if line.item.needs is not None}
        more = {
            key
            for key, line in self._basket.lines.items()
            if line.clones and line.item.file in files and key not in known
        }
        return [line for key, line in self._basket.lines.items() if key in known or key in more]

    def _absent(self, lines: Iterable[Line]) -> Mapping[str, str]:
        return {line.key: self._unseen[line.key] for line in lines if line.key in self._unseen}


class LargeDispatch(Dispatching, LargeRun):
    """Of a manifest of many lines, which are looked at some at a time."""

    def __init__(
        self,
        manifest: Manifest | ManifestFile,
        options: RunOptions,
        ends: RunEnds,
    ) -> None:
        LargeRun.__init__(self, manifest, options, ends)
        self._join_fleet()
        self._unseen = Bits()  # lines by number

    def _name_of(self, key: str) -> str:
        rows = self._ledger.items_of(self._id, [key])
        return rows[0].file if rows else f"a line ({key[:8]})"

    def _give_up(self, reasons: Mapping[str, str]) -> None:
        self._stale.update(reasons)

    def _check_piece(self, piece: Piece) -> list[NewItem]:
        """As ever; what is stale here may be as planned on another host, if there is one."""
        busy = self._ledger.waiting(self._id).shifts
        self._basket.elsewhere = self._ledger.elsewhere(self._id, _keys(piece.lines)) if busy else ()
        fresh = super()._check_piece(piece)
        if self._others_live():
            gone = self._watch.given_up.keys() | self._watch.changed.keys()
            for number, line in piece.numbered:
                if line.key in self._stale and line.key not in gone:
                    del self._stale[line.key]
                    self._unseen.add(number)
        return fresh

    def _candidates_of(self, piece: Piece, wanted: Wanted) -> dict[int, Task]:
        tasks = super()._candidates_of(piece, wanted)
        for number, line in piece.numbered:
            part_id = self._first_unbound + number
            if number in self._unseen and part_id not in self._tried:
                tasks[number] = unbound_task(part_id, line, self._id)
        return dict(sorted(tasks.items()))

    def _shifts_of(self, approved: Sequence[Task]) -> Iterator[list[Line]]:
        """Lines that this host sees, then those that it does not: it takes the former alone."""
        if not isinstance(approved, Wanted):
            return
        for unseen in (False, True):
            numbers: list[int] = []
            for part_id, number in zip(approved.parts, approved.numbers, strict=True):
                if (part_id >= self._first_unbound) is unseen:
                    numbers += [
                        number,
                        *approved.more.get(part_id, ()),
                    ]  # lines that buy the same stay together
                if len(numbers) >= LINES:
                    yield self._pieces.lines(numbers)
                    numbers = []
            if numbers:
                yield self._pieces.lines(numbers)

    def _absent(self, lines: Iterable[Line]) -> Mapping[str, str]:
        absent: dict[str, str] = {}
        for each in check(lines, self._ends.probes):
            if isinstance(each, Stale):
                absent[each.line.key] = each.reason
        return absent


def _keys(lines: Iterable[Line]) -> list[str]:
    return [line.key for line in lines]
