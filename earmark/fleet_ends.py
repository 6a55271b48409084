"""The ends of a run on a ledger that many hosts share."""

import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from earmark.terminal import printable, write_out

if TYPE_CHECKING:
    from runner.fleet.ends import FleetEnds
    from runner.ledger.interface import Ledger
    from runner.reading import Reader
    from runner.tempo import Tempo


@dataclass(frozen=True, slots=True)
class Side:
    """What a run's way to the service is like, by itself or beside others.

    Attributes:
        reads: the tempo of its client.
        reader: answers the engine's reads.
        fleet: what it needs to share its work; None where the ledger is one machine's.
    """

    reads: "Tempo"
    reader: "Reader"
    fleet: "FleetEnds | None" = None


def side_of(ledger: "Ledger", read_rate: float | None, stack: ExitStack) -> Side:
    """By itself or beside others, as the ledger is; what is opened for it ends with the stack.

    Args:
        ledger: of the run.
        read_rate: reads a second at most, as the run was told.
        stack: of the command.
    """
    from runner.ledger.sqlite.ledger import SqliteLedger
    from runner.reading import read
    from runner.tempo import LEAST_READS, Tempo

    if isinstance(ledger, SqliteLedger):
        return Side(Tempo(read_rate, floor=LEAST_READS), read)
    from runner.executors.ringing import ring
    from runner.fleet.ends import FleetEnds
    from runner.fleet.shift import take
    from runner.fleet.together import Together
    from runner.ledger.postgres.ledger import PostgresLedger

    assert isinstance(ledger, PostgresLedger)
    dsn = ledger.dsn

    def connect() -> "Ledger":
        return PostgresLedger(dsn, time.time, purpose="shift")

    together = Together(connect, read_rate)
    stack.callback(together.close)
    return Side(together.reads, together.reader, FleetEnds(connect, take, ring, rates=together.rates))


def saying(pause: Callable[[], AbstractContextManager[None]], *, quiet: bool) -> Callable[[str], None]:
    """Says a sentence on stderr while a run goes on; `pause` leaves the terminal to it."""

    def say(text: str) -> None:
        if not quiet:
            with pause():
                write_out(f"run: {printable(text)}\n", sys.stderr)

    return say
