"""`earmark status --watch`: look again and again until the run ends; the run does not notice."""

import time
from collections.abc import Callable
from typing import TextIO

from earmark.terminal import Terminal, write_out

EVERY = 2.0
"""Seconds between two looks."""

_HOME, _REST, _LINE = "\x1b[H", "\x1b[J", "\x1b[K"


def watch(
    look: Callable[[], tuple[str, bool]],
    stdout: TextIO,
    terminal: Terminal,
    *,
    lines: Callable[[], int],
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Show what `look` says until no run is under way: drawn over on a terminal, else the end alone.

    Ctrl-C ends the watching, and nothing else.

    Args:
        look: the screen, and whether a run is under way.
        stdout: where it is shown.
        terminal: what that can show.
        lines: how many lines it has now.
        sleep: waits.
    """
    if terminal.redraws:
        write_out(_HOME + _REST, stdout)
    try:
        text, busy = look()
        while busy:
            if terminal.redraws:
                write_out(_drawn(text, lines()), stdout)
            sleep(EVERY)
            text, busy = look()
    except KeyboardInterrupt:
        if terminal.redraws:
            write_out("\n", stdout)
        return
    write_out(_HOME + _REST + text if terminal.redraws else text, stdout)


def _drawn(text: str, lines: int) -> str:
    """The screen over the one before; what does not fit stays away."""
    rows = text.splitlines()[: max(1, lines - 1)]
    return _HOME + "".join(f"{row}{_LINE}\n" for row in rows) + _REST
