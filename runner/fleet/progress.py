"""How far a manifest is on all hosts together, by the sums that the ledger keeps."""

from manifests.states import State
from runner.ledger.interface import Ledger
from runner.options import Progress

_FAILED = frozenset({State.FAILED, State.RELEASED, State.FAILED_CHARGED, State.REJECTED, State.LOST})


def shared_progress(ledger: Ledger, manifest_id: str, phase: str, items: int) -> Progress:
    """What a bar shows; `items` are the lines of the manifest as it is now."""
    done = failed = running = 0
    for each in ledger.standings(manifest_id):
        if each.state is State.SAVED:
            done += each.items
        elif each.state is State.SUBMITTED:
            running += each.items
        elif each.state in _FAILED:
            failed += each.items
    return Progress(
        phase=phase,
        items=items,
        done=min(done, items),
        failed=failed,
        running=running,
        amounts=ledger.amounts(manifest_id),
        credits=ledger.credits(manifest_id),
    )
