"""What runs in the process behind `guard`: C libraries read foreign bytes here, and take nothing else down.

One JSON object a line comes in, one goes out. The process ends with its parent: when its input is closed,
or, while a library hangs, by an alarm that needs no Python.
"""

import io
import json
import signal
import sys
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib import import_module
from typing import Any, TextIO

WORK: Mapping[str, tuple[str, str]] = {
    "media": ("planner.lengths.media_end", "seen"),
    "soundfile": ("planner.lengths.soundfile_end", "seen"),
    "quiet": ("planner.lengths.soundfile_end", "quiet"),
    "media_quiet": ("planner.lengths.media_quiet", "quiet"),
}
"""What can be asked for -> the module that loads the library, and its function."""

GRACE_SECONDS = 5
"""The parent ends a reader that is late; should it be gone itself, the alarm does, this much later."""

PIECE_BYTES = 1 << 20
"""Of an object, asked for at a time; the parent gives no more, whatever is asked."""

MEMORY_BYTES = 4 << 30
"""Address space; a healthy file takes a tenth of it, a crafted header may ask for anything."""


def serve(lines: TextIO = sys.stdin, answers: TextIO = sys.stdout) -> None:
    """Answer requests until there are no more."""
    for line in lines:
        request = json.loads(line)
        given = request["with"]
        if given and isinstance(given[0], int):  # the size of an object in place of a path
            given[0] = Asked(given[0], lines, answers)
        with _alarm(request["seconds"] + GRACE_SECONDS):
            answer = _answer(request)
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def main() -> None:
    """Serve the parent, within bounds."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _bound_memory()
    with suppress(BrokenPipeError):
        serve()


class Asked:
    """An object in a store: its bytes are asked of the parent, which holds the credentials."""

    def __init__(self, size: int, lines: TextIO, answers: TextIO) -> None:
        self._size, self._lines, self._answers = size, lines, answers
        self._place = 0

    def read(self, count: int | None = -1, /) -> bytes:
        """At most so many bytes, fewer only at the end."""
        rest = max(0, self._size - self._place)
        wanted = rest if count is None or count < 0 else min(count, rest)
        found = bytearray()
        while len(found) < wanted:
            piece = self._piece(min(wanted - len(found), PIECE_BYTES))
            if not piece:
                break
            found += piece
        return bytes(found)

    def _piece(self, count: int) -> bytes:
        self._answers.write(json.dumps({"read": [self._place, count]}) + "\n")
        self._answers.flush()
        data = b64decode(self._lines.readline())
        self._place += len(data)
        return data

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """As files do."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._size}[whence]
        self._place = max(0, base + offset)
        return self._place

    def tell(self) -> int:
        """Where the next read begins."""
        return self._place


def _answer(request: Mapping[str, Any]) -> dict[str, Any]:
    try:
        module, function = WORK[request["do"]]
        work: Callable[..., dict[str, Any]] = getattr(import_module(module), function)
        return {"found": work(*request["with"])}
    except ImportError as error:
        return {"missing": str(error)}
    except Exception as error:  # noqa: BLE001 - the parent says it, and nothing else may end the process
        return {"failed": _words(error)}


def _words(error: Exception) -> str:
    """What a library says, without the path that it puts before or after."""
    for name in ("strerror", "error_string"):
        if words := getattr(error, name, None):
            return str(words)
    return str(error) or type(error).__name__


@contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    """Ends the process after so many seconds, also within a library that never comes back."""
    signal.setitimer(signal.ITIMER_REAL, seconds)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)


def _bound_memory() -> None:
    import resource

    with suppress(ValueError, OSError):  # a lower bound stands already
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
