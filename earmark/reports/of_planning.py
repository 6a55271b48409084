"""What only planning knows, from the values of a plan."""

from typing import Any

from earmark import next_steps
from earmark.plan_values import Gate as PlanGate
from earmark.plan_values import More, PlanResult
from earmark.plan_values import Offer as PlanOffer
from earmark.reports.advice import advice, look_advice
from earmark.reports.limits import limit_advice
from earmark.reports.planned import (
    DidNotFit,
    Files,
    Fit,
    Gate,
    LeftOut,
    Moved,
    NotPriced,
    Offer,
    Planned,
    Product,
    Room,
    Row,
    Skipped,
)
from earmark.reports.texts import written
from earmark.screens import plan_rules
from earmark.screens.plan_spoken import to_know
from earmark.wallet_lookup import NoWallet
from planner.pricing import Line
from planner.rows import Row as PlanRow
from planner.rows import SpokenRow
from planner.unfit import Unfit

MOST = 1000
"""Files left out, files not priced and texts that are listed; of more there is a count."""


def planned_of(result: PlanResult) -> Planned:
    """All of it."""
    summary, files = result.summary, result.summary.files
    rates = {choice.product.name: str(choice.product.rate) for choice in result.choices}
    return Planned(
        created=result.head.created if result.head else None,
        catalogue=result.catalogue,
        cap=result.options.max_spend,
        committed=result.committed,
        files=Files(files.seen, files.to_pay, files.paid, files.over, files.left_out),
        products=[
            Product(each.product, _row(each.row), rates.get(each.product)) for each in summary.products
        ],
        total=_row(summary.total),
        paid_before=_row(summary.paid_before),
        same_audio=_row(summary.same_audio),
        did_not_fit=_row(summary.over),
        did_not_fit_items=[_unfit(each) for each in summary.unfit[:MOST]],
        did_not_fit_more=max(0, summary.over.items - min(MOST, len(summary.unfit))),
        fit=_fit(result.more),
        left_out=[
            LeftOut(*written(each.path), each.reason.value, each.detail, each.folder)
            for each in summary.left_out[:MOST]
        ],
        left_out_more=max(0, len(summary.left_out) - MOST),
        not_priced=[
            NotPriced(*written(each.path), each.product, each.reason, each.detail)
            for each in summary.refused[:MOST]
        ],
        not_priced_more=max(0, len(summary.refused) - MOST),
        skipped=[Skipped(reason.value, count) for reason, count in summary.skipped],
        advice=[*limit_advice(result), *advice(summary), *look_advice(result)],
        spoken=[_spoken(each) for each in summary.spoken[:MOST]],
        spoken_more=max(0, len(summary.spoken) - MOST),
        to_know={name: words for _, told in to_know(result) for name, _, words in [told.partition(": ")]},
        dearest=[_dear(line) for line in summary.dearest],
        rules=plan_rules.document(result.rules),
        fits_cap=_offer(result.fits_cap, next_steps.fitting, result),
        gate=_gate(result),
    )


def _row(row: PlanRow) -> Row:
    return Row(
        row.items,
        row.ms,
        row.cents,
        row.ceiling,
        row.size,
        row.characters,
        row.credits,
        row.credits_ceiling,
    )


def _unfit(each: Unfit) -> DidNotFit:
    return DidNotFit(
        each.file,
        each.file_bytes,
        each.part,
        each.product,
        each.ms,
        each.cents,
        each.ceiling,
        each.credits,
    )


def _fit(more: More | None) -> Fit | None:
    if more is None:
        return None
    return Fit(
        "wallet" if more.by_wallet else "cap",
        Room(more.items, more.room),
        None if more.next_room is None else Room(more.next_items, more.next_room),
        Room(more.all_items, more.all_room),
    )


def _spoken(row: SpokenRow) -> dict[str, Any]:
    return {
        "file": row.file,
        "product": row.product,
        "starts": row.start,
        "characters": row.characters,
        "ms": row.ms,
        "jobs": row.parts,
        "rate": row.rate or None,
        "narrowed_by": row.jobs,
    }


def _dear(line: Line) -> dict[str, Any]:
    shown, raw = written(line.input.path)
    return {
        "file": shown,
        "file_bytes": raw,
        "product": line.item.service,
        "ms": line.length.ms,
        "cents": line.full,
        "credits": line.cost.credits[0],
    }


def _gate(result: PlanResult) -> Gate | None:
    match result.gate:
        case None:
            return None
        case NoWallet(reason):
            return Gate(
                known=False,
                reason=reason,
                prices_read=False,
                prices_moved=[],
                **dict.fromkeys(
                    ("balance", "held", "verdict", "needed", "short", "fits_now", "try_first", "top_up")
                ),
            )
        case gate:
            return _known(gate, result)


def _known(gate: PlanGate, result: PlanResult) -> Gate:
    passes = gate.decision.passes
    return Gate(
        known=True,
        reason=None,
        balance=gate.view.balance,
        held=gate.held,
        verdict=gate.decision.verdict.value,
        needed=gate.decision.needed,
        short=gate.decision.short,
        prices_read=gate.view.rates is not None,
        prices_moved=[
            Moved(each.product, str(each.planned), None if each.live is None else str(each.live))
            for each in gate.moved
        ],
        fits_now=_offer(gate.fits_now, next_steps.fitting, result),
        try_first=_offer(gate.try_first, next_steps.try_first, result),
        top_up=None if passes else next_steps.topup_command(gate.decision.short),
    )


def _offer(offer: PlanOffer | None, command: next_steps.Command, result: PlanResult) -> Offer | None:
    if offer is None:
        return None
    return Offer(offer.items, offer.ceiling, command(result.options, offer, result.committed))
