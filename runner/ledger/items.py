"""Items and what they buy; the files of their results."""

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from runner.ledger.columns import ATTEMPT, ITEM, item_of
from runner.ledger.rows import ItemRow, NewItem, Refreshed, ResultRow
from runner.ledger.store import Store

_BATCH = 5_000
"""Lines that are written with a few statements."""


class Items(Store):
    """Lines of manifests, bound to purchases."""

    def put_items(self, manifest_id: str, items: Iterable[NewItem]) -> None:
        """Bind lines to purchases, making the purchases that are new.

        A line that is bound to another purchase has no results yet: those on disk are of the other one.
        """
        rest = iter(items)
        while batch := list(islice(rest, _BATCH)):
            bound = list(zip(batch, self._purchases(batch), strict=True))
            if self._add_lines(manifest_id, bound) < len(bound):
                self._bind_lines(manifest_id, bound)
            self._weigh(len(batch))

    def _purchases(self, batch: Sequence[NewItem]) -> Sequence[int]:
        """The purchase of each item; those that are new are made, each with its part."""
        now = self.hour()
        newest = self._db.execute("SELECT coalesce(max(id), 0) FROM purchases").fetchone()[0]
        made = self._db.executemany(
            "INSERT INTO purchases (content_key, sha256, product, options, generation, audio_bytes,"
            " characters, created) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (content_key) DO NOTHING",
            [
                (
                    item.content_key,
                    item.sha256,
                    item.product,
                    item.options,
                    item.generation,
                    item.audio_bytes,
                    item.characters,
                    now,
                )
                for item in batch
            ],
        ).rowcount
        self._db.execute(
            "INSERT INTO parts (purchase_id) SELECT id FROM purchases WHERE id > ? ORDER BY id", (newest,)
        )
        if made == len(batch):  # SQLite numbers new rows one after the other
            return range(newest + 1, newest + 1 + made)
        return [self._purchase_of(item.content_key) for item in batch]

    def _purchase_of(self, content_key: str) -> int:
        found = self._db.execute("SELECT id FROM purchases WHERE content_key = ?", (content_key,))
        return int(found.fetchone()[0])

    def _add_lines(self, manifest_id: str, bound: Iterable[tuple[NewItem, int]]) -> int:
        """Add the lines that are new; how many were."""
        return self._db.executemany(
            "INSERT INTO items (manifest_id, line, file, size, print, base, wanted, purchase_id,"
            " expected, ceiling, currency)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (manifest_id, line) DO NOTHING",
            [(manifest_id, item.line, *written(item, purchase_id)) for item, purchase_id in bound],
        ).rowcount

    def _bind_lines(self, manifest_id: str, bound: Sequence[tuple[NewItem, int]]) -> None:
        """Bring known lines up to date."""
        self._db.executemany(
            "DELETE FROM results WHERE item_id ="
            " (SELECT id FROM items WHERE manifest_id = ? AND line = ? AND purchase_id <> ?)",
            [(manifest_id, item.line, purchase_id) for item, purchase_id in bound],
        )
        self._db.executemany(
            "UPDATE items SET file = ?, size = ?, print = ?, base = ?, wanted = ?, purchase_id = ?,"
            " expected = ?, ceiling = ?, currency = ? WHERE manifest_id = ? AND line = ?",
            [(*written(item, purchase_id), manifest_id, item.line) for item, purchase_id in bound],
        )

    def items(self, manifest_id: str) -> list[ItemRow]:
        """The known lines of a manifest, each with its part and newest attempt."""
        return list(self.each_item(manifest_id))

    def each_item(self, manifest_id: str) -> Iterator[ItemRow]:
        """The same one after the other, in the order in which they became known; writes may come between."""
        if self.among is not None:
            yield from self.items_of(manifest_id, self.among)
            return
        last = 0
        while rows := self._items("+i.manifest_id = ? AND i.id > ?", (manifest_id, last), most=_BATCH):
            yield from rows
            last = rows[-1].item_id

    def items_of(self, manifest_id: str, lines: Iterable[str]) -> list[ItemRow]:
        """Those of some lines that are known."""
        where = "i.manifest_id = ? AND i.line IN (SELECT value FROM json_each(?))"
        return self._items(where, (manifest_id, json.dumps(list(lines))))

    def items_of_parts(self, manifest_id: str, parts: Iterable[int]) -> list[ItemRow]:
        """A manifest's lines that want what some parts buy."""
        where = (
            "+i.manifest_id = ? AND i.purchase_id IN"
            " (SELECT purchase_id FROM parts WHERE id IN (SELECT CAST(value AS BIGINT) FROM json_each(?)))"
        )
        return self._items(where, (manifest_id, json.dumps(list(parts))))

    def _items(self, where: str, values: tuple[Any, ...], *, most: int | None = None) -> list[ItemRow]:
        limit = "" if most is None else f" LIMIT {most}"
        rows = self._db.execute(
            f"SELECT {ITEM}, {ATTEMPT} FROM items i"  # noqa: S608 - constant columns and conditions
            " JOIN purchases p ON p.id = i.purchase_id JOIN parts t ON t.purchase_id = p.id"
            " LEFT JOIN attempts a ON a.id = (SELECT max(id) FROM attempts"
            "   WHERE part_id = t.id AND superseded = 0)"
            f" WHERE {where} ORDER BY i.id{limit}",
            values,
        )
        return [item_of(row) for row in rows]

    def refresh_items(self, manifest_id: str, lines: Iterable[Refreshed]) -> None:
        """Keep up with result names, fetch options and prices of known lines."""
        self._db.executemany(
            "UPDATE items SET base = ?, wanted = ?, expected = ?, ceiling = ?, currency = ?"
            " WHERE manifest_id = ? AND line = ?"
            " AND (base, wanted, expected, ceiling, currency) <> (?, ?, ?, ?, ?)",
            ((*_refreshed(each), manifest_id, each.line, *_refreshed(each)) for each in lines),
        )

    def newest_part(self) -> int:
        """The number of the part that was made last; 0 where there is none."""
        return int(self._db.execute("SELECT coalesce(max(id), 0) FROM parts").fetchone()[0])

    def digests(self, manifest_id: str) -> dict[str, tuple[int, str, str]]:
        """What is known of a manifest's lines: line -> (size, print, digest of the audio)."""
        if self.among is not None:
            return {row.line: (row.size, row.print, row.sha256) for row in self.items(manifest_id)}
        rows = self._db.execute(
            "SELECT i.line, i.size, i.print, p.sha256 FROM items i JOIN purchases p ON p.id = i.purchase_id"
            " WHERE i.manifest_id = ?",
            (manifest_id,),
        )
        return {line: (size, print_, sha256) for line, size, print_, sha256 in rows}

    def bought(self, keys: Sequence[str]) -> set[str]:
        """Those of the content keys that are bought, or being bought, and did not fail."""
        live = ("reserved", "uploading", "sending", "in doubt", "submitted", "finished", "saved", "lost")
        found: set[str] = set()
        for key in keys:
            row = self._db.execute(
                "SELECT t.state FROM purchases p JOIN parts t ON t.purchase_id = p.id"
                " WHERE p.content_key = ?",
                (key,),
            ).fetchone()
            if row and row[0] in live:
                found.add(key)
        return found

    def bought_of(self, digests: Sequence[str]) -> list[tuple[str, str, str]]:
        """What was bought of each audio and did not fail: (digest, product, submit options as JSON)."""
        found: list[tuple[str, str, str]] = []
        for digest in digests:
            found += self._db.execute(
                "SELECT p.sha256, p.product, p.options FROM purchases p JOIN parts t ON t.purchase_id = p.id"
                " WHERE p.sha256 = ? AND t.state IN ('submitted', 'finished', 'saved', 'lost', 'in doubt')",
                (digest,),
            )
        return found

    def known_audio_bytes(self) -> set[int]:
        """The lengths in bytes of all audio that any purchase had."""
        return {row[0] for row in self._db.execute("SELECT DISTINCT audio_bytes FROM purchases")}

    def unfinished(self, manifest_id: str) -> int:
        """How many of a manifest's purchases are under way: reserved, in doubt or not yet saved."""
        row = self._db.execute(
            "SELECT count(DISTINCT t.id) FROM items i JOIN parts t ON t.purchase_id = i.purchase_id"
            " WHERE i.manifest_id = ? AND t.state IN"
            " ('reserved', 'uploading', 'sending', 'in doubt', 'submitted', 'finished')",
            (manifest_id,),
        ).fetchone()
        return int(row[0])

    def put_results(self, results: Iterable[ResultRow]) -> None:
        """Record files that are on disk, synced and in place."""
        self._db.executemany(
            "INSERT INTO results (item_id, name, path, size, sha256, saved, host)"
            " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (item_id, name) DO UPDATE SET path = excluded.path,"
            " size = excluded.size, sha256 = excluded.sha256, saved = excluded.saved, host = excluded.host",
            [
                (r.item_id, r.name, os.fsencode(r.path), r.size, r.sha256, self.hour(), r.host or self.host)
                for r in results
            ],
        )

    def results(self, item_id: int) -> list[ResultRow]:
        """The recorded files of an item."""
        rows = self._db.execute(
            "SELECT item_id, name, path, size, sha256, host FROM results WHERE item_id = ? ORDER BY name",
            (item_id,),
        )
        return [ResultRow(row[0], row[1], os.fsdecode(row[2]), *row[3:]) for row in rows]

    def last_result(self, manifest_id: str) -> tuple[str, str, str, str] | None:
        """The file that was saved last for a manifest: its product, its item's base, its name, its path.

        Of a very large manifest only the files of some lines are looked at.
        """
        row = self._db.execute(
            "SELECT p.product, i.base, r.name, r.path"
            " FROM (SELECT id, base, purchase_id FROM items WHERE manifest_id = ? LIMIT 10000) i"
            " JOIN results r ON r.item_id = i.id JOIN purchases p ON p.id = i.purchase_id"
            " ORDER BY r.saved DESC LIMIT 1",
            (manifest_id,),
        ).fetchone()
        return row and (row[0], os.fsdecode(row[1]), row[2], os.fsdecode(row[3]))

    def wrote(self, path: str) -> bool:
        """Whether a file is one of the results that this ledger recorded."""
        row = self._db.execute(
            "SELECT 1 FROM results WHERE path = ? AND substr(path, 1, 512) = ? LIMIT 1",
            (os.fsencode(path), os.fsencode(path)[:512]),
        ).fetchone()
        return row is not None

    def wrote_below(self, folder: str) -> bool:
        """Whether any such file is recorded below a folder, an absolute path."""
        whole = os.fsencode(folder.rstrip("/"))
        row = self._db.execute(
            "SELECT 1 FROM results WHERE path > ? AND path < ?"
            " AND substr(path, 1, 512) >= ? AND substr(path, 1, 512) <= ? LIMIT 1",
            (whole + b"/", whole + b"0", (whole + b"/")[:512], (whole + b"0")[:512]),
        ).fetchone()
        return row is not None


def _refreshed(line: Refreshed) -> tuple[object, ...]:
    """What is kept up with, in the order of its columns."""
    return os.fsencode(line.base), line.wanted, line.expected, line.ceiling, line.currency


def written(item: NewItem, purchase_id: int) -> tuple[object, ...]:
    """What a row of `items` holds behind its manifest and its line, in the order of its columns."""
    return (
        os.fsencode(item.file),
        item.size,
        item.print,
        os.fsencode(item.base),
        item.wanted,
        purchase_id,
        item.expected,
        item.ceiling,
        item.currency,
    )
