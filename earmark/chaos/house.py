"""A simulator in a process of its own, a ledger, and the commands that are typed there."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from earmark.chaos import commands
from earmark.chaos.accounts import LedgerView, read_books, read_ledger
from earmark.chaos.commands import Ended, Started
from manifests.errors import MachineError

if TYPE_CHECKING:
    import httpx

    from simulator import Books

CREDITS = 1_000_000
WALLET = "100"
"""What the simulated account has to begin with; dollars."""

START = 30.0
"""Seconds that a slow machine may take to start the simulator."""

OURS = ("AUDIOPOD_", "EARMARK_")
"""How the variables begin that a command of the selftest must not inherit."""


@dataclass(slots=True)
class House:
    """One wallet: its simulator, its ledger, its folder."""

    folder: Path
    url: str
    http: "httpx.Client"
    environ: Mapping[str, str]
    nursery: commands.Nursery

    def ledger(self) -> LedgerView:
        """The ledger now."""
        return read_ledger(self.folder / "ledger.db")

    def books(self) -> "Books":
        """The simulator's books now."""
        return read_books(self.raw_books())

    def raw_books(self) -> bytes:
        """The same as JSON."""
        return self._asked("GET", "/_sim/books")

    def script(self, scenario: Mapping[str, Any]) -> None:
        """Set what goes wrong from now on."""
        self._asked("POST", "/_sim/scenario", dict(scenario))

    def refill(self, cents: int) -> None:
        """Set what is free in the wallet."""
        self._asked("POST", "/_sim/wallet", {"set_cents": cents})

    def _asked(self, method: str, path: str, data: object = None) -> bytes:
        answer = self.http.request(method, f"{self.url}{path}", json=data)
        if not answer.is_success:
            raise MachineError(f"the simulator says {answer.status_code} to {path}: {answer.text}")
        return answer.content

    def start(self, *words: str, **environ: str) -> Started:
        """Start a command."""
        return self.nursery.start(words, {**self.environ, **environ})

    def do(self, *words: str) -> Ended:
        """Do a command to its end."""
        return self.start(*words).end()


@contextmanager
def opened(folder: Path) -> Iterator[House]:
    """A house in an empty folder; its simulator ends with the context."""
    import httpx

    inherited = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    with (
        _simulator(inherited) as exports,
        httpx.Client(trust_env=False, timeout=30.0) as http,
        commands.opened(folder) as nursery,
    ):
        environ = {**inherited, **exports, "EARMARK_LEDGER": str(folder / "ledger.db"), "COLUMNS": "120"}
        yield House(folder, exports["AUDIOPOD_BASE_URL"], http, environ, nursery)


@contextmanager
def _simulator(environ: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """A simulator; the variables that make commands talk to it."""
    words = ["simulate", "--port", "0", "--wallet", WALLET, "--credits", str(CREDITS), "-q"]
    process = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-P", "-m", "earmark", *words],
        env=dict(environ),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,  # Ctrl-C is for the selftest, which ends it then
    )
    try:
        yield _exports(process)
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate()


def _exports(process: "subprocess.Popen[str]") -> dict[str, str]:
    """What a simulator prints first: `export NAME=VALUE`, a few of them."""
    import shlex

    assert process.stdout is not None
    found: dict[str, str] = {}
    give_up = time.monotonic() + START
    while "AUDIOPOD_SESSION_TOKEN" not in found:
        line = process.stdout.readline()
        if not line or time.monotonic() > give_up:
            process.kill()
            reason = process.communicate()[1].strip()
            raise MachineError(f"the simulator does not start: {reason or 'it says nothing'}")
        for word in shlex.split(line.removeprefix("export ")):
            name, _, value = word.partition("=")
            found[name] = value
    return found
