"""The bill as CSV: one record a job, or one a group. Columns stay as they are; new ones come at the end."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import TypeAlias

from earmark.bill.lines import AMOUNTS, Bill, Line, Sums
from earmark.reports.as_csv import safe
from runner.ledger.bill import Extra
from runner.ledger.runs import RunBy

Cell: TypeAlias = str | int | Decimal | None

CREDITS = "account credits"
"""The service of what they paid instead of the wallet."""

_MONEY = tuple(f"{name}_{unit}" for unit in ("usd", "cents", "credits") for name in AMOUNTS)
"""The five amounts, three times over."""

COLUMNS = (
    *("when_utc", "job_id", "file", "folder", "service", "state", "settled", *_MONEY, "credit_worth_cents"),
    *("name", "who", "host", "run", "run_exit", "manifest_id", "manifest_sha256"),
)
GROUP_COLUMNS = ("jobs", *_MONEY, "credit_worth_cents")
"""After the group itself."""


def by_job(bill: Bill) -> Iterator[str]:
    """A record for each job, or row of its bill."""
    yield _row(COLUMNS)
    for line in bill.lines():
        yield _row(_record(line))
    for extra, by in bill.extras():
        yield _row(_besides(extra, by))


def grouped(groups: Mapping[str, Sums], by: str) -> Iterator[str]:
    """A record for each group, by name."""
    yield _row((by, *GROUP_COLUMNS))
    for name, sums in sorted(groups.items()):
        yield _row((name, sums.jobs, *_of_sums(sums), sums.credit_worth))


def _record(line: Line) -> list[Cell]:
    entry, run = line.entry, line.run
    amounts = [getattr(entry, name) for name in AMOUNTS]
    nothing = [None] * len(AMOUNTS)
    credits_ = entry.currency == "credits"
    money = [*nothing, *nothing, *amounts] if credits_ else [*_dollars(amounts), *amounts, *nothing]
    return [
        *(when(entry.at), entry.job_id, entry.file, line.folder, entry.product, entry.state, entry.settled),
        *(*money, None),
        *(line.by.name, line.by.who, line.by.host, None if run is None else run.run_id),
        *(None if run is None else run.exit, entry.manifest_id, line.by.digest),
    ]


def _besides(extra: Extra, by: RunBy) -> list[Cell]:
    money = [None] * len(_MONEY)
    return [
        *(when(extra.at), None, None, None, CREDITS, extra.reason, None, *money, extra.cents),
        *(by.name, None, None, None, None, extra.manifest_id, None),
    ]


def _of_sums(sums: Sums) -> list[Cell]:
    amounts = [getattr(sums, name) for name in AMOUNTS]
    return [*_dollars(amounts), *amounts, *(getattr(sums, f"credits_{name}") for name in AMOUNTS)]


def _dollars(cents: Iterable[int]) -> list[Decimal]:
    """`1234.50`: two decimals, and no thousands apart."""
    return [Decimal(each).scaleb(-2) for each in cents]


def when(at: float) -> str:
    """A time in UTC: RFC 3339, to the second."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _row(values: Iterable[Cell]) -> str:
    """One record, with its end; numbers are numbers, and what there is not is empty."""
    made = io.StringIO()
    cells = ["" if each is None else safe(each) if isinstance(each, str) else each for each in values]
    csv.writer(made, lineterminator="\r\n").writerow(cells)
    return made.getvalue()
