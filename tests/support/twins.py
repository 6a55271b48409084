"""Two workplaces, one that runs its manifests as a few lines and one as very many: both must do the same."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from manifests.text import open_manifest, read_manifest, write_manifest
from runner import large, large_collecting, pieces
from runner.engine import timing
from runner.report import RunReport
from runner.reporting import ManyReports
from runner.stamps import mark_of, stamp_of
from support.small_run import BILLED, Desk, manifest_of


class Twins:
    """Two workplaces with the same files: one runs its manifests as a few lines, one as very many."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, stack: ExitStack) -> None:
        self.desks = [Desk(folder / name) for name in ("few", "many")]
        self._monkeypatch = monkeypatch
        monkeypatch.setattr(timing, "OLD_DOUBT_LOOKS", (0.0, 0.05))
        for desk in self.desks:
            stack.callback(desk.close)

    def each(self, act: Callable[[Desk], Any]) -> list[Any]:
        """Act on both desks."""
        return [act(desk) for desk in self.desks]

    def plan(self, *names: str, head: dict[str, Any] | None = None, **fields: Any) -> None:
        """The same manifest, written at both."""

        def write(desk: Desk) -> None:
            plan = manifest_of([desk.item(name, **fields) for name in names], **(head or {}))
            write_manifest(desk.folder / "m.yaml", plan.head, plan.items)

        self.each(write)

    def run(self, **changes: Any) -> RunReport:
        """Run both; what the large one came to, once they are found to have come to the same."""
        few, many = self.desks
        changes.setdefault("patience", replace(BILLED, settle=2.0))  # both wait for their bills
        first = few.run(
            read_manifest(few.folder / "m.yaml"), as_read=mark_of(few.folder / "m.yaml"), **changes
        )
        with self._monkeypatch.context() as patch, open_manifest(many.folder / "m.yaml") as manifest:
            patch.setattr(large, "FROM", 0)
            for module, name, value in (
                (large, "BATCH", 1),
                (large, "LOW", 1),
                (large, "TOGETHER", 1),
                (large_collecting, "TOGETHER", 1),
                (pieces, "PIECE", 2),
            ):
                patch.setattr(module, name, value)
            second = many.run(manifest, as_read=mark_of(many.folder / "m.yaml"), **changes)
            assert isinstance(second.items, ManyReports)
            second = replace(second, items=list(second.items))
        assert told(many, second) == told(few, first)
        stamps = [stamp_of(desk.ledger, "m1") for desk in self.desks]
        assert stamps[0].lines == stamps[1].lines
        assert stamps[0].plain == stamps[1].plain
        return second


def told(desk: Desk, report: RunReport) -> tuple[Any, ...]:
    """What a report says, whatever folder it is about."""
    items = [
        (
            *(getattr(item, name) for name in ("file", "service", "fate", "expected", "ceiling", "charged")),
            *(getattr(item, name) for name in ("held", "shared", "state", "tries")),
            item.reason.replace(str(desk.folder), ""),
            [path.replace(str(desk.folder), "") for path in item.results],
        )
        for item in report.items
    ]
    figures = (
        report.exit,
        report.amounts,
        report.submitted,
        report.here,
        report.left_by_fit,
        report.declined,
        report.pilot and replace(report.pilot, first=()),
    )
    why = ([stop for stop, _ in report.stops], report.refused, report.drift, report.repriced)
    return items, figures, why
