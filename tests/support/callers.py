"""Many callers on one ledger at once: each reserves, submits, loses, settles and gives back at random."""

import random
import threading
import time
from collections.abc import Generator, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from manifests.money import Cents
from manifests.states import State
from runner.api.interface import UsageRow
from runner.ledger import billing
from runner.ledger.interface import OverTheCap
from runner.ledger.rows import Move, NewItem, Reservation
from runner.ledger.sqlite.ledger import SqliteLedger

SERVICE = "transcription"
MANIFEST = "m1"

GAP = 0.001
"""Seconds between two looks of a watcher."""

ENDS = ("well", "well", "well", "cheaper", "failed", "cut", "refused", "lost", "lost and made")
"""What becomes of a reservation; each is drawn alike."""

_WITHOUT_A_JOB = {
    "cut": (State.UPLOADING, State.PLANNED),
    "refused": (State.UPLOADING, State.SENDING, State.REJECTED),
    "lost": (State.UPLOADING, State.SENDING, State.IN_DOUBT),
}


def opened(path: Path) -> SqliteLedger:
    """A connection of a caller's own; whether a write survives a power cut is not what is tried here."""
    ledger = SqliteLedger(path, time.time)
    ledger.db.execute("PRAGMA synchronous = OFF")
    return ledger


def prepared(path: Path, count: int, cap: int) -> None:
    """A ledger with a manifest of so many items, nothing of it bought, part numbers from 1."""
    ledger = opened(path)
    keys = [f"{number:032x}" * 2 for number in range(count)]
    with ledger.transaction():
        ledger.put_manifest(MANIFEST, path.parent / "m.yaml", Cents(cap))
        ledger.put_items(
            MANIFEST,
            [
                NewItem(f"l{n}", f"{n}.mp3", 1, "p", "b", "{}", key, key, SERVICE, "{}", 0, n)
                for n, key in enumerate(keys)
            ],
        )
    ledger.close()


def ceiling_of(part: int) -> int:
    """Mixed prices: from one cent to two dollars."""
    return random.Random(part).choice((1, 1, 2, 5, 9, 31, 60, 200))


@dataclass
class Shop:
    """The books of a service in this process: what its jobs hold and what they were charged."""

    held: int = 0
    charged: int = 0
    most: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def change(self, held: int = 0, charged: int = 0) -> None:
        """A job begins or ends."""
        with self._lock:
            self.held += held
            self.charged += charged
            self.most = max(self.most, self.held + self.charged)


def call(path: Path, parts: Iterable[int], seed: int, shop: Shop | None = None) -> int:
    """One caller: try to buy each of these parts; how many the cap refused."""
    ledger, rng, refused = opened(path), random.Random(seed), 0
    try:
        for part in parts:
            try:
                _buy(ledger, part, rng.choice(ENDS), shop or Shop())
            except OverTheCap:
                refused += 1
    finally:
        ledger.close()
    return refused


def _buy(ledger: SqliteLedger, part: int, end: str, shop: Shop) -> None:
    ceiling = ceiling_of(part)
    expected = max(1, ceiling - 1)
    with ledger.transaction():
        token = f"ek-{part:016x}-{0:016x}"
        wish = Reservation(part, MANIFEST, SERVICE, token, Cents(expected), Cents(ceiling))
        attempt = ledger.reserve(wish)
    if end in _WITHOUT_A_JOB:
        _move(ledger, attempt, *_WITHOUT_A_JOB[end])
        return
    shop.change(held=expected)
    _move(ledger, attempt, State.UPLOADING, State.SENDING)
    if end == "lost and made":
        _move(ledger, attempt, State.IN_DOUBT)
        return
    _move(ledger, attempt, State.SUBMITTED, job=str(part))
    if end == "failed":
        shop.change(held=-expected)
        _move(ledger, attempt, State.FAILED, State.RELEASED)
        return
    charge = max(1, expected // 2) if end == "cheaper" else expected
    shop.change(held=-expected, charged=charge)
    _move(ledger, attempt, State.FINISHED)
    with ledger.transaction():
        billing.add_rows(ledger, [UsageRow(f"row {part}", SERVICE, Cents(charge), 60, str(part))])


def _move(ledger: SqliteLedger, attempt: int, *states: State, job: str | None = None) -> None:
    """Each state in a transaction of its own, as a run writes them."""
    for state in states:
        with ledger.transaction():
            ledger.move(Move(attempt, state, "", job if state is State.SUBMITTED else None))


def committed(path: Path, manifest_id: str = MANIFEST) -> Generator[int]:
    """What counts against a manifest's cap, time and again, as another process would see it."""
    ledger = opened(path)
    try:
        while True:
            yield ledger.amounts(manifest_id).committed
    finally:
        ledger.close()


class Watcher:
    """Looks at an amount again and again, in a thread of its own, while something goes on."""

    def __init__(self, looks: Generator[int], gap: float = GAP) -> None:
        """`looks` gives the amount; all of it runs in the watcher's thread, every `gap` seconds."""
        self._amounts, self._gap, self._over = looks, gap, threading.Event()
        self.looks = self.most = 0
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        last = False
        while not last:
            last = self._over.wait(self._gap)
            self.most = max(self.most, next(self._amounts))
            self.looks += 1
        self._amounts.close()
