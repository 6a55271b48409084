"""The accounts looked at again and again while runs are under way."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from earmark.chaos import audit
from earmark.chaos.audit import Findings
from earmark.chaos.house import House

EVERY = 0.25
"""Seconds between two looks."""


@dataclass(slots=True)
class Watch:
    """What the looks have found so far."""

    findings: Findings = field(default_factory=Findings)
    looks: int = 0


@contextmanager
def watching(house: House) -> Iterator[Watch]:
    """Look as long as the context lasts."""
    watch, over = Watch(), threading.Event()
    failed: list[BaseException] = []

    def look() -> None:
        try:
            while not over.wait(EVERY):
                # The ledger first: of what it has the books know by then.
                ledger = house.ledger()
                watch.findings += audit.at_any_time(ledger, house.books())
                watch.looks += 1
        except BaseException as error:  # noqa: BLE001 - told below: a watch that fell asleep proves nothing
            failed.append(error)

    thread = threading.Thread(target=look, name="watch", daemon=True)
    thread.start()
    try:
        yield watch
    finally:
        over.set()
        thread.join()
    if failed:
        raise failed[0]
