"""What a host does at the bell, whichever queue rings it."""

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol, TypeAlias

Handle: TypeAlias = Callable[[int | None], None]
"""Works on one shift, by its id; without one on any that waits."""

Recover: TypeAlias = Callable[[], Iterable[int]]
"""Fences what is dead; the ids of all shifts that wait."""

Look: TypeAlias = Callable[[], bool]
"""Whether a shift waits that this host may take."""

Tell: TypeAlias = Callable[[str], None]
"""Hears a sentence for people."""


class Asked(Protocol):
    """Whether something was asked for, such as a `threading.Event`."""

    def is_set(self) -> bool:
        """Whether it was."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often a host does what; seconds."""

    recovers: str = "* * * * * */5"  # as croniter reads it (the sixth field is seconds); once for all hosts
    looks: float = 2.0  # whether the recovery is due, of which no notification tells
    glances: float = 3.0  # whether a shift waits here of which another host made nothing
    polls: float = 5.0  # whether a shift waits of which no notification told
    sign_of_life: float = 5.0  # of a worker, in the queue
    lost: float = 20.0  # without a sign: its jobs are nobody's
    unlocks: float = 10.0  # whether a recovery died with its lock: it could not recover itself
    patience: float = 3.0  # for a connection
    reconnects: float = 1.0  # between two tries while the database is away
    grace: float = 1.0  # at the end, to give back a bell that was just taken
    clock_jump: float = 5.0  # a clock set by more than this: the recovery's times are counted anew


USUAL = Rhythm()


def nothing() -> bool:
    """Nothing waits."""
    return False


@contextmanager
def silent(*names: str) -> Iterator[None]:
    """Libraries log what is told here in a sentence: nothing of theirs reaches a screen."""
    loggers = [logging.getLogger(name) for name in names]
    nowhere = logging.NullHandler()
    kept = [each.propagate for each in loggers]
    for each in loggers:
        each.addHandler(nowhere)
        each.propagate = False
    try:
        yield
    finally:
        for each, propagates in zip(loggers, kept, strict=True):
            each.removeHandler(nowhere)
            each.propagate = propagates
