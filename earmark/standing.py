"""Where a manifest stands, from the ledger alone: no service is asked, nothing is written."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from earmark.run_sums import Sum, sums
from manifests.budget import Amounts
from manifests.manifest import Manifest
from manifests.money import ZERO, Cents
from manifests.states import State
from runner.ledger.sqlite import SqliteLedger
from runner.lines import Line, lines_of
from runner.report import Fate, ItemReport, RunReport
from runner.reporting import item_reports

_ON_ITS_WAY = frozenset({State.RESERVED, State.UPLOADING, State.SENDING})


@dataclass(frozen=True, slots=True)
class Standing:
    """One manifest as of now; amounts in cents."""

    report: RunReport  # what a run that ended now would say, without what is on its way
    sending: Sum | None  # on its way up, while a run is under way
    busy: bool  # a run is under way
    known: bool  # it was run before

    @property
    def items(self) -> int:
        """All items."""
        return len(self.report.items) + (len(self.sending.items) if self.sending else 0)

    @property
    def sums(self) -> list[Sum]:
        """One sum for each end that any item came to."""
        return sums(self.report)


def standing(
    manifest: Manifest,
    path: Path,
    output: Path,
    ledger: SqliteLedger | None,
    taken: Callable[[str], bool],
) -> Standing:
    """Read it from the ledger.

    Args:
        manifest: as it was read from `path`.
        path: where it lies.
        output: its results folder, absolute or as seen from here.
        ledger: of this wallet; None where there is none.
        taken: whether a run of a manifest is under way.

    Raises:
        ManifestError: result names clash or lead out of the results folder.
    """
    head = manifest.head
    lines = lines_of(manifest, path.absolute().parent, head.rates)
    cap = None if ledger is None else ledger.stored_cap(head.id)
    if ledger is None or cap is None:
        amounts = Amounts(manifest.ceiling if head.cap is None else head.cap)
        report = RunReport(path, output, [_as_planned(line) for line in lines], amounts)
        return Standing(report, None, busy=taken(head.id), known=False)
    # The lock is looked at first: a run that ends in between leaves nothing on its way.
    busy = taken(head.id)
    items = item_reports(ledger, head.id, lines, {}, skip_changed=False, output=output)
    sending = [item for item in items if busy and item.state in _ON_ITS_WAY]
    amounts, credits_ = ledger.amounts(head.id), ledger.credits(head.id)
    report = RunReport(path, output, _without(items, sending), amounts, credits=credits_)
    return Standing(report, Sum(sending[0].fate, sending) if sending else None, busy=busy, known=True)


def _as_planned(line: Line) -> ItemReport:
    """A line that no run has met, at the plan's own price: what was paid before costs nothing."""
    in_credits = line.product.currency == "credits"
    return ItemReport(
        file=line.item.path,
        service=line.product.name,
        fate=Fate.WAITING,
        reason="",
        expected=Cents(line.item.credits if in_credits else line.item.cents),
        ceiling=Cents(line.item.credits_ceiling if in_credits else line.item.ceiling),
        charged=None,
        held=ZERO,
        shared=False,
        job_id="",
        results=(),
        ms=line.item.ms,
        currency=line.product.currency,
    )


def _without(items: list[ItemReport], others: list[ItemReport]) -> list[ItemReport]:
    gone = set(map(id, others))
    return [item for item in items if id(item) not in gone]
