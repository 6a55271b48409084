"""What somebody types, done in the test's own process: no start of Python, no imports, the same front door.

What only a process of its own has - signals, kills, a terminal, closed streams - is typed with `Bench.start`.
"""

import os
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from functools import partial
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any, Never
from unittest.mock import patch

from earmark.main import group, load, through_the_door
from runner.api import client

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)


def typed(
    folder: Path, words: tuple[str, ...], environ: Mapping[str, str], patience: float
) -> tuple[int, bytes, bytes]:
    """The exit code of a command, its stdout and its stderr; stdin is empty and nothing is a terminal.

    A command that does not end in so many seconds ends as a bug does, with a message that says so.
    """
    out, err = _stream(), _stream()
    program, *arguments = words
    with _as_in_a_shell(folder, environ, patience), redirect_stdout(out), redirect_stderr(err):
        code = through_the_door(
            program,
            lambda: group if program == "earmark" else load(program),
            [str(word) for word in arguments],
        )
    return code, _written(out), _written(err)


@contextmanager
def _as_in_a_shell(folder: Path, environ: Mapping[str, str], patience: float) -> Iterator[None]:
    """Everything of this process that a command finds or leaves different."""
    handlers = {number: signal.getsignal(number) for number in SIGNALS}
    with ExitStack() as stack:
        stack.callback(os.chdir, Path.cwd())
        for number, handler in handlers.items():
            stack.callback(signal.signal, number, handler)
        stack.callback(signal.setitimer, signal.ITIMER_REAL, 0)
        stack.enter_context(
            patch.object(client, "AudioPod", partial(_closed_at_the_end, stack, client.AudioPod))
        )
        stack.enter_context(patch.dict(os.environ, environ, clear=True))
        stack.enter_context(patch.object(sys, "stdin", stack.enter_context(Path(os.devnull).open())))
        os.chdir(folder)
        signal.signal(signal.SIGALRM, _too_long)
        signal.setitimer(signal.ITIMER_REAL, patience)
        yield


def _closed_at_the_end(stack: ExitStack, kind: type[client.AudioPod], *words: Any, **rest: Any) -> Any:
    """A client whose connections end with the command, as those of a process do."""
    return stack.enter_context(kind(*words, **rest))


def _too_long(_number: int, _frame: object) -> Never:
    raise AssertionError("the command did not end")


def _stream() -> TextIOWrapper:
    return TextIOWrapper(BytesIO(), encoding="utf-8", write_through=True)


def _written(stream: TextIOWrapper) -> bytes:
    buffer = stream.detach()
    assert isinstance(buffer, BytesIO)
    return buffer.getvalue()
