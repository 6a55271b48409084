"""From the columns of a query to the ledger's values."""

import os
from typing import Any

from manifests.money import Cents
from manifests.states import State
from runner.ledger.rows import AttemptRow, ItemRow

ATTEMPT = (
    "a.id, a.part_id, a.manifest_id, a.service, a.token, a.state, a.expected, a.ceiling, a.hold,"
    " a.charge, a.settled, coalesce(a.job_id, ''), a.created, a.changed, a.superseded,"
    " a.currency, a.driver"
)
ITEM = (
    "i.id, i.line, i.file, i.size, i.print, i.base, i.wanted, p.product, p.id, t.id, t.state,"
    " t.reason, t.tries, p.sha256, p.content_key, p.options"
)


def attempt_of(row: tuple[Any, ...]) -> AttemptRow:
    """The attempt in the columns of `ATTEMPT`."""
    return AttemptRow(
        attempt_id=row[0],
        part_id=row[1],
        manifest_id=row[2],
        service=row[3],
        token=row[4],
        state=State(row[5]),
        expected=Cents(row[6]),
        ceiling=Cents(row[7]),
        hold=Cents(row[8]),
        charge=None if row[9] is None else Cents(row[9]),
        settled=row[10],
        job_id=row[11],
        created=row[12],
        changed=row[13],
        superseded=bool(row[14]),
        currency=row[15],
        driver=row[16],
    )


def item_of(row: tuple[Any, ...]) -> ItemRow:
    """The item in the columns of `ITEM`, followed by those of its newest attempt."""
    return ItemRow(
        item_id=row[0],
        line=row[1],
        file=os.fsdecode(row[2]),
        size=row[3],
        print=row[4],
        base=os.fsdecode(row[5]),
        wanted=row[6],
        product=row[7],
        purchase_id=row[8],
        part_id=row[9],
        state=State(row[10]),
        reason=row[11],
        tries=row[12],
        sha256=row[13],
        content_key=row[14],
        options=row[15],
        attempt=None if row[16] is None else attempt_of(row[16:]),
    )
