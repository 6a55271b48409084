"""What a run that was taken for lost still knows for sure: the numbers that the service answered with.

By then its submits are in doubt. An answer that came all the same is proof, whoever drives them now: it is
written down without the lease, and nothing else is.
"""

from collections.abc import Iterable
from contextlib import suppress

from manifests.states import State
from runner.engine.writes import Write
from runner.ledger.interface import AlreadyLive, Ledger, LedgerUnwritable
from runner.ledger.rows import Move


def keep_answers(ledger: Ledger, unsaved: Iterable[Write]) -> int:
    """Clear the doubts that these writes, which came too late, have the answers to; how many."""
    answers = [write for write in unsaved if isinstance(write, Move) and write.job_id]
    ledger.run_id = ledger.lease = None
    kept = 0
    for answer in answers:
        with suppress(LedgerUnwritable, AlreadyLive), ledger.transaction():
            if ledger.to_change(answer.attempt_id).state is State.IN_DOUBT:
                ledger.move(answer)
                kept += 1
    return kept
