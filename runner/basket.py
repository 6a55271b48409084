"""The lines of a manifest on their way to being bought: priced, checked against their files, tried or not."""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from manifests.manifest import Item, Manifest
from manifests.money import Rate
from runner import voices
from runner.choosing import Lot
from runner.collect import Collector
from runner.engine.task import Task
from runner.inputs import Probes
from runner.ledger.interface import Ledger
from runner.ledger.rows import NewItem
from runner.lines import Line, lines_of
from runner.prepare import Checked, Stale, Tries, candidates, check, new_items

Passing = Callable[[Iterable[Checked | Stale | NewItem]], Iterator[Checked | Stale | NewItem]]
"""Passes items on, and ends early when the run is to stop."""


class Basket:
    """What a run may still buy. Writes to the ledger belong inside its transactions."""

    def __init__(
        self,
        manifest: Manifest,
        folder: Path,
        ledger: Ledger,
        probes: Probes,
        tries: Tries,
        lines: Callable[[Mapping[str, Rate]], list[Line]] | None = None,
    ) -> None:
        """Take the lines.

        Args:
            manifest: whose items these are.
            folder: where it lies.
            ledger: of the wallet.
            probes: look at files.
            tries: which failures may be tried again.
            lines: makes them at some rates, where they do not follow from the manifest alone.
        """
        self._manifest, self._ledger = manifest, ledger
        self._lines = lines or (lambda rates: lines_of(manifest, folder, rates))
        self._probes, self.tries = probes, tries
        self._id = manifest.head.id
        self._checked: dict[str, Checked] = {}
        self._tried: set[int] = set()
        self.rates: dict[str, Rate] = dict(manifest.head.rates)
        self.stale: dict[str, Stale] = {}
        self.elsewhere: Container[str] = ()  # keys of lines that others work on: left to them
        self.chosen: Container[str] | None = None  # keys of the lines that may be bought; all
        self.lines = self._priced()

    def _priced(self) -> dict[str, Line]:
        return {line.key: line for line in self._lines(self.rates)}

    def check(self, passing: Passing) -> list[NewItem]:
        """Probe what is not bought yet and take its digests; what is to be bound to purchases.

        Lines that were checked before are not checked again.
        """
        unbought = self._unbought()
        for each in passing(check(unbought, self._probes)):
            self._sort_in(each)
        checked = [self._checked[line.key] for line in unbought if line.key in self._checked]
        fresh: list[NewItem] = []
        for item in passing(new_items(checked, self._ledger.digests(self._id), self._probes, self._voices())):
            if isinstance(item, NewItem):
                fresh.append(item)
            else:
                self._sort_in(item)
        return fresh

    def _unbought(self) -> list[Line]:
        rows = {row.line: row for row in self._ledger.items(self._id)}
        known = self._checked.keys() | self.stale.keys()
        changed = voices.outdated(rows.values(), self.lines)
        return [
            line
            for line in self.lines.values()
            if line.key not in known
            and (self.chosen is None or line.key in self.chosen)
            and line.key not in self.elsewhere
            and (line.key not in rows or line.key in changed or self.tries.may_buy(rows[line.key]))
        ]

    def numbered(self) -> Iterator[tuple[int, Item, bool]]:
        """All lines by their numbers, and whether each is still to be bought."""
        rows = {row.line: row for row in self._ledger.items(self._id)}
        changed = voices.outdated(rows.values(), self.lines)
        for number, line in enumerate(self.lines.values()):
            row = rows.get(line.key)
            yield number, line.item, row is None or line.key in changed or self.tries.may_buy(row)

    def choose(self, lot: Lot | None) -> None:
        """Buy nothing but these from now on; None: all."""
        self.chosen = None if lot is None else {k for number, k in enumerate(self.lines) if number in lot}

    def _voices(self) -> dict[str, str]:
        """The content keys of the clones that are bound already, by their files."""
        clones = {line.key: line for line in self.lines.values() if line.clones}
        return voices.bound(self._ledger.items(self._id), clones) if clones else {}

    def _sort_in(self, each: Checked | Stale | NewItem) -> None:
        if isinstance(each, Stale):
            self.stale[each.line.key] = each
            self._checked.pop(each.line.key, None)
        elif isinstance(each, Checked):
            self._checked[each.line.key] = each

    def candidates(self, collector: Collector) -> list[Task]:
        """What may be bought and was not tried in this run, in the manifest's order."""
        found = candidates(self._ledger, self._id, self._checked, self.tries, collector.target)
        return [task for task in found if task.part_id not in self._tried]

    def is_tried(self, part_id: int) -> bool:
        """Whether this run is not to try a part again."""
        return part_id in self._tried

    def tried(self, tasks: Iterable[Task]) -> None:
        """These are not to be tried again by this run."""
        self._tried |= {task.part_id for task in tasks}

    def rates_of(self, tasks: Iterable[Task]) -> dict[str, Rate]:
        """The approved rates of what these buy, and no others."""
        return {task.product: self.rates[task.product] for task in tasks}

    def reprice(self, tasks: list[Task]) -> list[Task]:
        """The tasks at the prices in force; the same unless dearer ones were accepted."""
        if self.rates == self._manifest.head.rates:
            return tasks
        self.lines = lines = self._priced()
        by_part = {row.part_id: lines[row.line] for row in self._ledger.items(self._id) if row.line in lines}
        return [
            replace(task, expected=by_part[task.part_id].expected, ceiling=by_part[task.part_id].ceiling)
            for task in tasks
        ]

    def at(self, rates: Mapping[str, Rate]) -> list[Line]:
        """The lines as they would cost at other rates, in the manifest's order."""
        return self._lines(rates)

    def mark_changed(self, tasks: Iterable[Task]) -> None:
        """What turned out to have changed while it was being uploaded."""
        parts = {task.part_id: task for task in tasks}
        for row in self._ledger.items(self._id):
            if row.part_id in parts and row.line in self.lines:
                self.stale[row.line] = Stale(self.lines[row.line], parts[row.part_id].reason)
