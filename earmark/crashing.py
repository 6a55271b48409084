"""A crash at a named point, for tests: `EARMARK_CRASH_AT=after-reserve:2` (docs/guarantees.md)."""

import os
import signal
import threading
from collections.abc import Callable, Mapping

from earmark.wallet_ends import is_local
from manifests.errors import UsageError
from runner.points import Point, Reach, nowhere

CRASH_AT = "EARMARK_CRASH_AT"


def kill_myself() -> None:
    """No handler, no `finally`, no goodbye."""
    os.kill(os.getpid(), signal.SIGKILL)


def crashing(environ: Mapping[str, str], crash: Callable[[], None] = kill_myself) -> Reach:
    """What a run calls at its durable steps: it crashes at the one that the environment names.

    Only where the service is on this machine, as the simulator is: real money has no such switch.

    Raises:
        UsageError: there is no such point.
    """
    text = environ.get(CRASH_AT, "")
    if not text or not is_local(environ):
        return nowhere
    point, at = _read(text)
    lock = threading.Lock()  # points are reached by several threads
    reached = 0

    def reach(here: Point) -> None:
        nonlocal reached
        if here is point:
            with lock:
                reached += 1
                if reached == at:
                    crash()

    return reach


def _read(text: str) -> tuple[Point, int]:
    name, _, number = text.partition(":")
    if name not in set(Point) or not (number or "1").isdecimal() or number == "0":
        raise UsageError(f"{CRASH_AT}={text}: write NAME or NAME:N, with one of {', '.join(Point)}")
    return Point(name), int(number or "1")
