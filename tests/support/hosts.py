"""A fleet on this machine: PostgreSQL, the simulator, and hosts, each a process of the installed commands."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from earmark.chaos import accounts, audit
from simulator.books import Books
from simulator.server import Simulator
from support.bench import COMMANDS, Ended, wav
from support.netns import Line
from support.pg import Server
from support.typed import typed
from support.waiting import PATIENCE, until

CAP = 60
"""Cents that all runs together may cost, unless a test says otherwise."""

SKEWED = """
import sys, time
ahead, name = float(sys.argv.pop(1)), sys.argv.pop(1)
real = time.time
time.time = lambda: real() + ahead
time.time_ns = lambda: int(time.time() * 1e9)
sys.argv[0] = name
import earmark.entry
getattr(earmark.entry, name)()
"""
"""A command whose clock is ahead, or behind. (`libfaketime` makes Python's own `time.sleep` fail.)"""


@dataclass
class Process:
    """A command under way, on one host."""

    host: str
    popen: subprocess.Popen[bytes]
    log: Path

    @property
    def said(self) -> str:
        """What it printed until now, on both streams."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    @property
    def alive(self) -> bool:
        return self.popen.poll() is None

    def signal(self, number: signal.Signals) -> None:
        self.popen.send_signal(number)

    def kill(self) -> None:
        """SIGKILL: no handler, no `finally`, no goodbye."""
        self.popen.kill()
        self.popen.wait(PATIENCE)

    def end(self, seconds: float = PATIENCE) -> Ended:
        """Wait for its end."""
        try:
            code = self.popen.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.host} did not end in {seconds:g} s: {self.said}") from None
        return Ended(code, self.said, self.said)


@dataclass
class Site:
    """Where the hosts are: one folder on this machine's disk, one ledger, one service."""

    folder: Path
    sim: Simulator
    server: Server
    dsn: str
    processes: list[Process] = field(default_factory=list)
    lines: dict[str, Line] = field(default_factory=dict)

    @property
    def books(self) -> Books:
        """What the simulator wrote down."""
        return self.sim.books

    @property
    def port(self) -> int:
        """Where the simulator listens."""
        return int(self.sim.url.rpartition(":")[2])

    def record(self, count: int, folder: str = "media", seconds: int = 12) -> list[Path]:
        """So many recordings, each with a sound of its own; a cent each."""
        return [wav(self.folder / folder / f"r{number:03}.wav", seconds) for number in range(1, count + 1)]

    def environ(self, host: str, **more: str) -> dict[str, str]:
        """What a command on a host finds."""
        line = self.lines.get(host)
        here = self.dsn if line is None else self.dsn.replace("127.0.0.1", line.here)
        return {
            **os.environ,
            "AUDIOPOD_API_KEY": self.sim.key,
            "AUDIOPOD_BASE_URL": self.sim.url,
            "EARMARK_LEDGER": here,
            "EARMARK_HOST": host,
            "XDG_STATE_HOME": str(self.folder / "state" / host),
            "COLUMNS": "120",
            **more,
        }

    def start(self, host: str, *words: str, skew: float = 0.0, **more: str) -> Process:
        """Start a command on a host whose clock is ahead by `skew` seconds."""
        command = [str(COMMANDS / words[0]), *words[1:]]
        if skew:
            command = [sys.executable, "-c", SKEWED, str(skew), *words]
        log = self.folder / f"{host}-{len(self.processes)}.log"
        line = self.lines.get(host)
        with log.open("wb") as out:
            popen = subprocess.Popen(
                [*(line.words() if line else ()), *command],
                cwd=self.folder,
                env=self.environ(host, **more),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        self.processes.append(Process(host, popen, log))
        return self.processes[-1]

    def done(self, *words: str, host: str = "desk", **rest: Any) -> Ended:
        """Do a command on a host, to its end."""
        return self.start(host, *words, **rest).end()

    def planned(self, count: int, *words: str) -> None:
        """Recordings, and a plan for them."""
        self.record(count)
        line = ("plan", "media", "--service", "transcription", "-q", *words)
        code, _, err = typed(self.folder, line, self.environ("desk"), PATIENCE)
        assert code == 0, err

    def worker(self, host: str, *words: str, root: str = "media", **rest: Any) -> Process:
        """A worker on a host; returns once the fleet knows it."""
        made = self.start(host, "earmark", "worker", "--root", root, "--output", "results", *words, **rest)
        until(lambda: not made.alive or self.ask(f"SELECT 1 FROM workers WHERE host = '{host}'"))
        assert made.alive, made.said
        return made

    def run(self, host: str = "desk", *words: str, **rest: Any) -> Process:
        """A run of the manifest, which offers it to all."""
        cap = () if "--max-spend" in words else ("--max-spend", f"{CAP / 100:.2f}")
        return self.start(host, "run", "manifest.yaml", *cap, *words, **rest)

    def ask(self, question: str) -> list[tuple[Any, ...]]:
        """Ask the ledger, past all of the code that writes it; nothing while it cannot be reached."""
        try:
            with psycopg.connect(self.dsn, connect_timeout=2) as connection:
                return connection.execute(question.encode()).fetchall()
        except psycopg.Error:
            return []

    def states(self) -> dict[str, int]:
        """How many lines are in which state."""
        return dict(
            self.ask(
                "SELECT t.state, count(*) FROM items i JOIN parts t ON t.purchase_id = i.purchase_id"
                " GROUP BY 1"
            )
        )

    def held_by(self, host: str, state: str) -> int:
        """How many attempts in this state a host sees through."""
        (row,) = self.ask(
            "SELECT count(*) FROM attempts a JOIN runs r ON r.id = a.driver"
            f" WHERE r.host = '{host}' AND a.state = '{state}'"
        ) or [(0,)]
        return int(row[0])

    def shifts_of(self, *hosts: str) -> set[int]:
        """The shifts that these hosts have."""
        named = ", ".join(f"'{each}'" for each in hosts)
        return {
            number
            for (number,) in self.ask(
                "SELECT s.id FROM shifts s JOIN runs r ON r.id = s.run_id"
                f" WHERE s.state = 'taken' AND r.host IN ({named})"
            )
        }

    def shifts_over(self) -> set[int]:
        """The shifts that nobody has to work on any more."""
        return {number for (number,) in self.ask("SELECT id FROM shifts WHERE state = 'done'")}

    def all_saved(self, count: int) -> bool:
        """Whether so many lines are saved, and no other is left."""
        return self.states() == {"saved": count}

    def age(self, host: str, seconds: float = 3600.0) -> None:
        """Let time pass for the leases of a host alone: those that give no sign of life any more are over."""
        with psycopg.connect(self.dsn) as connection:
            connection.execute(
                "UPDATE runs SET lease_until = lease_until - %s WHERE host = %s AND ended IS NULL",
                (seconds, host),
            )
            connection.execute(
                "UPDATE workers SET seen = seen - %s WHERE host = %s AND ended IS NULL", (seconds, host)
            )

    def cut_connections(self) -> int:
        """Have the server end every connection of ours; how many there were."""
        rows = self.server.do(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            f" WHERE datname = '{self.dsn.rpartition('/')[2]}' AND pid <> pg_backend_pid()"
        )
        return len(rows)

    # -- what must hold

    def view(self) -> accounts.LedgerView:
        """The ledger's bare tables, of one moment."""
        with psycopg.connect(self.dsn) as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            return accounts.view_of(connection)

    def check_at_any_time(self) -> None:
        """Nothing paid twice, no cap passed: by the service's own books as well as by the ledger."""
        found = audit.at_any_time(self.view(), self.books)
        assert found.clean, found

    def watch(self, process: Process, seconds: float = 3 * PATIENCE) -> Ended:
        """Wait for a command's end, and look at both accounts all the time."""
        ends = time.monotonic() + seconds
        while process.alive and time.monotonic() < ends:
            with suppress(psycopg.Error):  # the ledger is out of reach now and then, on purpose
                self.check_at_any_time()
            time.sleep(0.1)
        return process.end(1.0)

    def see_through(self, process: Process, count: int) -> int:
        """The run ends well, and all is as it should be; how many answers were lost for good.

        Those of a host that was lost before the last piece of a file went: nobody can know that.
        """
        ended = self.watch(process)
        assert ended.code in (0, 7), ended.out
        doubts = self.check_at_the_end(count)
        assert ended.code == (7 if doubts else 0), ended.out
        return doubts

    def check_at_the_end(self, count: int) -> int:
        """Everything bought once, and saved; the service's books are ours; nothing is lost or left.

        What stays in doubt never arrived: whatever did is found by its token. How many do.
        """
        view, books = self.view(), self.books
        found = audit.at_the_end(view, books, list(view.caps))
        assert found.clean, found
        states = self.states()
        doubts = states.pop("in doubt", 0)
        assert states == {"saved": count - doubts}
        assert len(books.jobs) == count - doubts
        arrived = {job.order.token for job in books.jobs}
        assert not arrived & {each.token for each in view.attempts if each.state == "in doubt"}
        assert books.spent_cents + doubts == sum(cap.committed for cap in view.caps.values())
        assert len(list((self.folder / "results").glob("r*.txt"))) == count - doubts
        return doubts


@contextmanager
def site(folder: Path, sim: Simulator, server: Server, dsn: str) -> Iterator[Site]:
    """A site, whose processes all end with it."""
    made = Site(folder, sim, server, dsn)
    try:
        yield made
    finally:
        for each in made.processes:
            if each.alive:
                each.popen.kill()
            each.popen.wait(PATIENCE)
