"""The ends of a run on a ledger that many hosts share."""

import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from earmark.terminal import printable, write_out

if TYPE_CHECKING:
    from runner.fleet.ends import FleetEnds
    from runner.ledger.interface import Ledger


def fleet_of(ledger: "Ledger") -> "FleetEnds | None":
    """What a run needs to share its work; None where the ledger is one machine's."""
    from runner.ledger.sqlite.ledger import SqliteLedger

    if isinstance(ledger, SqliteLedger):
        return None
    from runner.executors.ringing import ring
    from runner.fleet.ends import FleetEnds
    from runner.fleet.shift import take
    from runner.ledger.postgres.ledger import PostgresLedger

    assert isinstance(ledger, PostgresLedger)
    dsn = ledger.dsn

    def connect() -> "Ledger":
        return PostgresLedger(dsn, time.time, purpose="shift")

    return FleetEnds(connect, take, ring)


def saying(pause: Callable[[], AbstractContextManager[None]], *, quiet: bool) -> Callable[[str], None]:
    """Says a sentence on stderr while a run goes on; `pause` leaves the terminal to it."""

    def say(text: str) -> None:
        if not quiet:
            with pause():
                write_out(f"run: {printable(text)}\n", sys.stderr)

    return say
