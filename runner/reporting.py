"""The report of a run, read from the ledger: what is durable is what is said."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from manifests.money import ZERO, Cents
from manifests.states import State
from manifests.stored import Location, is_stored
from runner import voices
from runner.bits import Bits
from runner.ledger.interface import Ledger
from runner.ledger.rows import AttemptRow, ItemRow, ResultRow
from runner.lines import Line
from runner.pieces import Pieces
from runner.prepare import Stale
from runner.report import FATES, Fate, ItemReport
from runner.results import place
from runner.stored_results import seems_there


def item_reports(
    ledger: Ledger,
    manifest_id: str,
    lines: Iterable[Line],
    stale: Mapping[str, Stale],
    *,
    skip_changed: bool,
    output: Location | None = None,
) -> list[ItemReport]:
    """One report a line, in the manifest's order.

    Results that are no longer where they were saved are looked for under `output`: folders are moved.
    """
    every = list(lines)
    reasons = {key: each.reason for key, each in stale.items()}
    desk = Reporter(ledger, manifest_id, reasons, skip_changed=skip_changed, output=output)
    return list(desk.reports(every, ledger.items(manifest_id)))


class Reporter:
    """Makes reports of lines, some at a time; lines that share a purchase are told apart by their order."""

    def __init__(
        self,
        ledger: Ledger,
        manifest_id: str,
        stale: Mapping[str, str],
        *,
        skip_changed: bool,
        output: Location | None = None,
    ) -> None:
        """`stale` says why, by the key of a line."""
        self._ledger, self._id, self._output = ledger, manifest_id, output
        self._stale, self._skip_changed = stale, skip_changed
        self._paid = Bits()  # parts whose first line has been met

    def reports(self, lines: Sequence[Line], rows: Iterable[ItemRow]) -> Iterator[ItemReport]:
        """One report a line; `rows` are what the ledger knows of them."""
        known = {row.line: row for row in rows}
        changed = voices.outdated(known.values(), {line.key: line for line in lines})
        for line in lines:
            row = known.get(line.key)
            report = (
                unbought(line)
                if row is None or line.key in changed
                else _known(self._ledger, self._id, line, row, self._paid, self._output)
            )
            yield _stale(report, self._stale.get(line.key), skip_changed=self._skip_changed)


@dataclass(frozen=True, slots=True)
class ManyReports:
    """One report a line of a large manifest, made anew each time they are gone through."""

    ledger: Ledger
    manifest_id: str
    pieces: Pieces
    stale: Mapping[str, str]
    skip_changed: bool
    output: Location

    def __iter__(self) -> Iterator[ItemReport]:
        desk = Reporter(
            self.ledger,
            self.manifest_id,
            self.stale,
            skip_changed=self.skip_changed,
            output=self.output,
        )
        for piece in self.pieces.each():
            rows = self.ledger.items_of(self.manifest_id, [line.key for line in piece.lines])
            yield from desk.reports(piece.lines, rows)

    def __len__(self) -> int:
        return len(self.pieces)

    def __contains__(self, item: object) -> bool:
        return any(item == each for each in self)


def waiting_ceilings(lines: Iterable[Line], reports: Iterable[ItemReport]) -> Cents:
    """The most that the wallet may have to pay for what waits, if the lines cost what they say here."""
    waiting = (
        line.ceiling
        for line, report in zip(lines, reports, strict=True)
        if report.fate is Fate.WAITING and not report.shared and report.currency == "cents"
    )
    return Cents(sum(waiting))


def unbought(line: Line) -> ItemReport:
    """A line that the ledger does not know."""
    return ItemReport(
        file=line.label,
        service=line.product.name,
        fate=Fate.WAITING,
        reason="",
        expected=line.expected,
        ceiling=line.ceiling,
        charged=None,
        held=ZERO,
        shared=line.item.paid,  # as planned: paid before, or by an equal line
        job_id="",
        results=(),
        ms=line.item.ms,
        currency=line.product.currency,
        grade=line.item.grade.value,
        size=line.item.size,
    )


def _known(
    ledger: Ledger, manifest_id: str, line: Line, row: ItemRow, paid: Bits, output: Location | None
) -> ItemReport:
    """A line that the ledger knows; the first line of a purchase carries its money."""
    attempt = row.attempt
    others = attempt is not None and attempt.manifest_id != manifest_id
    # What another manifest tried and did not send is for this one to pay.
    before = others and row.state is not State.PLANNED
    shared = row.part_id in paid or before
    money = None if shared or others else attempt
    paid.add(row.part_id)
    service = line.product.service.name
    kept = ledger.results(row.item_id)
    results = [_where(result, service, row.base, output) for result in kept]
    fate = FATES[row.state]
    near = (path for path, result in zip(results, kept, strict=True) if not _is_elsewhere(result, ledger))
    if fate is Fate.SAVED and not (results and all(map(seems_there, near))):
        fate = Fate.NOT_SAVED
    return ItemReport(
        file=line.label,
        service=line.product.name,
        fate=fate,
        reason=row.reason if row.state is not State.SUBMITTED else "",
        expected=line.expected,
        ceiling=line.ceiling,
        charged=_charge(money),
        held=ZERO if money is None else money.hold,
        shared=shared,
        job_id=attempt.job_id if attempt else "",
        results=tuple(results),
        state=row.state,
        ms=line.item.ms,
        currency=line.product.currency,
        tries=row.tries,
        since=attempt.changed if attempt else None,
        grade=line.item.grade.value,
        size=line.item.size,
        paid_before=before,
        saved=line.expected if shared else ZERO,
    )


def _where(result: ResultRow, service: str, base: str, output: Location | None) -> str:
    """Where a result lies: where it was saved, or in the same place under the results folder of now."""
    if output is None or is_stored(result.path) or Path(result.path).exists():
        return result.path
    moved = place(output, service, base, result.name)
    return str(moved) if seems_there(str(moved)) else result.path


def _is_elsewhere(result: ResultRow, ledger: Ledger) -> bool:
    """Whether a result is on the disk of another host, where nobody here can look."""
    return bool(result.host) and result.host != ledger.host


def _charge(attempt: AttemptRow | None) -> Cents | None:
    if attempt is None:
        return None
    return attempt.charge


def _stale(report: ItemReport, reason: str | None, *, skip_changed: bool) -> ItemReport:
    if reason is None or report.fate is not Fate.WAITING:
        return report
    fate = Fate.SKIPPED if skip_changed else Fate.STALE
    return replace(report, fate=fate, reason=reason)
