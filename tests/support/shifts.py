"""A manifest that is offered in shifts, and hosts with disks of their own that take them."""

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from manifests.manifest import Manifest
from manifests.money import Cents
from runner.fleet.beating import Beating
from runner.fleet.outcome import Outcome
from runner.fleet.packing import pack, pack_head
from runner.fleet.place import Place
from runner.fleet.shift import ShiftRun, take
from runner.fleet.terms import shift_terms
from runner.ledger.fleet_rows import NewShift
from runner.ledger.interface import Ledger
from runner.ledger.runs import RunBy
from runner.ledger.sqlite.ledger import SqliteLedger
from runner.lines import Line
from runner.options import RunEnds
from support.small_run import PROBES, Desk


@dataclass
class Bench:
    """One host: a connection, its roots and its results folder."""

    fleet: "Fleet"
    name: str
    roots: Sequence[Path]
    output: Path
    rung: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ledger = self.fleet.open()
        self.ledger.host = self.name
        self.by = RunBy("anna", self.name, 7, "1.0", "m1")
        with self.ledger.transaction():
            worker_id = self.ledger.enter(self.by, list(map(str, self.roots)))
        self.beating = Beating(self.fleet.open, worker_id, clock=self.fleet.awake)
        self.place = Place(
            worker_id, self.by, self.output, self.beating, self.roots, uploads=2, ring=self.rung.extend
        )

    def ends(self, **changes: Any) -> RunEnds:
        """The outside of this host's runs."""
        desk = self.fleet.desk
        given = {
            "api": lambda: desk.api,
            "ledger": self.ledger,
            "locks": desk.locks,
            "probes": PROBES,
            "rng": random.Random(1),
        }
        return RunEnds(**{**given, **changes})

    def take(self, shift_id: int | None = None, **changes: Any) -> ShiftRun | None:
        """Take a shift."""
        return take(self.place, self.ends(**changes), shift_id)

    def work(self, **changes: Any) -> Outcome | None:
        """Take a shift and see it through."""
        shift = self.take(**changes)
        return None if shift is None else shift.work()

    def close(self) -> None:
        """The process ends."""
        self.beating.stop()
        self.ledger.close()


@dataclass
class Fleet:
    """The ledger that all share, and what was offered."""

    desk: Desk

    def __post_init__(self) -> None:
        self.ahead = 0.0  # seconds that the ledger's clock, and the machines', went on
        self.benches: list[Bench] = []

    def clock(self) -> float:
        """The ledger's."""
        return time.time() + self.ahead

    def awake(self) -> float:
        """A machine's, that goes on."""
        return time.monotonic() + self.ahead

    def open(self) -> Ledger:
        """One more connection."""
        ledger = SqliteLedger(self.desk.ledger.path, self.clock)
        ledger.db.execute("PRAGMA synchronous = OFF")
        return ledger

    def host(self, name: str, *files: str, root: Path | None = None) -> Bench:
        """A host whose disk has copies of these files; or that sees a folder."""
        disk = root or self.desk.folder / "disks" / name
        for file in files:
            (disk / file).parent.mkdir(parents=True, exist_ok=True)
            (disk / file).write_bytes((self.desk.folder / file).read_bytes())
        made = Bench(self, name, (disk,), self.desk.folder / f"results of {name}")
        self.benches.append(made)
        return made

    def offer(
        self, manifest: Manifest, *, size: int = 50, cap: int = 100, buys: bool = True, **options: Any
    ) -> int:
        """Begin a run that offers a manifest in shifts of a size; the dispatch's number."""
        ledger = self.desk.ledger
        lines: list[Line] = list(self.desk.lines(manifest, manifest.head.rates).values())
        terms = shift_terms(self.desk.options(**options), manifest.head.rates, None)
        with ledger.transaction():
            ledger.put_manifest(manifest.head.id, self.desk.folder / "m.yaml", Cents(cap))
            ledger.begin_run(manifest.head.id, RunBy("anna", "desk", 1), 30.0)
            made = ledger.begin_dispatch(manifest.head.id, pack_head(manifest.head), terms.encoded(), cap)
            ledger.allot(manifest.head.id, cap)
            for start in range(0, len(lines), size):
                some = lines[start : start + size]
                assert ledger.offer(made, NewShift(pack(some), [line.key for line in some], buys))
        return made

    def states(self) -> dict[str, str]:
        """Where each known file of the manifest stands."""
        rows = self.desk.ledger.db.execute(
            "SELECT i.file, t.state FROM items i JOIN parts t ON t.purchase_id = i.purchase_id"
        ).fetchall()
        return {file.decode(): state for file, state in rows}

    def shifts(self) -> list[str]:
        """The states of all shifts."""
        rows = self.desk.ledger.db.execute("SELECT state FROM shifts ORDER BY id").fetchall()
        return [state for (state,) in rows]

    def close(self) -> None:
        """Close what is open."""
        for bench in self.benches:
            bench.close()
