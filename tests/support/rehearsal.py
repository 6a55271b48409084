"""Runs in the test process: the real client, engine and ledger on the simulator, with short waits."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from earmark import run_ends
from earmark.main import load, through_the_door
from manifests.money import Cents
from manifests.text import read_manifest
from runner.api.client import AudioPod
from runner.engine.timing import Patience
from runner.file_locks import FileLocks
from runner.ledger.sqlite.ledger import SqliteLedger
from runner.locks import Locks
from runner.options import RunEnds, RunOptions
from runner.report import RunReport
from runner.start import run
from runner.tempo import Tempo
from simulator.scenario import PUBLIC_SESSION_TOKEN
from simulator.server import Simulator
from support.bench import wav

BRISK = 100.0
"""Reads a second that a 429 leaves at least here, where patience lasts half a second."""

QUICK = Patience(
    job=20.0, settle=1.5, bill=0.5, doubt_looks=(0.0, 0.2, 0.5), first_look=0.05, longest_look=0.2
)


@dataclass
class Rehearsal:
    """A folder of recordings, a wallet at the simulator, a ledger."""

    folder: Path
    sim: Simulator
    ledger_path: Path | None = None
    patience: Patience = QUICK
    opened: list[Any] = field(default_factory=list)

    def record(self, *names: str, seconds: int = 12) -> None:
        """Recordings of these names, each with a sound of its own."""
        for name in names:
            wav(self.folder / "media" / name, seconds)

    def plan(self, *words: str, path: str = "media", output: str = "manifest.yaml") -> Path:
        """Plan what is in the folder."""
        manifest = self.folder / output
        services = () if "--service" in words else ("--service", "transcription")
        arguments = [str(self.folder / path), *services, *words, "-o", str(manifest), "-q"]
        code = through_the_door("plan", lambda: load("plan"), arguments)
        assert code == 0
        return manifest

    def run(self, output: str = "manifest.yaml", *, spend: int | None = None, **changes: Any) -> RunReport:
        """Run a manifest to its end; `spend` in cents."""
        names = ("ask", "api", "clock", "listener", "logged_in", "probes")
        ends = {name: changes.pop(name) for name in names if name in changes}
        path = self.folder / output
        options = RunOptions(
            manifest=path,
            output=changes.pop("results", self.folder / "results"),
            caps=(None if spend is None else Cents(spend),),
            patience=changes.pop("patience", self.patience),
            **changes,
        )
        ledger, locks = self.open()
        try:
            return run(read_manifest(path), options, self.ends(ledger, locks, **ends))
        finally:
            ledger.close()
            locks.release()
            while self.opened:
                self.opened.pop().close()

    def open(self) -> tuple[SqliteLedger, Locks]:
        """The ledger and a set of locks, as a process of its own would have them."""
        path = self.ledger_path or self.folder / "state" / "ledger.db"
        return SqliteLedger(path, time.time), FileLocks(path.parent / "locks")

    def ends(self, ledger: SqliteLedger, locks: Locks, **changes: Any) -> RunEnds:
        """The outside of a run."""
        client = AudioPod(
            self.sim.url, self.sim.key, session=PUBLIC_SESSION_TOKEN, patience=0.5, tempo=Tempo(floor=BRISK)
        )
        self.opened.append(client)
        ends: dict[str, Any] = {
            "api": lambda: client,
            "ledger": ledger,
            "locks": locks,
            "probes": run_ends.probes(),
            "logged_in": True,
            "join": run_ends.join,
            "server": self.sim.url,
            "rng": random.Random(1),
        }
        return RunEnds(**{**ends, **changes})

    def ask_ledger(self, question: Callable[[SqliteLedger], Any]) -> Any:
        """Something the ledger knows."""
        ledger, _ = self.open()
        try:
            return question(ledger)
        finally:
            ledger.close()

    def check_books(self, report: RunReport | None = None) -> None:
        """Nothing was paid twice, and the ledger holds what the simulator charged."""
        books = self.sim.books
        assert books.paid_twice() == ()
        assert books.violations == ()
        if report is not None:
            committed = report.amounts.spent + report.amounts.reserved + report.amounts.in_doubt
            assert committed >= books.spent_cents
