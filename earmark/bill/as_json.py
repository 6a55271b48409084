"""The bill as one JSON document, in pieces: a million lines need not be in memory."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from earmark.bill.as_csv import when
from earmark.bill.foot import Foot
from earmark.bill.lines import AMOUNTS, Line
from earmark.bill.values import Shown
from manifests.paths import as_written
from runner.ledger.runs import Reading

VERSION = 1


def rendered(shown: Shown) -> Iterator[str]:
    """The document's text; the lines come last, and not where they are grouped."""
    yield json.dumps(_head(shown), indent=2).removesuffix("\n}")
    if shown.by is None:
        yield ',\n  "lines": ['
        ending = "\n    "
        for line in shown.bill.lines():
            yield ending + json.dumps(_line(line))
            ending = ",\n    "
        yield "\n  ]"
    yield "\n}\n"


def _head(shown: Shown) -> dict[str, Any]:
    period = shown.bill.period
    head: dict[str, Any] = {
        "version": VERSION,
        "since": when(period.since.timestamp()),
        "until": when(period.until.timestamp()),
        "by": shown.by,
        "total": asdict(shown.total),
        "wallet": None if shown.foot is None else _foot(shown.foot, steady=shown.steady),
        "why_no_wallet": shown.why_no_foot or None,
        "besides": [
            {"when": when(extra.at), "manifest_id": extra.manifest_id, **_named("name", by.name)}
            | {"credit_worth": extra.cents, "reason": extra.reason}
            for extra, by in shown.bill.extras()
        ],
    }
    if shown.by is not None:
        groups = sorted(shown.groups.items())
        head["groups"] = [{**_named("name", name), **asdict(sums)} for name, sums in groups]
    return head


def _line(line: Line) -> Mapping[str, Any]:
    entry, run = line.entry, line.run
    return {
        "when": when(entry.at),
        "job_id": entry.job_id,
        **_named("file", entry.file),
        "service": entry.product,
        "state": entry.state,
        "settled": entry.settled,
        "currency": entry.currency,
        **{name: getattr(entry, name) for name in AMOUNTS},
        **_named("name", line.by.name),
        "who": line.by.who or None,
        "host": line.by.host or None,
        "run": None if run is None else run.run_id,
        "run_exit": None if run is None else run.exit,
        "manifest_id": entry.manifest_id,
        "manifest_sha256": line.by.digest or None,
    }


def _named(key: str, text: str) -> dict[str, str | None]:
    """A name, and its bytes in hex where it is no UTF-8."""
    written, raw = as_written(text)
    return {key: written} if raw is None else {key: written, f"{key}_bytes": raw}


def _foot(foot: Foot, *, steady: bool) -> dict[str, Any]:
    return {
        **{name: value for name, value in asdict(foot).items() if not name.endswith("_read")},
        "unexplained": foot.unexplained,
        "opening_read": _reading(foot.opening_read),
        "closing_read": _reading(foot.closing_read),
        "steady": steady,
    }


def _reading(reading: Reading | None) -> Mapping[str, Any] | None:
    if reading is None:
        return None
    return {"when": when(reading.at), "balance": reading.balance, "total_spent": reading.total_spent}
