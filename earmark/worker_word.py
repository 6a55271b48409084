"""When a worker is to end: a signal, or no run that offers anything; and what it tells."""

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from earmark.screens.words import some
from earmark.terminal import printable, write_out
from manifests.exits import Exit
from runner.fleet.worker import Worker

LOOKS, LISTENS = 1.0, 0.1
"""Seconds between two looks whether any run offers anything, and whether another signal came."""

HURRY = 3.0
"""Seconds after a second signal in which what is quick may still end."""


def tell(line: str) -> None:
    """A line for people."""
    write_out(f"worker: {printable(line)}\n", sys.stderr)


class Word:
    """When a worker is to end: a signal, or no run that offers anything."""

    def __init__(self, *, until_idle: bool) -> None:
        self.stop, self.over = threading.Event(), threading.Event()
        self._until_idle, self._signals = until_idle, list[int]()

    @property
    def exit(self) -> Exit:
        """The exit code that says why it ended."""
        return Exit(128 + self._signals[0]) if self._signals else Exit.DONE

    @contextmanager
    def heeded(self) -> Iterator[None]:
        """Until the process has given back all that it holds: a server that is away may keep it long."""
        try:
            yield
        finally:
            self.over.set()

    def came(self, number: int, worker: Worker) -> None:
        """A signal, in its handler: nothing is told here, which might be amid telling something else."""
        self._signals.append(number)
        self.stop.set()
        worker.interrupt(number)

    def watch(self, worker: Worker) -> None:
        """Look whether anything is left, until it is to stop; then, whether a second signal hurries it."""
        while not self.stop.wait(LOOKS):
            if self._until_idle and worker.is_idle():
                tell("no run offers anything any more")
                self.stop.set()
        if self._signals and worker.under_way:
            tell(f"{some(worker.under_way, 'shift')} to end first; the same signal again leaves at once")
        while not self.over.wait(LISTENS):
            if len(self._signals) > 1:
                if not self.over.wait(HURRY):
                    tell("left at once: what was under way goes on elsewhere")
                    os._exit(self.exit)
                return
