"""Ctrl-C that is heard even where a library swallows it.

Python raises KeyboardInterrupt wherever the main thread happens to be. Inside a callback from C,
such as those through which soundfile reads, it is printed and forgotten.
"""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Never


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
