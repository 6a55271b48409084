"""The JSON document of `plan --json`: the same figures as the screen, for machines."""

import json
from typing import Any

from earmark import next_steps
from earmark.plan_values import Gate, Offer, PlanResult
from earmark.screens import plan_fit, plan_rules
from earmark.screens.plan_spoken import to_know
from earmark.wallet_lookup import NoWallet
from manifests.manifest import Head
from manifests.money import Rate
from manifests.paths import as_written
from manifests.tariff import in_dollars
from planner.leftout import LeftOut
from planner.pricing import Line
from planner.rows import Row, SpokenRow
from planner.sales import Refused
from planner.summary import Summary
from planner.unfit import Unfit

VERSION = 1


def render(result: PlanResult) -> str:
    """One JSON document; amounts in cents, lengths in milliseconds, sizes in bytes."""
    return json.dumps(document(result), indent=2) + "\n"


def document(result: PlanResult) -> dict[str, Any]:
    """The document as plain values."""
    summary = result.summary
    return {
        "version": VERSION,
        "outcome": result.outcome.value,
        "exit": int(result.exit_code),
        "manifest": result.options.output if result.head else None,
        "head": _head(result.head) if result.head else None,
        "catalogue": result.catalogue,
        "cap": result.options.max_spend,
        "committed": result.committed,
        "files": {
            name: getattr(summary.files, name) for name in ("seen", "to_pay", "paid", "over", "left_out")
        },
        "products": [{"product": each.product, **_row(each.row)} for each in summary.products],
        "total": _row(summary.total),
        "credits": _credits(summary.total),
        "paid_before": _row(summary.paid_before),
        "same_audio": _row(summary.same_audio),
        "did_not_fit": _row(summary.over),
        "did_not_fit_items": [_unfit(each) for each in summary.unfit],
        "fit": plan_fit.document(result),
        "left_out": [_left_out(each) for each in summary.left_out],
        "not_priced": [_refused(each) for each in summary.refused],
        "skipped": {reason.value: count for reason, count in summary.skipped},
        "spoken": [_spoken(each) for each in summary.spoken],
        "to_know": dict(text.split(": ", 1) for _, text in to_know(result)),
        "dearest": [_dear(line) for line in summary.dearest],
        **_remarks(summary),
        "rules": plan_rules.document(result.rules),
        "fits_cap": _offer(result.fits_cap, next_steps.fitting, result),
        "wallet": _wallet(result),
        "notes": list(result.notes),
        "next": _next(result),
    }


def _next(result: PlanResult) -> str | None:
    """The command that buys it."""
    if result.head is None:
        return None
    return next_steps.run_command(result.options.output, result.cap, result.credits)


def _head(head: Head) -> dict[str, Any]:
    return {
        "id": head.id,
        "created": head.created,
        "root": head.root,
        "rates": {name: _rate(rate) for name, rate in head.rates.items()},
    }


def _rate(rate: Rate) -> str:
    """Cents a minute as an exact text: `10`, `1/3`."""
    return str(rate)


def _row(row: Row) -> dict[str, int]:
    return {
        "items": row.items,
        "ms": row.ms,
        "cents": row.cents,
        "ceiling": row.ceiling,
        "bytes": row.size,
        "characters": row.characters,
        "credits": row.credits,
        "credits_ceiling": row.credits_ceiling,
    }


def _credits(row: Row) -> dict[str, int] | None:
    """The account's credits with what they are worth in cents, which is no part of any other amount."""
    if not row.credits_ceiling:
        return None
    return {
        "expected": row.credits,
        "ceiling": row.credits_ceiling,
        "worth_cents": in_dollars(row.credits),
        "worth_cents_ceiling": in_dollars(row.credits_ceiling),
    }


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


def _file(path: str) -> dict[str, str]:
    shown, raw = as_written(path)
    return {"file": shown} if raw is None else {"file": shown, "file_bytes": raw}


def _left_out(each: LeftOut) -> dict[str, Any]:
    return {**_file(each.path), "reason": each.reason.value, "detail": each.detail, "folder": each.folder}


def _refused(each: Refused) -> dict[str, Any]:
    return {**_file(each.path), "product": each.product, "reason": each.reason, "detail": each.detail}


def _unfit(each: Unfit) -> dict[str, Any]:
    raw = {} if each.file_bytes is None else {"file_bytes": each.file_bytes}
    return {
        "file": each.file,
        **raw,
        "part": each.part,
        "product": each.product,
        "ms": each.ms,
        "cents": each.cents,
        "ceiling": each.ceiling,
        "credits": each.credits,
    }


def _dear(line: Line) -> dict[str, Any]:
    return {
        **_file(line.input.path),
        "product": line.item.service,
        "ms": line.length.ms,
        "cents": line.full,
        "credits": line.cost.credits[0],
    }


def _remarks(summary: Summary) -> dict[str, Any]:
    told = summary.rounding
    return {
        "rounding": told and {"items": told.items, "cents": told.cents, "exact_cents": told.exact},
        "pairs": [
            {"count": pair.count, "cents": pair.cents, "exclude": pair.exclude, "others": pair.others}
            for pair in summary.pairs
        ],
        "paid_before_with_other_options": [
            {
                "file": each.line.item.file,
                "product": each.line.item.service,
                "cents": each.line.full,
                "credits": each.line.cost.credits[0],
                "changes": [
                    {"option": change.option, "before": change.before, "now": change.now}
                    for change in each.changes
                ],
            }
            for each in summary.rebuyings
        ],
        "limits": [
            {"product": each.product, "count": each.count, "limit": each.limit, "example": each.example}
            for each in summary.warnings
        ],
    }


def _wallet(result: PlanResult) -> dict[str, Any] | None:
    match result.gate:
        case None:
            return None
        case NoWallet(reason):
            return {"known": False, "reason": reason}
        case gate:
            return _gate(gate, result)


def _gate(gate: Gate, result: PlanResult) -> dict[str, Any]:
    return {
        "known": True,
        "balance": gate.view.balance,
        "held": gate.held,
        "verdict": gate.decision.verdict.value,
        "needed": gate.decision.needed,
        "short": gate.decision.short,
        "prices_read": gate.view.rates is not None,
        "prices_moved": [
            {
                "product": each.product,
                "planned": _rate(each.planned),
                "live": None if each.live is None else _rate(each.live),
            }
            for each in gate.moved
        ],
        "fits_now": _offer(gate.fits_now, next_steps.fitting, result),
        "try_first": _offer(gate.try_first, next_steps.try_first, result),
        "top_up": None if gate.decision.passes else next_steps.topup_command(gate.decision.short),
    }


def _offer(offer: Offer | None, command: next_steps.Command, result: PlanResult) -> dict[str, Any] | None:
    if offer is None:
        return None
    return {
        "items": offer.items,
        "ceiling": offer.ceiling,
        "command": command(result.options, offer, result.committed),
    }
