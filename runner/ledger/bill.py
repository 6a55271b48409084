"""What a ledger paid in a period, job by job.

A charge belongs to the moment of the wallet's own row: a job that is billed in parts, or paid back later, has
an entry for each. What has no such row (a hold, a charge that nothing verified) belongs to the moment at
which its attempt was made.
"""

import os
from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from msgspec import Struct

from manifests.catalogue import Currency
from runner.api.service_types import billed_as
from runner.ledger.sqlite import SqliteLedger


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
    "SELECT a.id, a.created, a.manifest_id, a.run_id, p.product, coalesce(a.job_id, ''), a.state, a.settled,"
    " a.currency, a.expected, a.ceiling, coalesce(a.charge, 0), iif(a.purse = 'reserved', a.hold, 0),"
    " iif(a.purse = 'in doubt', a.hold, 0), a.service, p.id, u.service_type, u.created, u.cents"
    " FROM attempts a JOIN parts t ON t.id = a.part_id JOIN purchases p ON p.id = t.purchase_id"
    " LEFT JOIN usage_rows u ON u.attempt_id = a.id AND a.settled = 'billed'"
    " WHERE a.charge IS NOT NULL OR a.hold > 0 ORDER BY a.run_id, a.id, u.created, u.row_id"
)
_FILE = "SELECT file FROM items WHERE purchase_id = ? ORDER BY manifest_id <> ?, id LIMIT 1"


def entries(ledger: SqliteLedger, start: float, end: float) -> Iterator[Entry]:
    """What was paid, or is held, from `start` to before `end`; by runs, and in them as it was sent."""
    for _, rows in groupby(ledger.db.execute(_QUERY), key=itemgetter(0)):
        yield from _of_attempt(ledger, list(rows), start, end)


def extras(ledger: SqliteLedger, start: float, end: float) -> Iterator[Extra]:
    """What account credits paid in the period."""
    rows = ledger.db.execute(
        "SELECT at, manifest_id, cents, reason FROM extra_charges WHERE at >= ? AND at < ? ORDER BY rowid",
        (start, end),
    )
    return (Extra(*row) for row in rows)


def _of_attempt(
    ledger: SqliteLedger, rows: list[tuple[Any, ...]], start: float, end: float
) -> Iterator[Entry]:
    known, shown = rows[0], False
    file = None
    for number, (at, cents) in enumerate(_charges(rows)):
        if not start <= at < end:
            continue
        file = _file(ledger, known[15], known[2]) if file is None else file
        yield Entry(
            attempt_id=known[0],
            at=at,
            manifest_id=known[2],
            run_id=known[3],
            product=known[4],
            file=file,
            job_id=known[5],
            state=known[6],
            settled=known[7],
            currency=known[8],
            first=not shown,
            planned=0 if number else known[9],
            ceiling=0 if number else known[10],
            charged=cents,
            reserved=known[12],
            in_doubt=known[13],
        )
        shown = True


def _charges(rows: list[tuple[Any, ...]]) -> list[tuple[float, int]]:
    """When what was charged, adding up to the charge: by the rows that bill it, or as one."""
    created, service, charge = rows[0][1], rows[0][14], rows[0][11]
    bills = [row[16:] for row in rows if row[16] is not None]
    name = billed_as(service, (each[0] for each in bills)) or next((each[0] for each in bills), None)
    found = [(_moment(at, created), cents) for kind, at, cents in bills if kind == name]
    if not found:
        return [(created, charge)]
    last, cents = found[-1]
    # what is paid back beyond the charge is none of it
    return [*found[:-1], (last, cents + charge - sum(each for _, each in found))]


def _moment(written: str, otherwise: float) -> float:
    return datetime.fromisoformat(written).timestamp() if written else otherwise


def _file(ledger: SqliteLedger, purchase_id: int, manifest_id: str) -> str:
    """A file that the purchase is made of: of its own manifest, if that has one."""
    row = ledger.db.execute(_FILE, (purchase_id, manifest_id)).fetchone()
    return "" if row is None else os.fsdecode(row[0])
