"""Where a manifest stands, from the ledger alone: no service is asked, nothing is written."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from pathlib import Path

from earmark.counting import ON_ITS_WAY, Counted, counted
from earmark.hosts_standing import HostsStanding
from earmark.pace import Pace
from earmark.run_sums import Sum, sum_of, sums
from manifests.budget import Amounts
from manifests.manifest import Item, Manifest
from manifests.money import ZERO, Cents
from manifests.stored import Location
from manifests.text import read_head
from runner.ledger.interface import Ledger
from runner.lines import Line, lines_of
from runner.options import NO_CREDITS
from runner.report import Fate, ItemReport, RunReport
from runner.reporting import item_reports, unbought


@dataclass(frozen=True, slots=True)
class Standing:
    """One manifest as of now; amounts in cents."""

    report: RunReport  # what a run that ended now would say, without what is on its way
    busy: bool  # a run is under way
    known: bool  # it was run before
    under_way: Collection[ItemReport] = ()  # on their way up, while a run is under way
    counted: bool = False  # in the ledger: neither lines nor results were looked at
    pace: Pace | None = None  # of the run that is under way
    hosts: HostsStanding | None = None  # that share the work

    @property
    def items(self) -> int:
        """All items."""
        return len(self.report.items) + len(self.under_way)

    @property
    def sending(self) -> Sum | None:
        """The sum of what is on its way up."""
        if not self.under_way:
            return None
        if isinstance(self.under_way, Counted):
            return Sum(self.under_way.tally.end(Fate.WAITING))
        return sum_of(Fate.WAITING, self.under_way)

    @property
    def sums(self) -> list[Sum]:
        """One sum for each end that any item came to."""
        return sums(self.report)


def at_once(
    path: Path, output: Location, ledger: Ledger | None, taken: Callable[[str], bool]
) -> Standing | None:
    """Count it in the ledger, where the manifest is large and as its last run met it; else None.

    Args:
        path: of the manifest, of which the head alone is read.
        output: its results folder.
        ledger: of this wallet; None where there is none.
        taken: whether a run of a manifest is under way.

    Raises:
        ManifestError: its head cannot be read.
    """
    head = read_head(path)
    busy = taken(head.id)  # first: a run that ends in between leaves nothing on its way
    found = counted(path, head, ledger, busy=busy)
    if found is None:
        return None
    items, under_way = found
    cap = None if ledger is None else ledger.stored_cap(head.id)
    if ledger is None or cap is None:
        amounts, credits_ = Amounts(Cents(head.total.ceiling) if head.cap is None else head.cap), NO_CREDITS
    else:
        amounts, credits_ = ledger.amounts(head.id), ledger.credits(head.id)
    report = RunReport(path, output, items, amounts, credits=credits_)
    return Standing(report, busy=busy, known=cap is not None, under_way=under_way, counted=True)


def standing(
    manifest: Manifest,
    path: Path,
    output: Location,
    ledger: Ledger | None,
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
        report = RunReport(path, output, [as_planned(line) for line in lines], amounts)
        return Standing(report, busy=taken(head.id), known=False)
    # The lock is looked at first: a run that ends in between leaves nothing on its way.
    busy = taken(head.id)
    items = item_reports(ledger, head.id, lines, {}, skip_changed=False, output=output)
    sending = [item for item in items if busy and item.state in ON_ITS_WAY]
    amounts, credits_ = ledger.amounts(head.id), ledger.credits(head.id)
    report = RunReport(path, output, _without(items, sending), amounts, credits=credits_)
    return Standing(report, busy=busy, known=True, under_way=sending)


def as_planned(line: Line) -> ItemReport:
    """A line that no run has met, at the plan's own price: what was paid before costs nothing."""
    item, in_credits = line.item, line.product.currency == "credits"
    return replace(
        unbought(line),
        expected=Cents(item.credits if in_credits else item.cents),
        ceiling=Cents(item.credits_ceiling if in_credits else item.ceiling),
        saved=line.expected if item.paid else ZERO,
        shared=item.paid,
        paid_before=item.paid and not is_twin(item),
    )


def is_twin(item: Item) -> bool:
    """Whether another line of its manifest pays for the same audio, as the plan noted."""
    return item.paid and (item.note or "").startswith("same ")


def _without(items: list[ItemReport], others: list[ItemReport]) -> list[ItemReport]:
    gone = set(map(id, others))
    return [item for item in items if id(item) not in gone]
