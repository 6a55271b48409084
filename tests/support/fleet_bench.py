"""A workplace on a shared ledger: the installed commands, PostgreSQL, the simulator."""

import contextlib
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from manifests.money import Cents
from manifests.text import read_manifest
from runner.executors.ringing import ring
from runner.fleet.packing import pack, pack_head
from runner.fleet.terms import shift_terms
from runner.ledger.fleet_rows import NewShift
from runner.ledger.postgres.ledger import PostgresLedger
from runner.ledger.runs import RunBy
from runner.lines import lines_of
from runner.options import RunOptions
from support.bench import Bench
from support.waiting import until

LONG = 3_600.0
"""Seconds for which a dispatch that nobody sees to counts as alive."""


@dataclass
class FleetBench(Bench):
    """Where a fleet works; `dsn` names its ledger."""

    dsn: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.environ["EARMARK_LEDGER"] = self.dsn
        self.workers: list[Any] = []

    def migrated(self) -> "FleetBench":
        """Make the ledger."""
        ended = self.do("earmark", "ledger", "migrate")
        assert ended.code == 0, ended.err
        return self

    def ledger(self, question: str) -> list[tuple[Any, ...]]:
        """Ask the ledger."""
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            return connection.execute(question.encode()).fetchall()

    def change(self, statement: str) -> None:
        """Change the ledger behind its back."""
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            connection.execute(statement.encode())

    def worker(self, name: str, *words: str, **environ: str) -> Any:
        """Start a worker on a host of this name; it takes shifts from now on."""
        process = self.start("earmark", "worker", *words, **{"EARMARK_HOST": name, **environ})
        self.workers.append(process)
        until(lambda: process.poll() is not None or self.ledger(_ENTERED.format(process.pid)))
        assert process.poll() is None, self.end(process).err
        return process

    def close(self) -> None:
        """Leave no process behind."""
        for process in self.workers:
            if process.poll() is None:
                process.kill()
            with contextlib.suppress(ValueError):  # its end was looked at
                process.communicate()

    def offer(self, *, size: int = 50, cap: int = 1_000, name: str = "manifest.yaml") -> int:
        """Offer a manifest in shifts, as `run` does; the dispatch's number. Nobody sees to it."""
        path = self.folder / name
        plan = read_manifest(path)
        head = plan.head
        lines = lines_of(plan, path.parent, head.rates)
        options = RunOptions(path, self.folder / "results")
        ledger = PostgresLedger(self.dsn, time.time)
        with ledger.transaction():
            ledger.put_manifest(head.id, path, Cents(cap))
            ledger.begin_run(head.id, RunBy("anna", "desk", 1), LONG)
            made = ledger.begin_dispatch(
                head.id, pack_head(head), shift_terms(options, head.rates, None).encoded(), cap
            )
            ledger.allot(head.id, Cents(cap))
            for start in range(0, len(lines), size):
                some = lines[start : start + size]
                shift = ledger.offer(made, NewShift(pack(some), [line.key for line in some]))
                assert shift is not None
                ring(ledger, [shift])
        ledger.close()
        return made

    def shifts(self) -> list[str]:
        """The states of all shifts, as they were offered."""
        return [state for (state,) in self.ledger("SELECT state FROM shifts ORDER BY id")]

    def over(self) -> bool:
        """Whether no shift waits, or is worked on."""
        return not {"waiting", "taken"} & set(self.shifts())

    def results(self, folder: str = "results") -> list[str]:
        """The results there, below the folder."""
        root = Path(self.folder, folder)
        return sorted(str(each.relative_to(root)) for each in root.rglob("*") if each.is_file())


_ENTERED = "SELECT 1 FROM workers WHERE pid = {} AND ended IS NULL"
