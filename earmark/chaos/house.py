"""A simulator in a process of its own, a ledger, and the commands that are typed there."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from earmark.chaos.accounts import LedgerView, read_books, read_ledger
from manifests.errors import MachineError

if TYPE_CHECKING:
    import httpx

    from simulator import Books

PATIENCE = 90.0
"""Seconds after which a command that does not end is a fault of the program."""

CREDITS = 1_000_000
WALLET = "100"
"""What the simulated account has to begin with; dollars."""

START = 30.0
"""Seconds that a slow machine may take to start the simulator."""

OURS = ("AUDIOPOD_", "EARMARK_")
"""How the variables begin that a command of the selftest must not inherit."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A command that ended, or was made to."""

    words: tuple[str, ...]
    code: int
    out: str
    err: str

    @property
    def hung(self) -> bool:
        """Whether it had to be ended since it did not end by itself."""
        return self.code == HUNG


HUNG = -1000


@dataclass(slots=True)
class House:
    """One wallet: its simulator, its ledger, its folder."""

    folder: Path
    url: str
    http: "httpx.Client"
    environ: Mapping[str, str]
    crashes: dict[str, int] = field(default_factory=dict)

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

    def start(self, *words: str, **environ: str) -> "Started":
        """Start a command; what it prints goes to files, since nobody may be there to read it."""
        return Started(words, self, environ)

    def do(self, *words: str) -> Ended:
        """Do a command to its end."""
        return self.start(*words).end()


class Started:
    """A command under way."""

    def __init__(self, words: tuple[str, ...], house: House, environ: Mapping[str, str]) -> None:
        self.words = words
        self._out, self._err = (house.folder / f".{id(self)}.{name}" for name in ("out", "err"))
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-P", "-m", "earmark.chaos.hasty", *words],
                cwd=house.folder,
                env={**house.environ, **environ},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
            )

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def wait(self, seconds: float) -> None:
        """Wait so long, or until it has ended."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)

    def send(self, number: int) -> None:
        """Send a signal, if it still runs."""
        self._process.send_signal(number)

    def end(self, patience: float = PATIENCE) -> Ended:
        """Wait for its end; what does not end is killed."""
        hung = False
        try:
            self._process.wait(patience)
        except subprocess.TimeoutExpired:
            hung = True
            self._process.kill()
            self._process.wait()
        texts = [path.read_text(encoding="utf-8", errors="replace") for path in (self._out, self._err)]
        for path in (self._out, self._err):
            path.unlink()
        return Ended(self.words, HUNG if hung else self._process.returncode, *texts)


@contextmanager
def opened(folder: Path) -> Iterator[House]:
    """A house in an empty folder; its simulator ends with the context."""
    import httpx

    inherited = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    with _simulator(inherited) as exports, httpx.Client(trust_env=False, timeout=30.0) as http:
        environ = {**inherited, **exports, "EARMARK_LEDGER": str(folder / "ledger.db"), "COLUMNS": "120"}
        yield House(folder, exports["AUDIOPOD_BASE_URL"], http, environ)


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
