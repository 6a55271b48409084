"""The report of a run: what it came to, from its own values."""

from collections.abc import Collection
from datetime import datetime

from earmark import run_steps
from earmark.reports import around
from earmark.reports.around import MadeBy
from earmark.reports.document import (
    Besides,
    Credits,
    Effort,
    Elsewhere,
    FateSum,
    Following,
    HostPart,
    Item,
    Pilot,
    PilotRest,
    Purse,
    Refusal,
    Report,
    Shortage,
    Step,
    Stopped,
)
from earmark.reports.gathering import Gathered, gather
from earmark.reports.kept import Kept
from earmark.reports.lazily import Made
from earmark.reports.limits import refusal
from earmark.reports.texts import clean, path, written
from earmark.reports.timeline import moment
from earmark.run_outcome import WORDS, also
from earmark.run_sums import Sum, credits_rest, rest, sums, went_elsewhere
from earmark.run_values import Asked
from earmark.screens.run_words import headline
from manifests.budget import Decision
from manifests.manifest import Head
from manifests.tariff import in_dollars
from runner.piloting import Piloted
from runner.report import ItemReport, RunReport


def report_of(
    run: RunReport,
    asked: Asked,
    head: Head | None,
    now: datetime,
    notes: Kept = Kept(),  # noqa: B008 - frozen
) -> Report:
    """The document of a run that has ended.

    Args:
        run: what it came to.
        asked: the command.
        head: of its manifest.
        now: with its zone.
        notes: what its plan kept beside the manifest.
    """
    found = gather(map(item_of, run.each()))  # first: whoever asks for sums need not go through all again
    return whole(
        run,
        Made(run.items, item_of),
        found,
        "run",
        head,
        now,
        exit_=int(run.exit),
        outcome=WORDS[run.exit],
        sentence=headline(run, asked),
        also=[around.ending(code) for code in also(run)],
        fates=[fate_sum(each) for each in sums(run)],
        effort=_effort(run),
        next=following(run_steps.steps(run, asked)),
        planned=notes.planned,
        notes=[*run.notes, *notes.notes],
    )


def whole(
    run: RunReport,
    items: Collection[Item],
    found: Gathered,
    made_by: MadeBy,
    head: Head | None,
    now: datetime,
    **rest_: object,
) -> Report:
    """The fields that reports of runs and of standings share, and `rest_`."""
    beside, credits_beside = rest(run), credits_rest(run)
    return around.report(
        made_by,
        now,
        **{  # type: ignore[arg-type]  # each field is checked when the report is made
            "manifest": path(str(run.manifest)),
            "id": head and head.id,
            "root": head and head.root,
            "output": path(str(run.output)),
            "amounts": around.money(run.amounts),
            "credits": _credits(run),
            "besides": Besides(beside.spent, beside.held, credits_beside.spent, credits_beside.held),
            "services": found.services,
            "folders": found.folders,
            "timeline": found.timeline,
            "drift": found.drift,
            "wallet": _purse(run),
            "items": items,
            **rest_,
        },
    )


def item_of(told: ItemReport, fate: str = "") -> Item:
    """One item; where another line or manifest pays, it costs nothing here. `fate` in place of its own."""
    shown, raw = written(told.file)
    free = told.shared or told.paid_before
    return Item(
        file=shown,
        file_bytes=raw,
        service=told.service,
        fate=fate or told.fate.value,
        state=told.state.value,
        reason=clean(told.reason),
        ms=told.ms,
        grade=told.grade,
        bytes=told.size,
        currency=told.currency,
        expected=0 if free else told.expected,
        ceiling=0 if free else told.ceiling,
        charged=told.charged,
        held=told.held,
        shared=told.shared,
        paid_before=told.paid_before,
        saved=told.saved,
        tries=told.tries,
        job_id=clean(told.job_id),
        since=None if told.since is None else moment(told.since),
        results=[path(each) for each in told.results],
    )


def fate_sum(each: Sum, fate: str = "") -> FateSum:
    """The items of one end; `fate` in place of its own name."""
    return FateSum(
        fate=fate or each.fate.value,
        items=each.count,
        cents=each.amount,
        charged=each.charged,
        held=each.held,
        expected=each.expected,
        credits=each.in_credits.amount,
        credits_charged=each.in_credits.charged,
        credits_held=each.in_credits.held,
        credits_expected=each.in_credits.expected,
        unbilled=each.end.unbilled,
        shared=each.end.shared,
    )


def following(told: run_steps.Steps) -> Following:
    """What to type next."""
    return Following([step(each) for each in told.path], [step(each) for each in told.others])


def step(one: run_steps.Step) -> Step:
    """One thing to type or to do."""
    return Step(one.command or None, one.words or None)


def _credits(run: RunReport) -> Credits | None:
    if not run.uses_credits:
        return None
    told = run.credits
    amounts = (told.cap, told.spent, told.reserved, told.in_doubt, told.left, told.over)
    return Credits(*amounts, in_dollars(told.committed), run.credits_left)


def _purse(run: RunReport) -> Purse | None:
    if run.balance is None:
        return None
    elsewhere = went_elsewhere(run)
    return Purse(
        run.balance.balance,
        run.balance.total_spent,
        run.balance.low,
        None if elsewhere is None else Elsewhere(*elsewhere),
    )


def _effort(run: RunReport) -> Effort:
    shortage = run.shortage
    return Effort(
        submitted=run.submitted,
        sent_bytes=run.sent,
        seconds=round(run.seconds, 3),
        stops=[Stopped(stop.value, message) for stop, message in run.stops],
        refused=_refusal(run.refused),
        credits_refused=_refusal(run.credits_refused),
        repriced=run.repriced,
        shortage=None if shortage is None else Shortage(shortage.required, shortage.available),
        declined=run.declined,
        left_by_fit=run.left_by_fit,
        pilot=pilot_of(run.pilot),
        signal=run.signal or None,
        hosts=[HostPart(clean(share.host), share.items) for share in run.hosts],
    )


def pilot_of(told: Piloted | None) -> Pilot | None:
    """What a sample came to."""
    if told is None:
        return None
    left = told.rest
    return Pilot(
        items=told.items,
        saved=told.saved,
        unbilled=told.unbilled,
        expected=told.expected,
        charged=told.charged,
        above=told.above,
        agreed=told.agreed,
        rest=PilotRest(
            left.items, left.expected, left.likely, left.ceiling, left.credits, left.credits_ceiling
        ),
    )


def _refusal(decision: Decision | None) -> Refusal | None:
    return None if decision is None else refusal(decision)
