"""Items and what they buy; the files of their results."""

import os
from collections.abc import Iterable, Sequence

from runner.ledger.columns import ATTEMPT, ITEM, item_of
from runner.ledger.rows import ItemRow, NewItem, ResultRow
from runner.ledger.store import Store


class Items(Store):
    """Lines of manifests, bound to purchases."""

    def put_items(self, manifest_id: str, items: Iterable[NewItem]) -> None:
        """Bind lines to purchases, making the purchases that are new.

        A line that is bound to another purchase has no results yet: those on disk are of the other one.
        """
        for item in items:
            purchase_id = self._purchase(item)
            self._db.execute(
                "DELETE FROM results WHERE item_id ="
                " (SELECT id FROM items WHERE manifest_id = ? AND line = ? AND purchase_id <> ?)",
                (manifest_id, item.line, purchase_id),
            )
            self._db.execute(
                "INSERT INTO items (manifest_id, line, file, size, print, base, wanted, purchase_id)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (manifest_id, line) DO UPDATE SET"
                " file = excluded.file, size = excluded.size, print = excluded.print,"
                " base = excluded.base, wanted = excluded.wanted, purchase_id = excluded.purchase_id",
                (
                    manifest_id,
                    item.line,
                    os.fsencode(item.file),
                    item.size,
                    item.print,
                    os.fsencode(item.base),
                    item.wanted,
                    purchase_id,
                ),
            )

    def _purchase(self, item: NewItem) -> int:
        found = self._db.execute(
            "SELECT id FROM purchases WHERE content_key = ?", (item.content_key,)
        ).fetchone()
        if found:
            return int(found[0])
        made = self._db.execute(
            "INSERT INTO purchases (content_key, sha256, product, options, generation, audio_bytes,"
            " characters, created) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                item.content_key,
                item.sha256,
                item.product,
                item.options,
                item.generation,
                item.audio_bytes,
                item.characters,
                self._clock(),
            ),
        )
        self._db.execute("INSERT INTO parts (purchase_id) VALUES (?)", (made.lastrowid,))
        assert made.lastrowid is not None
        return made.lastrowid

    def items(self, manifest_id: str) -> list[ItemRow]:
        """The known lines of a manifest, each with its part and newest attempt."""
        rows = self._db.execute(
            f"SELECT {ITEM}, {ATTEMPT} FROM items i"  # noqa: S608 - constant columns
            " JOIN purchases p ON p.id = i.purchase_id JOIN parts t ON t.purchase_id = p.id"
            " LEFT JOIN attempts a ON a.id = (SELECT max(id) FROM attempts"
            "   WHERE part_id = t.id AND superseded = 0)"
            " WHERE i.manifest_id = ? ORDER BY i.id",
            (manifest_id,),
        )
        return [item_of(row) for row in rows]

    def refresh_items(self, manifest_id: str, lines: Iterable[tuple[str, str, str]]) -> None:
        """Keep up with result names and fetch options of known lines: (line, base, wanted)."""
        self._db.executemany(
            "UPDATE items SET base = ?, wanted = ? WHERE manifest_id = ? AND line = ?",
            [(os.fsencode(base), wanted, manifest_id, line) for line, base, wanted in lines],
        )

    def digests(self, manifest_id: str) -> dict[str, tuple[int, str, str]]:
        """What is known of a manifest's lines: line -> (size, print, digest of the audio)."""
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
            "INSERT OR REPLACE INTO results VALUES (?, ?, ?, ?, ?, ?)",
            [(r.item_id, r.name, os.fsencode(r.path), r.size, r.sha256, self._clock()) for r in results],
        )

    def results(self, item_id: int) -> list[ResultRow]:
        """The recorded files of an item."""
        rows = self._db.execute(
            "SELECT item_id, name, path, size, sha256 FROM results WHERE item_id = ? ORDER BY name",
            (item_id,),
        )
        return [ResultRow(row[0], row[1], os.fsdecode(row[2]), row[3], row[4]) for row in rows]

    def wrote(self, path: str) -> bool:
        """Whether a file is one of the results that this ledger recorded."""
        row = self._db.execute(
            "SELECT 1 FROM results WHERE path = ? LIMIT 1", (os.fsencode(path),)
        ).fetchone()
        return row is not None
