"""The ends of a run in the real world: service, ledger, locks, files, signals, the question on a terminal."""

import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from earmark.wallet_choice import Whose
from earmark.wallet_ends import BASE_URL, SESSION, account, set_key

if TYPE_CHECKING:
    from runner.api.heard import Hear
    from runner.api.interface import JobApi
    from runner.inputs import Probes
    from runner.ledger.interface import Ledger
    from runner.ledger.places import Place
    from runner.locks import Locks
    from runner.tempo import Tempo


TEXTS = 8
"""Texts kept in memory: the parts of one are sent one after the other."""

READ_PATIENCE = 12.0
"""Seconds over all repeats of one read; the engine looks again later, and knows when to stop."""


def service(
    environ: Mapping[str, str], tempo: "Tempo | None" = None, hear: "Hear | None" = None
) -> "Callable[[], JobApi]":
    """The client, made when it is first needed; its reads keep to the tempo, and `hear` is told of requests.

    Calling the answer raises KeyRefused where there is no key: what needs no service works without one.
    """
    # now, before the run hears signals: one that comes while Python makes a class is no KeyboardInterrupt
    import runner.api.client  # noqa: F401

    @cache
    def made() -> "JobApi":
        return account(environ, READ_PATIENCE, tempo, hear)

    return made


def ledger_place(environ: Mapping[str, str]) -> "Place":
    """The ledger of the wallet that this environment's address and key name."""
    first, key = first_place(environ), set_key(environ)
    if not key or not isinstance(first, Path):
        return first

    from runner.ledger.identity import place_of

    return place_of(first, key, time.time)


def first_place(environ: Mapping[str, str]) -> "Place":
    """The ledger of the first wallet that was used at this environment's address."""
    from runner.api.address import DEFAULT_BASE
    from runner.ledger import places

    return places.first_place(environ.get(BASE_URL) or DEFAULT_BASE, environ)


def ledger_file(environ: Mapping[str, str]) -> Path | None:
    """The file of that ledger, to be kept from being written over; None where it is on a server."""
    place = ledger_place(environ)
    return place if isinstance(place, Path) else None


@contextmanager
def opened(environ: Mapping[str, str], whose: Whose = Whose.ASK) -> "Iterator[tuple[Ledger, Locks]]":
    """The ledger and its locks, given back at the end.

    Raises:
        AnotherKey: the ledger was made with another key, and nobody says that it is the same wallet's.
        MachineError: the ledger cannot be used.
    """
    from runner.ledger import identity, places

    place, key = ledger_place(environ), set_key(environ)
    if key and whose is Whose.NEW and isinstance(place, Path):
        place = identity.for_new_wallet(place, key, time.time)
    ledger = places.open_ledger(place, time.time)
    locks = ledger.locks()
    try:
        if key:
            identity.admit(ledger, key, lambda: whose is Whose.SAME or _is_same_wallet(ledger.place))
        yield ledger, locks
    finally:
        ledger.close()
        locks.release()


def _is_same_wallet(ledger: str) -> bool:
    """Ask once, where a person is there to answer."""
    if not may_ask():
        return False
    from earmark.terminal import printable

    return click.confirm(
        f"The ledger {printable(ledger)} was made with another key. Is this a key of the same wallet?",
        err=True,
    )


@contextmanager
def reading(environ: Mapping[str, str]) -> "Iterator[tuple[Ledger | None, Locks]]":
    """The ledger to look into, also while a run writes it; None where there is none yet."""
    from runner.file_locks import FileLocks

    ledger = looked_into(environ)
    if ledger is None:
        yield None, FileLocks(Path(str(ledger_place(environ))).parent / "locks")
        return
    locks = ledger.locks()
    try:
        yield ledger, locks
    finally:
        ledger.close()
        locks.release()


def looked_into(environ: Mapping[str, str]) -> "Ledger | None":
    """The ledger opened for reading, to be closed by whoever asked; None where there is none yet.

    Raises:
        MachineError: it cannot be read.
    """
    from runner.ledger import places
    from runner.ledger.store import NoLedgerYet

    place = ledger_place(environ)
    if not places.is_there(place):
        return None
    try:
        return places.look_into(place, time.time)
    except NoLedgerYet:
        return None


def probes() -> "Probes":
    """Looking at files, which is the planner's trade; a text of many parts is not read for each of them."""
    from functools import lru_cache

    from manifests import catalogue
    from planner import prompts, texts
    from planner.probe import probe, sha256
    from runner.inputs import Probes

    music = next(each for each in catalogue.load().services if "prompt" in each.accepts)
    return Probes(
        probe,
        sha256,
        text=lru_cache(maxsize=TEXTS)(texts.spoken),
        prompts=lru_cache(maxsize=TEXTS)(lambda path: prompts.prints(path, music)),
    )


def server(environ: Mapping[str, str]) -> str:
    """The service's host and port."""
    from urllib.parse import urlsplit

    from runner.api.address import DEFAULT_BASE

    return urlsplit(environ.get(BASE_URL) or DEFAULT_BASE).netloc.rpartition("@")[2].lower()


def logged_in(environ: Mapping[str, str]) -> bool:
    """Whether there is a session token, which services that credits pay need (docs/api.md 16)."""
    return bool(environ.get(SESSION, "").strip())


def join(parts: Sequence[Path], target: Path) -> None:
    """Put sound files together (`earmark.joining`)."""
    from earmark.joining import join as join_sounds

    join_sounds(parts, target)


def on_signals(deliver: Callable[[int], None]) -> None:
    """SIGINT and SIGTERM become events of the run from now on."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, partial(_deliver, deliver))


def _deliver(deliver: Callable[[int], None], number: int, _frame: object) -> None:
    deliver(number)


def may_ask() -> bool:
    """Whether a person is there to answer."""
    return sys.stdin.isatty() and sys.stderr.isatty()
