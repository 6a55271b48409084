"""The report of a plan: its lines as items that wait, and what only planning knows."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from earmark import next_steps
from earmark.amounts import CAP
from earmark.plan_values import Gate, Outcome, PlanResult
from earmark.reports import around
from earmark.reports.document import Besides, Credits, FateSum, Following, Item, Purse, Report, Step
from earmark.reports.gathering import gather
from earmark.reports.lazily import Made
from earmark.reports.of_planning import planned_of
from earmark.reports.texts import path, written
from earmark.screens.money import expected
from earmark.screens.plan import verdict
from earmark.screens.words import long, some
from earmark.terminal import printable
from manifests.budget import Amounts, Verdict
from manifests.money import Cents
from manifests.states import State
from manifests.tariff import in_dollars
from planner.pricing import Line, Standing
from runner.fates import Fate


def report_of(result: PlanResult, now: datetime) -> Report:
    """The document of a plan, whether its manifest was written or not."""
    head, items = result.head, Made(result.lines, item_of)
    earlier, earlier_credits = result.earlier, result.earlier_credits
    found = gather(items)
    return around.report(
        "plan",
        now,
        exit_=int(result.exit_code),
        outcome=result.outcome.value,
        sentence=_sentence(result),
        manifest=path(result.options.output) if head else None,
        id=head and head.id,
        root=head and head.root,
        amounts=around.money(Amounts(result.cap, earlier.spent, earlier.reserved, earlier.in_doubt)),
        credits=_credits(result),
        besides=Besides(
            earlier.spent,
            earlier.reserved + earlier.in_doubt,
            earlier_credits.spent,
            earlier_credits.reserved + earlier_credits.in_doubt,
        ),
        fates=_fates(result),
        services=found.services,
        folders=found.folders,
        wallet=_purse(result.gate) if isinstance(result.gate, Gate) else None,
        planned=planned_of(result),
        notes=list(result.notes),
        next=Following(list(_path(result)), list(_others(result))),
        items=items,
    )


def item_of(line: Line) -> Item:
    """One line of the plan."""
    item, free = line.item, line.standing is not Standing.TO_PAY
    label = f"{item.path} {item.part}" if item.part else item.path
    shown, raw = written(label)
    currency = line.cost.currency
    return Item(
        file=shown,
        file_bytes=raw,
        service=item.service,
        fate=Fate.WAITING.value,
        state=State.PLANNED.value,
        reason="",
        ms=item.ms,
        grade=item.grade.value,
        bytes=item.size,
        currency=currency,
        expected=0 if free else line.cost.expected,
        ceiling=0 if free else line.cost.ceiling,
        charged=None,
        held=0,
        shared=line.standing is Standing.SAME_AUDIO,
        paid_before=line.standing is Standing.PAID_BEFORE,
        saved=line.cost.expected if free else 0,
        tries=0,
        job_id="",
        since=None,
        results=[],
    )


def _sentence(result: PlanResult) -> str:
    if result.outcome is not Outcome.WRITTEN:
        return f"{verdict(result)}. Nothing was uploaded or paid."
    summary = result.summary
    total = summary.total
    items = total.items + summary.paid_before.items + summary.same_audio.items
    cost = expected((total.cents, total.ceiling), (total.credits, total.credits_ceiling))
    ms = total.ms + summary.paid_before.ms + summary.same_audio.ms
    place = printable(result.options.output)
    strict = f" {verdict(result)}." if result.exit_code else ""
    return (
        f"{some(items, 'item')}, {long(ms)}, {cost}. Nothing was uploaded or paid. Written: {place}.{strict}"
    )


def _fates(result: PlanResult) -> list[FateSum]:
    summary = result.summary
    count = len(result.lines)
    if not count:
        return []
    total = summary.total
    return [
        FateSum(
            fate=Fate.WAITING.value,
            items=count,
            cents=total.cents,
            charged=0,
            held=0,
            expected=total.cents,
            credits=total.credits,
            credits_charged=0,
            credits_held=0,
            credits_expected=total.credits,
            unbilled=0,
            shared=summary.paid_before.items + summary.same_audio.items,
        )
    ]


def _credits(result: PlanResult) -> Credits | None:
    earlier = result.earlier_credits
    cap = Cents(max(result.credits, earlier.committed))
    if not cap:
        return None
    told = Amounts(cap, earlier.spent, earlier.reserved, earlier.in_doubt)
    amounts = (told.cap, told.spent, told.reserved, told.in_doubt, told.left, told.over)
    return Credits(*amounts, worth_cents=in_dollars(told.committed), account=None)


def _purse(gate: Gate) -> Purse:
    return Purse(gate.view.balance, None, gate.view.low, None)


def _path(result: PlanResult) -> Iterator[Step]:
    """What to type, in order; nothing where no manifest was written."""
    if result.head is None:
        return
    gate = result.gate
    if isinstance(gate, Gate) and gate.decision.verdict is Verdict.OVER_BALANCE:
        yield Step(next_steps.topup_command(gate.decision.short), None)
    run = next_steps.run_command(result.options.output, result.cap, result.credits)
    outer = result.options.outer_cap
    low = outer is not None and outer < result.summary.total.ceiling + result.committed
    yield Step(run, f"after raising {CAP}" if low else None)


def _others(result: PlanResult) -> Iterator[Step]:
    options, committed = result.options, result.committed
    if result.fits_cap:
        yield Step(next_steps.fitting(options, result.fits_cap, committed), "keeps what fits under the cap")
    if result.fits_limits:
        yield Step(next_steps.plan_command(replace(options, fit=True)), "keeps what limits allow")
    if result.outcome is Outcome.OVER_CAP:
        whole = Cents(result.summary.total.ceiling + committed)
        yield Step(next_steps.with_cap(options, whole), "plans all of it")
    if isinstance(result.gate, Gate):
        if result.gate.fits_now:
            fitting = next_steps.fitting(options, result.gate.fits_now, committed)
            yield Step(fitting, "what the wallet can pay now")
        if result.gate.try_first:
            first = next_steps.try_first(options, result.gate.try_first, committed)
            yield Step(first, "a few items first")
