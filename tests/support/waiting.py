"""Waiting for a condition, with a deadline; never for time."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
PATIENCE = 90.0
"""Seconds until something that should come soon fails the test, on a machine that has much else to do."""


def until(condition: Callable[[], T], seconds: float = PATIENCE, why: str = "") -> T:
    """What the condition gives as soon as it is true; what it raises counts as not yet."""
    ends = time.monotonic() + seconds
    last: object = None
    while True:
        try:
            last = found = condition()
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told below
            last, found = error, None
        if found:
            return found
        assert time.monotonic() < ends, f"never so in {seconds:g} s{why and ': '}{why} (last: {last!r})"
        time.sleep(0.02)
