"""The progress of a run on stderr: items, running jobs, spent, reserved, left."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from earmark.terminal import Progress as Shown
from earmark.terminal import Terminal, progress
from manifests.money import show
from runner.options import Progress


class Listener:
    """Shows what the run tells."""

    def __init__(self, shown: Shown) -> None:
        self._shown, self._done = shown, 0

    def show(self, now: Progress) -> None:
        """Draw how far the run is."""
        self._shown.advance(now.done - self._done, note(now))
        self._done = now.done

    @contextmanager
    def pause(self) -> Iterator[None]:
        """Leave the terminal to a question."""
        self._shown.hide()
        yield


def note(now: Progress) -> str:
    """What stands beside the count."""
    amounts = now.amounts
    parts = [
        now.phase,
        f"{now.running:,} at the service" if now.running else "",
        f"{now.failed:,} failed" if now.failed else "",
        f"spent {show(amounts.spent)}",
        f"reserved {show(amounts.reserved)}",
        f"in doubt {show(amounts.in_doubt)}" if amounts.in_doubt else "",
        f"left {show(amounts.left)}",
    ]
    return ", ".join(filter(None, parts))


@contextmanager
def following(
    terminal: Terminal, items: int, *, quiet: bool, stream: TextIO | None = None
) -> Iterator[Listener]:
    """Progress while the run lasts; the line is cleared however it ends."""
    with progress(terminal, stream or sys.stderr, "run", unit="items", total=items, quiet=quiet) as shown:
        yield Listener(shown)
