"""A line on stderr for each request to the service: `run -vv`."""

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, TextIO

from earmark.item_lines import HEAD
from earmark.terminal import printable, write_out

if TYPE_CHECKING:
    from runner.api.heard import Heard

_MS = 1000


class RequestLines:
    """Keeps what any thread hears until the main one, which draws the bar, has it written."""

    def __init__(
        self, pause: Callable[[], AbstractContextManager[None]], stream: TextIO | None = None
    ) -> None:
        self._pause, self._stream = pause, stream
        self._heard: SimpleQueue[Heard] = SimpleQueue()

    def hear(self, heard: "Heard") -> None:
        """One request; from any thread."""
        self._heard.put(heard)

    def write(self) -> None:
        """Write what was heard since the last time."""
        lines: list[str] = []
        while True:
            try:
                lines.append(_line(self._heard.get_nowait()))
            except Empty:
                break
        if lines:
            with self._pause():
                write_out("".join(lines), self._stream or sys.stderr)


def _line(heard: "Heard") -> str:
    """`call      GET /api/v1/transcription/jobs  200  12 ms`."""
    status = "no answer" if heard.status is None else str(heard.status)
    took = f"{heard.seconds * _MS:,.0f} ms"
    return f"{'call':<{HEAD}}{heard.method} {printable(heard.place)}  {status}  {took}\n"
