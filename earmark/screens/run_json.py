"""The JSON document of `run --json`: the same figures as the screen, for machines."""

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

from earmark.run_outcome import WORDS, also
from earmark.run_steps import Step, Steps, steps
from earmark.run_sums import Sum, credits_rest, rest, sums, went_elsewhere
from earmark.run_values import Asked
from earmark.screens.run_words import headline
from manifests.budget import Amounts, Decision
from manifests.errors import EarmarkError
from manifests.exits import Exit
from manifests.paths import as_written
from manifests.tariff import in_dollars
from runner.report import ItemReport, RunReport

TOGETHER = 1000
"""Items that are written at a time."""

SCHEMA = "earmark.run"
VERSION = 1


def render(report: RunReport, asked: Asked) -> str:
    """One JSON document; amounts in cents, or in credits, lengths in milliseconds, sizes in bytes."""
    return "".join(rendered(report, asked))


def rendered(report: RunReport, asked: Asked) -> Iterator[str]:
    """The same text piece by piece: a million items are not put together."""
    before, mark, after = _text(_around(report, asked)).partition('\n  "items": []')
    yield before
    empty, rest = True, iter(report.items)
    while some := list(islice(rest, TOGETHER)):
        texts = (json.dumps(_item(item), indent=2).replace("\n", "\n    ") for item in some)
        yield ('\n  "items": [' if empty else ",") + ",".join(f"\n    {text}" for text in texts)
        empty = False
    yield (mark if empty else "\n  ]") + after


def render_error(error: EarmarkError, asked_manifest: str) -> str:
    """The document of a run that ended before there was anything to report."""
    return _text({**_head(error.exit_code), "sentence": str(error), "manifest": _path(asked_manifest)})


def document(report: RunReport, asked: Asked) -> dict[str, Any]:
    """The document as plain values."""
    return {**_around(report, asked), "items": [_item(item) for item in report.items]}


def _around(report: RunReport, asked: Asked) -> dict[str, Any]:
    """The document without its items."""
    amounts = report.amounts
    beside, credits_beside = rest(report), credits_rest(report)
    return {
        **_head(report.exit),
        "also": [{"exit": int(code), "outcome": WORDS[code]} for code in also(report)],
        "sentence": headline(report, asked),
        "manifest": _path(str(report.manifest)),
        "output": _path(str(report.output)),
        "amounts": plain_amounts(amounts),
        "credits": credits_object(report),
        "fates": {each.fate.value: _sum(each) for each in sums(report)},
        "besides": {"charged": beside.spent, "held": beside.held},
        "credits_besides": {"charged": credits_beside.spent, "held": credits_beside.held},
        "items": [],
        "drift": [
            {"service": service, "expected": expected, "charged": charged}
            for service, expected, charged in report.drift
        ],
        "wallet": _wallet(report),
        "stops": [{"stop": stop.value, "message": message} for stop, message in report.stops],
        **_decisions(report),
        "submitted": report.submitted,
        "sent_bytes": report.sent,
        "seconds": round(report.seconds, 3),
        "notes": list(report.notes),
        "next": _steps(steps(report, asked)),
    }


def plain_amounts(amounts: Amounts) -> dict[str, int]:
    """The amounts of a cap."""
    return {name: getattr(amounts, name) for name in ("cap", "spent", "reserved", "in_doubt", "left", "over")}


def credits_object(report: RunReport) -> dict[str, int | None]:
    """The same of the account's credits; what is committed of them in cents, and how many there are."""
    amounts = report.credits
    return {
        **plain_amounts(amounts),
        "worth_cents": in_dollars(amounts.committed),
        "account": report.credits_left,
    }


def _head(code: Exit) -> dict[str, Any]:
    return {"schema": SCHEMA, "version": VERSION, "outcome": WORDS[code], "exit": int(code)}


def _text(plain: dict[str, Any]) -> str:
    return json.dumps(plain, indent=2) + "\n"


def _path(path: str) -> str:
    """A path that any JSON reader takes: bytes that are no UTF-8 are shown, not kept."""
    return as_written(path)[0]


def _sum(each: Sum) -> dict[str, Any]:
    return {
        "items": each.count,
        "cents": each.amount,
        "charged": each.charged,
        "held": each.held,
        "expected": each.expected,
        "credits": each.in_credits.amount,
        "unbilled": each.end.unbilled,
        "shared": each.end.shared,
    }


def _item(item: ItemReport) -> dict[str, Any]:
    shown, raw = as_written(item.file)
    return {
        "file": shown,
        **({} if raw is None else {"file_bytes": raw}),
        "service": item.service,
        "fate": item.fate.value,
        "state": item.state.value,
        "reason": item.reason,
        "ms": item.ms,
        "currency": item.currency,
        "expected": item.expected,
        "ceiling": item.ceiling,
        "charged": item.charged,
        "held": item.held,
        "shared": item.shared,
        "tries": item.tries,
        "job_id": item.job_id,
        "results": [_path(each) for each in item.results],
    }


def _wallet(report: RunReport) -> dict[str, Any] | None:
    if report.balance is None:
        return None
    elsewhere = went_elsewhere(report)
    return {
        "balance": report.balance.balance,
        "total_spent": report.balance.total_spent,
        "low": report.balance.low,
        "went_elsewhere": elsewhere and {"least": elsewhere[0], "most": elsewhere[1]},
    }


def _decisions(report: RunReport) -> dict[str, Any]:
    shortage = report.shortage
    return {
        "refused": _refusal(report.refused),
        "credits_refused": _refusal(report.credits_refused),
        "repriced": report.repriced,
        "shortage": shortage and {"required": shortage.required, "available": shortage.available},
        "declined": report.declined,
        "left_by_fit": report.left_by_fit,
        "signal": report.signal or None,
    }


def _refusal(decision: Decision | None) -> dict[str, Any] | None:
    if decision is None:
        return None
    return {
        "verdict": decision.verdict.value,
        "needed": decision.needed,
        "available": decision.available,
        "short": decision.short,
    }


def _steps(told: Steps) -> dict[str, Any]:
    return {"path": [_step(each) for each in told.path], "others": [_step(each) for each in told.others]}


def _step(step: Step) -> dict[str, str | None]:
    return {"command": step.command or None, "words": step.words or None}
