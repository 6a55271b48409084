"""The ledger, whichever store keeps it.

Every method that writes belongs inside `transaction()`; the engine's loop opens one a turn, so
that all of a turn's transitions are durable, or none is, before any action is taken.
"""

from runner.ledger.attempts import Attempts
from runner.ledger.caps import Caps
from runner.ledger.fleet import Fleet
from runner.ledger.items import Items
from runner.ledger.lately import LatelyDone
from runner.ledger.runs import Runs
from runner.ledger.speech import Speech
from runner.ledger.spending import Spending
from runner.ledger.store import AlreadyLive, LeaseLost, LedgerUnwritable, NoLedgerYet, OverTheCap
from runner.ledger.sums import LineSums

__all__ = ["AlreadyLive", "LeaseLost", "Ledger", "LedgerUnwritable", "NoLedgerYet", "OverTheCap"]


class Ledger(Caps, Runs, Items, LineSums, Fleet, Attempts, Speech, Spending, LatelyDone):
    """One wallet's ledger; used by one thread."""
