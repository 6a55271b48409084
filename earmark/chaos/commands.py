"""Commands under way, each a process that a nursery has forked."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from manifests.errors import MachineError

PATIENCE = 90.0
"""Seconds after which a command that does not end is a fault of the program."""

START = 30.0
"""Seconds that a slow machine may take to start a command."""

HUNG = -1000
"""The exit code of what had to be ended since it did not end by itself."""


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


class Started:
    """A command under way."""

    def __init__(self, nursery: "Nursery", words: tuple[str, ...], out: Path, err: Path) -> None:
        self._nursery, self._words, self._out, self._err = nursery, words, out, err
        self._started, self._ended = threading.Event(), threading.Event()
        self._pid = self._code = 0

    def began(self, pid: int) -> None:
        """It has a number now."""
        self._pid = pid
        self._started.set()

    def ended(self, code: int) -> None:
        """It is over."""
        self._code = code
        self._ended.set()

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return not self._ended.is_set()

    def wait(self, seconds: float) -> None:
        """Wait so long, or until it has ended."""
        self._ended.wait(seconds)

    def send(self, number: int) -> None:
        """Send a signal, if it still runs."""
        if not self._started.wait(START):
            raise MachineError("no command starts any more")
        self._nursery.ask({"pid": self._pid, "signal": int(number)})

    def end(self, patience: float = PATIENCE) -> Ended:
        """Wait for its end; what does not end is killed."""
        hung = not self._ended.wait(patience)
        if hung:
            self.send(signal.SIGKILL)
            self._ended.wait(START)
        texts = [path.read_text(encoding="utf-8", errors="replace") for path in (self._out, self._err)]
        for path in (self._out, self._err):
            path.unlink()
        return Ended(self._words, HUNG if hung else self._code, *texts)


class Nursery:
    """Starts commands in a folder, and hears how they end."""

    def __init__(self, process: "subprocess.Popen[str]", folder: Path) -> None:
        self._process, self._folder = process, folder
        self._numbers = count(1)
        self._waiting: dict[int, Started] = {}
        self._running: dict[int, Started] = {}
        self._ears = threading.Thread(target=self._listen, name="nursery", daemon=True)
        self._ears.start()

    def start(self, words: tuple[str, ...], environ: Mapping[str, str]) -> Started:
        """Start a command; what it prints goes to files, since nobody may be there to read it."""
        number = next(self._numbers)
        out, err = (self._folder / f".{number}.{name}" for name in ("out", "err"))
        for path in (out, err):
            path.touch()
        started = self._waiting[number] = Started(self, words, out, err)
        told = {"words": words, "environ": dict(environ), "cwd": str(self._folder)}
        self.ask({"id": number, "out": str(out), "err": str(err), **told})
        return started

    def ask(self, what: dict[str, Any]) -> None:
        """One line to the nursery."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(what) + "\n")
        self._process.stdin.flush()

    def close(self) -> None:
        """End all that was started."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._ears.join()
        self._process.stdout.close()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            told = json.loads(line)
            if "started" in told:
                started = self._running[told["pid"]] = self._waiting.pop(told["started"])
                started.began(told["pid"])
            else:
                self._running.pop(told["ended"]).ended(told["code"])


@contextmanager
def opened(folder: Path) -> Iterator[Nursery]:
    """A nursery; all that it started ends with the context."""
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "earmark.chaos.nursery"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=dict(os.environ),
        text=True,
        start_new_session=True,  # Ctrl-C is for the selftest, which ends it then
    )
    nursery = Nursery(process, folder)
    try:
        yield nursery
    finally:
        nursery.close()
