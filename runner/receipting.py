"""The journal that leaves receipts: what is durable in the ledger is told to the file beside the manifest.

A purchase gets its line once it is saved and billed; what is not billed when the run ends, and what a
killed run could not tell any more, gets it then.
"""

import json
import os
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from manifests import catalogue
from manifests.catalogue import Currency
from manifests.paths import as_written
from runner.engine.journal import Journal
from runner.engine.messages import Billed, Event
from runner.engine.writes import EndAllotment, Save, Write
from runner.ledger.sqlite import SqliteLedger
from runner.options import RunEnds, RunOptions
from runner.receipts import VERSION, Receipt, Receipts, ResultFile

_SAVED = (
    "SELECT t.id, p.id, p.content_key, p.product, p.options, p.sha256, p.generation, a.service, a.job_id,"
    " a.token, a.manifest_id, a.currency, a.charge, a.ceiling, a.settled, a.changed"
    " FROM parts t JOIN purchases p ON p.id = t.purchase_id"
    " JOIN attempts a ON a.id = (SELECT max(id) FROM attempts WHERE part_id = t.id AND superseded = 0)"
    " WHERE t.state = 'saved' AND a.job_id IS NOT NULL"
)
_OF_MANIFEST = "SELECT purchase_id FROM items WHERE manifest_id = ?"


class ReceiptedJournal(Journal):
    """Applies turns to the ledger, and tells the receipts what was saved."""

    def __init__(self, ledger: SqliteLedger, manifest_id: str, receipts: Receipts) -> None:
        super().__init__(ledger, manifest_id)
        self.receipts = receipts

    def commit(self, writes: Iterable[Write]) -> list[Event]:
        """As `Journal.commit`; the receipts are written after the ledger."""
        turn = list(writes)
        answers = super().commit(turn)
        if any(isinstance(write, EndAllotment) for write in turn):
            self.receipts.add(due(self._ledger, self._manifest_id, self.receipts))
            return answers
        parts = {each.attempt.part_id for each in answers if isinstance(each, Billed)}
        items = {row.item_id for write in turn if isinstance(write, Save) for row in write.results}
        if parts or items:
            parts |= _parts_of(self._ledger, items)
            saved = (_saved(self._ledger, self._manifest_id, part_id) for part_id in parts)
            rows = [row for row in saved if row is not None and row[14]]
            self.receipts.add(_receipts(self._ledger, self._manifest_id, self.receipts, rows))
        return answers


def journal_of(
    ends: RunEnds, options: RunOptions, manifest_id: str, note: Callable[[str], None]
) -> ReceiptedJournal:
    """The journal of a run."""
    receipts = Receipts(options.manifest, options.output, ends.server, note)
    return ReceiptedJournal(ends.ledger, manifest_id, receipts)


def due(ledger: SqliteLedger, manifest_id: str, receipts: Receipts) -> Iterator[Receipt]:
    """The receipts that are missing for what a manifest's items have saved, billed or not."""
    rows = ledger.db.execute(
        f"{_SAVED} AND p.id IN ({_OF_MANIFEST}) ORDER BY t.id",
        (manifest_id,),
    ).fetchall()
    yield from _receipts(ledger, manifest_id, receipts, rows)


def _parts_of(ledger: SqliteLedger, items: Iterable[int]) -> set[int]:
    found: set[int] = set()
    for item_id in items:
        row = ledger.db.execute(
            "SELECT t.id FROM items i JOIN parts t ON t.purchase_id = i.purchase_id WHERE i.id = ?",
            (item_id,),
        ).fetchone()
        found.add(row[0])
    return found


def _saved(ledger: SqliteLedger, manifest_id: str, part_id: int) -> tuple[Any, ...] | None:
    """A part, if it is saved and an item of the manifest wants it."""
    row: tuple[Any, ...] | None = ledger.db.execute(
        f"{_SAVED} AND t.id = ? AND p.id IN ({_OF_MANIFEST})",
        (part_id, manifest_id),
    ).fetchone()
    return row


def _receipts(
    ledger: SqliteLedger, manifest_id: str, receipts: Receipts, rows: Iterable[tuple[Any, ...]]
) -> Iterator[Receipt]:
    for row in rows:
        if receipts.lacks(row[2], row[8], settled=bool(row[14])):
            yield _receipt(row, tuple(_results(ledger, manifest_id, row[1], row[7])), receipts.server)


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


def _results(ledger: SqliteLedger, manifest_id: str, purchase_id: int, service: str) -> Iterator[ResultFile]:
    """The files of all items of a manifest that share a purchase."""
    is_file = catalogue.load().service(service).result == "file"
    rows = ledger.db.execute(
        "SELECT i.base, r.name, r.size, r.sha256 FROM items i JOIN results r ON r.item_id = i.id"
        " WHERE i.manifest_id = ? AND i.purchase_id = ? ORDER BY i.id, r.name",
        (manifest_id, purchase_id),
    )
    for base, name, size, sha256 in rows:
        file, _ = as_written(f"{os.fsdecode(base)}{'.' if is_file else '/'}{name}")
        yield ResultFile(name, file, size, sha256)
