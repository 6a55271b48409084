"""What a ledger paid in a period, job by job.

A charge belongs to the moment of the wallet's own row: a job that is billed in parts, or paid back later, has
an entry for each. What has no such row (a hold, a charge that nothing verified) belongs to the moment at
which its attempt was made.
"""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from msgspec import Struct

from manifests.catalogue import Currency
from runner.api.service_types import billed_as
from runner.ledger.interface import Ledger


class Entry(Struct, frozen=True, gc=False):
    """What one job, or one row of its bill, came to; amounts in its own currency."""

    attempt_id: int
    at: float  # seconds since 1970
    manifest_id: str
    run_id: int | None
    product: str
    file: str
    job_id: str
    state: str
    settled: str  # how the charge became known
    currency: Currency
    first: bool  # of its job, in the period
    planned: int  # of its first entry alone, as the ceiling
    ceiling: int
    charged: int
    reserved: int
    in_doubt: int


class Extra(Struct, frozen=True, gc=False):
    """What account credits paid instead of the wallet, in cents."""

    at: float
    manifest_id: str
    cents: int
    reason: str


_QUERY = (
    "SELECT a.id, a.created, a.manifest_id, a.run_id, p.product,"
    # a file that the purchase is made of: its own manifest's, if that has one
    " coalesce((SELECT file FROM items i"
    "   WHERE i.purchase_id = p.id AND +i.manifest_id = a.manifest_id ORDER BY i.id LIMIT 1),"
    "   (SELECT file FROM items i WHERE i.purchase_id = p.id ORDER BY i.id LIMIT 1)),"
    " coalesce(a.job_id, ''), a.state, a.settled, a.currency, a.expected, a.ceiling,"
    " CASE WHEN a.purse = 'reserved' THEN a.hold ELSE 0 END,"
    " CASE WHEN a.purse = 'in doubt' THEN a.hold ELSE 0 END, coalesce(a.charge, 0),"
    " a.service, u.service_type, u.created, u.cents"
    " FROM attempts a JOIN parts t ON t.id = a.part_id JOIN purchases p ON p.id = t.purchase_id"
    " LEFT JOIN usage_rows u ON u.job_id = a.job_id AND u.attempt_id = a.id AND a.settled = 'billed'"
    " WHERE (a.charge IS NOT NULL OR a.hold > 0) AND ((a.created >= ? AND a.created < ?) OR a.id IN"
    " (SELECT attempt_id FROM usage_rows WHERE created >= ? AND created < ?))"
    " ORDER BY a.run_id NULLS FIRST, a.id, u.created, u.row_id"
)
_CREATED, _CHARGE, _SERVICE, _KIND, _BILLED, _CENTS = 1, 14, 15, 16, 17, 18
"""Columns of it."""


def entries(ledger: Ledger, start: float, end: float) -> Iterator[Entry]:
    """What was paid, or is held, from `start` to before `end`; by runs, and in them as it was sent."""
    bounds = (start, end, _written(start), _written(end))
    for _, group in groupby(ledger.db.execute(_QUERY, bounds), key=itemgetter(0)):
        rows = list(group)
        first = True
        for number, (at, cents) in enumerate(_charges(rows)):
            if start <= at < end:
                yield _entry(rows[0], at, cents, planned=not number, first=first)
                first = False


def _entry(row: tuple[Any, ...], at: float, cents: int, *, planned: bool, first: bool) -> Entry:
    return Entry(
        attempt_id=row[0],
        at=at,
        manifest_id=row[2],
        run_id=row[3],
        product=row[4],
        file=os.fsdecode(row[5] or b""),
        job_id=row[6],
        state=row[7],
        settled=row[8],
        currency=row[9],
        first=first,
        planned=row[10] if planned else 0,
        ceiling=row[11] if planned else 0,
        charged=cents,
        reserved=row[12],
        in_doubt=row[13],
    )


def extras(ledger: Ledger, start: float, end: float) -> Iterator[Extra]:
    """What account credits paid in the period."""
    rows = ledger.db.execute(
        "SELECT at, manifest_id, cents, reason FROM extra_charges WHERE at >= ? AND at < ? ORDER BY rowid",
        (start, end),
    )
    return (Extra(*row) for row in rows)


def _charges(rows: list[tuple[Any, ...]]) -> list[tuple[float, int]]:
    """When what was charged, adding up to the charge: by the rows that bill it, or as one."""
    created, charge = rows[0][_CREATED], rows[0][_CHARGE]
    if len(rows) == 1:
        return [(_moment(rows[0][_BILLED], created), charge)]
    name = billed_as(rows[0][_SERVICE], (row[_KIND] for row in rows)) or rows[0][_KIND]
    found = [(_moment(row[_BILLED], created), row[_CENTS]) for row in rows if row[_KIND] == name]
    last, cents = found[-1]
    # what is paid back beyond the charge is none of it
    return [*found[:-1], (last, cents + charge - sum(each for _, each in found))]


def _written(at: float) -> str:
    """A moment as the wallet's rows have it: such texts sort as times."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _moment(written: str | None, otherwise: float) -> float:
    return datetime.fromisoformat(written).timestamp() if written else otherwise
