"""Ctrl-C that is heard even where a library swallows it.

Python raises KeyboardInterrupt wherever the main thread happens to be. Inside a callback from C,
such as those through which soundfile reads, it is printed and forgotten.
"""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Never

from manifests.exits import Exit


@contextmanager
def heeded() -> Iterator[Callable[[], None]]:
    """Remember Ctrl-C; calling the answer raises KeyboardInterrupt if there was one. Main thread only."""
    came: list[int] = []

    def deliver(number: int, _frame: object) -> Never:
        came.append(number)
        raise KeyboardInterrupt

    def check() -> None:
        if came:
            raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, deliver)
    try:
        yield check
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def stoppable() -> Iterator[None]:
    """Signals end what is inside at once: nothing is under way, and nobody else reads them here."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, _leave)
    try:
        yield
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)


def _leave(_number: int, _frame: object) -> None:
    sys.exit(int(Exit.TERMINATED))
