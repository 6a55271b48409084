"""The journal that leaves receipts: what is durable in the ledger is told to the file beside the manifest.

A purchase gets its line once it is saved and billed, together with others, about once a second: each time
that lines are made durable costs as much as a turn. What is not billed when the run ends, and what a killed
run could not tell any more, gets it then.
"""

import json
import os
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from manifests import catalogue
from manifests.catalogue import Currency
from manifests.money import Cents
from manifests.paths import as_written
from runner.engine.journal import Journal, nothing
from runner.engine.messages import Billed, Event
from runner.engine.writes import EndAllotment, Save, Write
from runner.ledger.interface import Ledger
from runner.limiting import Room
from runner.options import RunEnds, RunOptions
from runner.receipts import VERSION, Receipt, Receipts, ResultFile

_SAVED = (
    "SELECT t.id, p.id, p.content_key, p.product, p.options, p.sha256, p.generation, a.service, a.job_id,"
    " a.token, a.manifest_id, a.currency, a.charge, a.ceiling, a.settled, a.changed"
    " FROM parts t JOIN purchases p ON p.id = t.purchase_id"
    " JOIN attempts a ON a.id = (SELECT max(id) FROM attempts WHERE part_id = t.id AND superseded = 0)"
    " WHERE t.state = 'saved' AND a.job_id IS NOT NULL"
)
_OF_MANIFEST = "EXISTS (SELECT 1 FROM items i WHERE i.purchase_id = p.id AND i.manifest_id = ?)"
_AMONG = "t.id IN (SELECT CAST(value AS BIGINT) FROM json_each(?))"

TELL_EVERY = 1.0
"""Seconds between two writings of receipts, while a run goes on."""

AT_ONCE = 500
"""Receipts whose files are asked for together."""


class ReceiptedJournal(Journal):
    """Applies turns to the ledger, and tells the receipts what was saved."""

    def __init__(
        self,
        ledger: Ledger,
        manifest_id: str,
        receipts: Receipts,
        clock: Callable[[], float] = time.monotonic,
        room: Room | None = None,
        beside: Callable[[], Cents] = nothing,
    ) -> None:
        super().__init__(ledger, manifest_id, room, beside)
        self.receipts = receipts
        self._clock = clock
        self._told = -TELL_EVERY
        self._parts: set[int] = set()  # billed, or saved, since they were last told
        self._items: set[int] = set()

    def commit(self, writes: Iterable[Write]) -> list[Event]:
        """As `Journal.commit`; the receipts are written after the ledger."""
        turn = list(writes)
        answers = super().commit(turn)
        if any(isinstance(write, EndAllotment) for write in turn):
            self.receipts.add(due(self._ledger, self._manifest_id, self.receipts))
            return answers
        self._parts.update(each.attempt.part_id for each in answers if isinstance(each, Billed))
        self._items.update(row.item_id for write in turn if isinstance(write, Save) for row in write.results)
        if (self._parts or self._items) and self._clock() >= self._told + TELL_EVERY:
            self._tell()
        return answers

    def _tell(self) -> None:
        """Write what is saved and billed by now."""
        self._parts |= _parts_of(self._ledger, self._items)
        rows = [row for row in _saved(self._ledger, self._manifest_id, self._parts) if row[14]]
        self.receipts.add(_receipts(self._ledger, self._manifest_id, self.receipts, rows))
        self._parts.clear()
        self._items.clear()
        self._told = self._clock()


def journal_of(
    ends: RunEnds,
    options: RunOptions,
    manifest_id: str,
    note: Callable[[str], None],
    room: Room,
    beside: Callable[[], Cents] = nothing,
) -> ReceiptedJournal:
    """The journal of a run; `beside` is what stays allotted to others when it ends."""
    receipts = Receipts(options.manifest, options.output, ends.server, note)
    limits = room if options.limits else None
    return ReceiptedJournal(ends.ledger, manifest_id, receipts, room=limits, beside=beside)


def due(ledger: Ledger, manifest_id: str, receipts: Receipts) -> Iterator[Receipt]:
    """The receipts that are missing for what a manifest's items have saved, billed or not."""
    rows = ledger.db.execute(
        f"{_SAVED} AND {_OF_MANIFEST} ORDER BY t.id",
        (manifest_id,),
    )
    yield from _receipts(ledger, manifest_id, receipts, rows)


def _parts_of(ledger: Ledger, items: Iterable[int]) -> set[int]:
    rows = ledger.db.execute(
        "SELECT t.id FROM items i JOIN parts t ON t.purchase_id = i.purchase_id"
        " WHERE i.id IN (SELECT CAST(value AS BIGINT) FROM json_each(?))",
        (json.dumps(list(items)),),
    )
    return {part_id for (part_id,) in rows}


def _saved(ledger: Ledger, manifest_id: str, parts: Iterable[int]) -> list[tuple[Any, ...]]:
    """Those of some parts that are saved, and that an item of the manifest wants."""
    return ledger.db.execute(
        f"{_SAVED} AND {_AMONG} AND {_OF_MANIFEST} ORDER BY t.id",
        (json.dumps(list(parts)), manifest_id),
    ).fetchall()


def _receipts(
    ledger: Ledger, manifest_id: str, receipts: Receipts, rows: Iterable[tuple[Any, ...]]
) -> Iterator[Receipt]:
    new = (row for row in rows if receipts.lacks(row[2], row[8], settled=bool(row[14])))
    while some := list(islice(new, AT_ONCE)):
        results = _results(ledger, manifest_id, {row[1]: row[7] for row in some})
        for row in some:
            yield _receipt(row, tuple(results[row[1]]), receipts.server)


def _receipt(row: tuple[Any, ...], results: tuple[ResultFile, ...], server: str) -> Receipt:
    currency: Currency = row[11]
    charge, ceiling = row[12], row[13]
    in_cents = currency == "cents"
    return Receipt(
        version=VERSION,
        key=row[2],
        product=row[3],
        options=json.loads(row[4]),
        sha256=row[5],
        generation=row[6],
        server=server,
        service=row[7],
        job=row[8],
        token=row[9],
        manifest=row[10],
        cents=charge if in_cents else None,
        ceiling=ceiling if in_cents else None,
        credits=None if in_cents else charge,
        credits_ceiling=None if in_cents else ceiling,
        settled=row[14],
        time=datetime.fromtimestamp(row[15], UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        results=results,
    )


def _results(ledger: Ledger, manifest_id: str, services: Mapping[int, str]) -> Mapping[int, list[ResultFile]]:
    """The files of all items of a manifest that share a purchase; `services` are those of the purchases."""
    found: dict[int, list[ResultFile]] = defaultdict(list)
    rows = ledger.db.execute(
        "SELECT i.purchase_id, i.base, r.name, r.size, r.sha256"
        " FROM items i JOIN results r ON r.item_id = i.id"
        " WHERE i.manifest_id = ? AND i.purchase_id IN (SELECT CAST(value AS BIGINT) FROM json_each(?))"
        " ORDER BY i.id, r.name",
        (manifest_id, json.dumps(list(services))),
    )
    for purchase_id, base, name, size, sha256 in rows:
        is_file = catalogue.load().service(services[purchase_id]).result == "file"
        file, _ = as_written(f"{os.fsdecode(base)}{'.' if is_file else '/'}{name}")
        found[purchase_id].append(ResultFile(name, file, size, sha256))
    return found
