"""A workplace for tests of the installed commands: a folder, a simulated wallet, a ledger of its own."""

import json
import os
import signal
import sqlite3
import struct
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from simulator.books import Books
from simulator.server import Simulator
from support.typed import typed
from support.waiting import PATIENCE

COMMANDS = Path(sys.executable).parent


@dataclass(frozen=True)
class Ended:
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The document on stdout."""
        found: dict[str, Any] = json.loads(self.out)
        return found

    @property
    def go_on(self) -> str:
        """The command that the screen gives to go on with."""
        lines = self.out.splitlines()
        start = next(index for index, line in enumerate(lines) if line.startswith("Go on:"))
        steps = [line for line in lines[start:] if not line.startswith("   or:")]
        return steps[-1][6:].strip().lstrip("0123456789. ").partition("   (")[0]


def wav(path: Path, seconds: int = 12, mark: str = "") -> Path:
    """A recording of 8,000 bytes a second; equal marks sound alike."""
    samples = bytearray(b"\x80") * (8000 * seconds)
    samples[:64] = (mark or path.name).encode().ljust(64, b"\x80")[:64]
    head = struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        *(b"RIFF", 36 + len(samples), b"WAVE", b"fmt ", 16, 1, 1, 8000, 8000, 1, 8, b"data", len(samples)),
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(head + samples)
    return path


def launched(words: tuple[str, ...], first: str = "") -> list[str]:
    """A command line; with a piece of Python that the process does before it becomes the command."""
    command = [str(COMMANDS / words[0]), *words[1:]]
    if not first:
        return command
    return [sys.executable, "-c", f"import os, sys\n{first}\nos.execv(sys.argv[1], sys.argv[1:])", *command]


@dataclass
class Bench:
    """Where somebody works."""

    folder: Path
    sim: Simulator
    environ: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.environ = {
            **os.environ,
            "AUDIOPOD_API_KEY": self.sim.key,
            "AUDIOPOD_BASE_URL": self.sim.url,
            "XDG_STATE_HOME": str(self.folder / "state"),
            "COLUMNS": "120",
        }

    @property
    def books(self) -> Books:
        """What the simulator wrote down."""
        return self.sim.books

    def record(self, count: int, seconds: int = 12, folder: str = "media") -> list[Path]:
        """So many recordings, each with a sound of its own."""
        return [wav(self.folder / folder / f"r{number}.wav", seconds) for number in range(1, count + 1)]

    def start(self, *words: str, first: str = "", **environ: str) -> Any:
        """Start a command, such as `start("run", "manifest.yaml")`; `first` is done in its process before."""
        return subprocess.Popen(
            launched(words, first),
            cwd=self.folder,
            env={**self.environ, **environ},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
        )

    def end(self, process: Any) -> Ended:
        """Wait for a command's end."""
        out, err = process.communicate(timeout=PATIENCE)
        return Ended(process.returncode, out, err)

    def do(self, *words: str, **environ: str) -> Ended:
        """Run a command to its end, in this process: most of what commands do needs none of their own."""
        code, out, err = typed(self.folder, words, {**self.environ, **environ}, PATIENCE)
        return Ended(code, out.decode(errors="replace"), err.decode(errors="replace"))

    def installed(self, *words: str, **rest: Any) -> Ended:
        """Run the installed command to its end, in a process of its own."""
        return self.end(self.start(*words, **rest))

    def plan(self, *words: str) -> Ended:
        """Plan something that can be planned."""
        ended = self.do("plan", *words, "-q")
        assert ended.code == 0, ended.err
        return ended

    def run(self, *words: str, **environ: str) -> Ended:
        """Run the manifest, in this process."""
        return self.do("run", "manifest.yaml", *words, **environ)

    def interrupt(self, process: Any, number: int = signal.SIGINT) -> None:
        """Send a signal."""
        process.send_signal(number)

    def ledger(self, question: str) -> list[tuple[Any, ...]]:
        """Ask the ledger; nothing where there is none yet."""
        path = next((self.folder / "state").glob("earmark/*/ledger.db"), None)
        if path is None:
            return []
        with closing(sqlite3.connect(path)) as db:
            try:
                return db.execute(question).fetchall()
            except sqlite3.OperationalError:  # another process is making its tables
                return []

    def change(self, statement: str) -> None:
        """Change the ledger behind its back."""
        (path,) = (self.folder / "state").glob("earmark/*/ledger.db")
        with closing(sqlite3.connect(path)) as db, db:
            db.execute(statement)

    def check_books(self) -> None:
        """The ledger and the simulator's books agree to the cent, and nothing was paid twice."""
        books = self.books
        ours = {
            (service, job): (charge, hold)
            for service, job, charge, hold in self.ledger(
                "SELECT service, job_id, charge, hold FROM attempts WHERE job_id IS NOT NULL"
            )
        }
        for job in books.jobs:
            charge, hold = ours[job.service, str(job.id)]
            if charge is not None:
                assert charge == job.charged_cents
            else:
                assert job.charged_cents <= hold
        assert (
            self.ledger("SELECT coalesce(sum(spent + reserved), 0) FROM manifests")[0][0] >= books.spent_cents
        )
        assert len(ours) <= len(books.jobs)
        assert books.paid_twice() == ()
        assert books.violations == ()
