"""The report of a manifest as the ledger has it: while a run is under way, too, or before there was one."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from earmark.counting import ON_ITS_WAY
from earmark.reports import around
from earmark.reports.document import Besides, Earlier, FateSum, Following, Item, Report
from earmark.reports.gathering import Gathering
from earmark.reports.kept import Kept
from earmark.reports.lazily import Made, Remade
from earmark.reports.of_run import fate_sum, item_of, step, whole
from earmark.reports.timeline import moment
from earmark.run_outcome import WORDS, also
from earmark.run_sums import Sum, credits_rest, rest, sums
from earmark.screens.money import both, credits_
from earmark.screens.status import asked_of, following
from earmark.screens.words import some
from earmark.standing import Standing, as_planned, standing
from manifests.budget import Amounts
from manifests.exits import Exit
from manifests.manifest import Manifest
from manifests.money import Cents, show
from manifests.stored import Location
from manifests.text_file import ManifestFile
from runner.ledger.interface import Ledger
from runner.ledger.runs import RunRow
from runner.options import NO_CREDITS
from runner.pieces import Pieces, count_of, held, is_plain
from runner.report import Fate, ItemReport, RunReport
from runner.reporting import ManyReports
from runner.tally import End, Tally

SENDING = "sending"
"""The fate of what is on its way up while a run is under way."""

RUNS = 20
"""Runs that are told."""

FROM = 10_000
"""Lines from which on they are looked at again each time, and never all in memory."""


def report_of(
    plan: Manifest | ManifestFile,
    path: Path,
    output: Location,
    ledger: Ledger | None,
    taken: Callable[[str], bool],
    now: datetime,
    notes: Kept = Kept(),  # noqa: B008 - frozen
    heed: Callable[[], None] = lambda: None,
) -> Report:
    """The document. That of a large manifest reads it and the ledger while its items are gone through.

    Args:
        plan: the manifest.
        path: where it lies.
        output: its results folder.
        ledger: of this wallet; None where there is none.
        taken: whether a run of a manifest is under way.
        now: with its zone.
        notes: what its plan kept beside it.
        heed: called before each item; what it raises ends this.

    Raises:
        ManifestError: result names clash or lead out of the results folder.
    """
    look = _large if count_of(plan) >= FROM and is_plain(plan) else _small
    found, items, sending, gathering = look(plan, path, output, ledger, taken, heed)
    run = found.report
    told = following(found, asked_of(found, plan.head.cap))
    sums_ = gathering.found()
    return whole(
        run,
        items,
        sums_,
        "report",
        plan.head,
        now,
        running=found.busy,
        exit_=int(run.exit),
        outcome="running" if found.busy else WORDS[run.exit] if found.known else "never run",
        sentence=_sentence(found, len(items)),
        also=[around.ending(code) for code in also(run)] if found.known else [],
        fates=[*map(fate_sum, sums(run)), *_sending(sending)],
        besides=_besides(run, sending),
        runs=[] if ledger is None else [_earlier(each) for each in ledger.runs(plan.head.id)[-RUNS:]],
        next=Following(*([step(each) for each in way] for way in told)),
        planned=notes.planned,
        notes=[*run.notes, *notes.notes],
    )


def _sentence(found: Standing, items: int) -> str:
    """Such as: 37 of 40 items done, $3.12 of $4.00 spent, $0.21 in doubt."""
    run, head = found.report, "A run is under way: " if found.busy else ""
    money, account = run.amounts, run.credits
    if not (found.known or found.busy):
        return f"{some(items, 'item')}, never run; its cap is {both(money.cap, account.cap)}."
    parts = [f"{head}{run.count(Fate.SAVED):,} of {some(items, 'item')} done"]
    if money.cap or money.committed or not account.cap:
        parts += _purse(money, f"{show(money.spent)} of {show(money.cap)}", show)
    if account.cap or account.committed:
        parts += _purse(account, f"{account.spent:,} of {credits_(account.cap)}", credits_)
    return f"{', '.join(parts)}."


def _purse(purse: Amounts, spent: str, shown: Callable[[Cents], str]) -> Iterator[str]:
    yield f"{spent} spent"
    if purse.reserved:
        yield f"{shown(purse.reserved)} reserved"
    if purse.in_doubt:
        yield f"{shown(purse.in_doubt)} in doubt"


def _earlier(run: RunRow) -> Earlier:
    known = run.exit is not None and run.exit in set(Exit)
    return Earlier(
        started=moment(run.started),
        ended=None if run.ended is None else moment(run.ended),
        exit=run.exit,
        outcome=WORDS[Exit(run.exit)] if known and run.exit is not None else None,
    )


def _besides(run: RunReport, sending: End) -> Besides:
    """What belongs to no item; what is on its way up is in no sum of the run, but belongs to its items."""
    cents, account = rest(run), credits_rest(run)
    mine, of_account = sending.cents, sending.credits
    return Besides(
        cents.spent - mine.charged,
        cents.held - mine.held,
        account.spent - of_account.charged,
        account.held - of_account.held,
    )


def _sending(end: End) -> list[FateSum]:
    return [fate_sum(Sum(end), SENDING)] if end.items else []


_Look = tuple[Standing, Collection[Item], End, Gathering]


def _small(
    plan: Manifest | ManifestFile,
    path: Path,
    output: Location,
    ledger: Ledger | None,
    taken: Callable[[str], bool],
    heed: Callable[[], None],
) -> _Look:
    """All lines in memory, looked at once."""
    heed()
    found = standing(held(plan), path, output, ledger, taken)
    items = [*map(item_of, found.report.items), *(item_of(each, SENDING) for each in found.under_way)]
    sending, gathering = End(Fate.WAITING), Gathering()
    for told in found.under_way:
        sending.add(told)
    for item in items:
        gathering.add(item)
    return found, items, sending, gathering


def _large(
    plan: Manifest | ManifestFile,
    path: Path,
    output: Location,
    ledger: Ledger | None,
    taken: Callable[[str], bool],
    heed: Callable[[], None],
) -> _Look:
    """Some lines at a time: once for the sums, and again whenever somebody goes through the items."""
    head = plan.head
    pieces = Pieces(plan, path.absolute().parent, head.rates)
    busy = taken(head.id)  # first: a run that ends in between leaves nothing on its way
    cap = None if ledger is None else ledger.stored_cap(head.id)
    amounts, account = Amounts(plan.ceiling if head.cap is None else head.cap), NO_CREDITS
    reports: Collection[ItemReport] = Remade(lambda: _as_planned(pieces), len(pieces))
    if ledger is not None and cap is not None:
        amounts, account = ledger.amounts(head.id), ledger.credits(head.id)
        reports = ManyReports(ledger, head.id, pieces, {}, skip_changed=False, output=output)

    def made(told: ItemReport) -> Item:
        heed()
        return item_of(told, SENDING if busy and told.state in ON_ITS_WAY else "")

    tally, sending, gathering = Tally(), End(Fate.WAITING), Gathering()
    for told in reports:
        item = made(told)
        (sending if item.fate == SENDING else tally.of_fate(told.fate)).add(told)
        gathering.add(item)
    run = RunReport(path, output, _Tallied(reports, tally), amounts, credits=account)
    return Standing(run, busy=busy, known=cap is not None), Made(reports, made), sending, gathering


def _as_planned(pieces: Pieces) -> Iterator[ItemReport]:
    return (as_planned(line) for piece in pieces.each() for line in piece.lines)


@dataclass(frozen=True, slots=True)
class _Tallied:
    """Items with their sums (`runner.tally.Tallied`), but for those on their way up."""

    of: Collection[ItemReport]
    tally: Tally = field(compare=False)

    def __len__(self) -> int:
        return sum(end.items for end in self.tally.ends)

    def __iter__(self) -> Iterator[ItemReport]:
        return iter(self.of)

    def __contains__(self, one: object) -> bool:
        return any(one == each for each in self)
