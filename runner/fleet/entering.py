"""A run enters the fleet: its row with a lease, the cap that counts beside others, and what it offers."""

from collections.abc import Iterator
from dataclasses import dataclass

from manifests.budget import smallest_cap
from manifests.manifest import Head
from manifests.money import Cents
from runner.fleet.packing import pack_head
from runner.fleet.terms import ShiftTerms, decoded
from runner.fleet.watch import counted_cap
from runner.ledger.fleet_rows import Dispatch
from runner.ledger.interface import Ledger
from runner.ledger.paces import Kind
from runner.options import RunOptions


@dataclass(frozen=True, slots=True)
class Entered:
    """What a run is in the fleet; amounts in cents."""

    worker_id: int  # this process takes shifts, too
    dispatch_id: int | None  # None where nothing is bought
    asked: Cents  # the cap that was asked for
    cap: Cents  # that counts
    note: str  # why another one counts; empty where none does
    before: tuple[int, ...]  # dispatches of this manifest that are not over


def enter(
    ledger: Ledger, head: Head, options: RunOptions, ceiling: Cents, terms: ShiftTerms, lease: float
) -> Entered:
    """Begin a run of a manifest beside others; of their caps and its own the smallest counts.

    Args:
        ledger: of the wallet; from here on its turns are this run's, and fail once that is taken for lost.
        head: the manifest's.
        options: what was asked for.
        ceiling: the sum of the lines', which is the cap where nothing else says one.
        terms: go with each shift.
        lease: seconds for which the run counts as alive after a sign of life.
    """

    def entered() -> Entered:
        ledger.lease = None  # of a try that came to nothing
        return _enter(ledger, head, options, ceiling, terms, lease)

    return ledger.durably(entered)


def _enter(
    ledger: Ledger, head: Head, options: RunOptions, ceiling: Cents, terms: ShiftTerms, lease: float
) -> Entered:
    ledger.alone(f"enter {head.id}")  # each sees the caps of those that came before
    caps = () if options.only_collects else (*options.caps, head.cap)
    before = ledger.dispatches(head.id)
    asked = cap = smallest_cap(caps, ledger.stored_cap(head.id), ceiling)
    note = ""
    if not options.only_collects:
        cap, note = counted_cap(asked, _living(ledger, head.id))
    credits_ = _credits_cap(ledger, head.id, options.max_credits)
    ledger.put_manifest(head.id, options.manifest, cap, credits_)
    if credits_ and credits_ < (options.max_credits or 0):
        told = f"a living run allows {credits_:,} credits, which counts, not {options.max_credits:,}"
        note = f"{note}; {told}" if note else told
    if not ledger.waiting(head.id).shifts and not any(_living(ledger, head.id)):
        ledger.allot(head.id, 0)  # of a run that is gone
    worker_id = ledger.enter(options.by, [head.root])
    ledger.begin_run(head.id, options.by, lease, worker_id)
    dispatch_id = None
    if not options.only_collects:
        dispatch_id = ledger.begin_dispatch(head.id, pack_head(head), terms.encoded(), asked)
        _state_rates(ledger, options)
    return Entered(worker_id, dispatch_id, asked, cap, note, tuple(each.dispatch_id for each in before))


def _credits_cap(ledger: Ledger, manifest_id: str, asked: int | None) -> int | None:
    """What the manifest may cost in credits: of what is asked for and what living runs were told the least.

    None leaves what was allowed before, as a run does that spends none.
    """
    if not asked:
        return None
    lives = (each for each in ledger.dispatches(manifest_id) if _counts(ledger, each))
    return min([asked, *(told for each in lives if (told := decoded(each.options).max_credits))])


def _counts(ledger: Ledger, dispatch: Dispatch) -> bool:
    return dispatch.stopped is None and ledger.lives(dispatch.run_id)


def _state_rates(ledger: Ledger, options: RunOptions) -> None:
    """What this run was told of rates counts for all hosts together, while its dispatch lasts."""
    assert ledger.run_id is not None
    for kind, rate in ((Kind.SUBMIT, options.submit_rate), (Kind.READ, options.read_rate)):
        if rate is not None:
            ledger.state_rate(kind, ledger.run_id, rate)


def _living(ledger: Ledger, manifest_id: str) -> Iterator[tuple[Cents, str]]:
    """The caps that living runs of a manifest asked for, each with its host."""
    hosts = {run.run_id: run.by.host for run in ledger.runs(manifest_id)}
    for each in ledger.dispatches(manifest_id):
        if _counts(ledger, each):
            yield each.cap, hosts.get(each.run_id, "")


def lowest(ledger: Ledger, manifest_id: str) -> tuple[Cents, str] | None:
    """The smallest cap that a living run of a manifest asked for, with its host."""
    return min(_living(ledger, manifest_id), default=None)
