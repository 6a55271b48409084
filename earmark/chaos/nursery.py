"""Commands without the start of Python: a process that has the program loaded, and forks for each of them.

    python -m earmark.chaos.nursery

It reads one JSON document a line on stdin, and writes one a line on stdout. Each command is a process of
its own, which goes through the front door as one that is typed does, and can be killed like any other;
only that starting one takes milliseconds, so that a minute of chaos holds many more of them.
"""

import gc
import json
import os
import selectors
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Never

import click

from earmark.chaos.hasty import hurry

COMMANDS = ("plan", "run", "fetch", "reconcile")


def main() -> int:
    """Serve until stdin ends."""
    _load()
    woken, wake = os.pipe()
    for end in (woken, wake):
        os.set_blocking(end, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake)
    children: set[int] = set()
    with selectors.DefaultSelector() as selector:
        selector.register(0, selectors.EVENT_READ)
        selector.register(woken, selectors.EVENT_READ)
        buffer = b""
        while True:
            ready = {key.fd for key, _ in selector.select()}
            if woken in ready:
                os.read(woken, 4096)
                _reap(children)
            if 0 in ready:
                piece = os.read(0, 1 << 16)
                if not piece:
                    return _end(children)
                *lines, buffer = (buffer + piece).split(b"\n")
                for line in lines:
                    _obey(json.loads(line), children)


def _load() -> None:
    """Import what commands import when they run, and shorten their waits."""
    hurry()
    import runner.api.client
    import runner.start  # noqa: F401
    from earmark.main import load
    from earmark.run_ends import probes
    from manifests import catalogue

    for name in COMMANDS:
        load(name)
    probes()
    catalogue.load()
    gc.freeze()


def _obey(request: dict[str, Any], children: set[int]) -> None:
    """Start a command, or send a signal to one that has not ended."""
    if "signal" in request:
        if request["pid"] in children:
            os.kill(request["pid"], request["signal"])
        return
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # until the child is the command
    pid = os.fork()
    if pid == 0:
        _be(request)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    children.add(pid)
    _tell({"started": request["id"], "pid": pid})


def _reap(children: set[int]) -> None:
    """Tell which commands have ended, and how."""
    for pid in list(children):
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            children.discard(pid)
            _tell({"ended": pid, "code": os.waitstatus_to_exitcode(status)})


def _tell(what: dict[str, Any]) -> None:
    os.write(1, json.dumps(what).encode() + b"\n")


def _end(children: set[int]) -> int:
    """Nobody is there any more: leave nothing running."""
    for pid in children:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    return 0


def _be(request: dict[str, Any]) -> Never:
    """Become the command that was asked for."""
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for number, path, flags in (
            (0, os.devnull, os.O_RDONLY),
            (1, request["out"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC),
            (2, request["err"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC),
        ):
            os.dup2(os.open(path, flags, 0o600), number)
        os.environ.clear()
        os.environ.update(request["environ"])
        os.chdir(Path(request["cwd"]))
        code = _typed(request["words"])
    except BaseException:  # noqa: BLE001 - whatever it is must not get back into the nursery
        sys.excepthook(*sys.exc_info())
    finally:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):
                stream.flush()
        os._exit(code)


def _typed(words: Sequence[str]) -> int:
    from earmark.main import through_the_door

    return int(through_the_door("earmark", _command, list(words)))


def _command() -> click.Command:
    """The command, which hears Ctrl-C from now on."""
    from earmark.main import group

    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    return group


if __name__ == "__main__":
    sys.exit(main())
