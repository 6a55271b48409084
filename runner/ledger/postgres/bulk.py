"""Many lines of a manifest bound to purchases with a few statements: a server is asked once for thousands."""

from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Any

from runner.ledger.items import Items, written
from runner.ledger.rows import NewItem

_PURCHASE = {
    "content_key": "text", "sha256": "text", "product": "text", "options": "text", "generation": "bigint",
    "audio_bytes": "bigint", "characters": "bigint",
}  # fmt: skip
_LINE = {
    "line": "text", "file": "bytea", "size": "bigint", "print": "text", "base": "bytea", "wanted": "text",
    "purchase_id": "bigint", "expected": "bigint", "ceiling": "bigint", "currency": "text",
}  # fmt: skip


def _rows_of(columns: dict[str, str]) -> str:
    """Columns, each given as an array, as the rows of a table `n`."""
    arrays = ", ".join(f"CAST(? AS {kind}[])" for kind in columns.values())
    return f"unnest({arrays}) WITH ORDINALITY AS n ({', '.join(columns)}, place)"


_ADD_PURCHASES = (
    f"INSERT INTO purchases ({', '.join(_PURCHASE)}, created)"  # noqa: S608 - constant names, here and below
    f" SELECT {', '.join(f'n.{name}' for name in _PURCHASE)}, CAST(? AS double precision)"
    f" FROM {_rows_of(_PURCHASE)} ORDER BY n.content_key ON CONFLICT (content_key) DO NOTHING"
)
_ADD_PARTS = (
    "INSERT INTO parts (purchase_id) SELECT p.id FROM purchases p"
    " WHERE p.content_key = ANY (CAST(? AS text[]))"
    " AND NOT EXISTS (SELECT 1 FROM parts t WHERE t.purchase_id = p.id) ORDER BY p.id"
)
_PURCHASES = "SELECT content_key, id FROM purchases WHERE content_key = ANY (CAST(? AS text[]))"
_ADD_LINES = (
    f"INSERT INTO items (manifest_id, {', '.join(_LINE)})"  # noqa: S608
    f" SELECT CAST(? AS text), {', '.join(f'n.{name}' for name in _LINE)}"
    f" FROM {_rows_of(_LINE)} ORDER BY n.place ON CONFLICT (manifest_id, line) DO NOTHING"
)
_OTHERS = [name for name in _LINE if name != "line"]
_DROP_RESULTS = (
    f"DELETE FROM results r USING items i, {_rows_of(_LINE)} WHERE i.manifest_id = ? AND i.line = n.line"  # noqa: S608
    " AND r.item_id = i.id AND i.purchase_id <> n.purchase_id"
)
_BIND_LINES = (
    f"UPDATE items i SET {', '.join(f'{name} = n.{name}' for name in _OTHERS)} FROM {_rows_of(_LINE)}"  # noqa: S608
    f" WHERE i.manifest_id = ? AND i.line = n.line AND ({', '.join(f'i.{name}' for name in _OTHERS)})"
    f" IS DISTINCT FROM ({', '.join(f'n.{name}' for name in _OTHERS)})"
)


class BulkItems(Items):
    """Lines by the thousand."""

    def _purchases(self, batch: Sequence[NewItem]) -> Sequence[int]:
        """The purchase of each item; two hosts that make the same ones make them in the same order."""
        fields = list(map(attrgetter(*_PURCHASE), {item.content_key: item for item in batch}.values()))
        columns = [list(each) for each in zip(*fields, strict=True)]
        self._db.execute(_ADD_PURCHASES, (self.hour(), *columns))
        self._db.execute(_ADD_PARTS, (columns[0],))
        numbers = dict(self._db.execute(_PURCHASES, (columns[0],)).fetchall())
        return [numbers[item.content_key] for item in batch]

    def _add_lines(self, manifest_id: str, bound: Iterable[tuple[NewItem, int]]) -> int:
        """Add the lines that are new; how many were."""
        return self._db.execute(_ADD_LINES, (manifest_id, *_columns(bound))).rowcount

    def _bind_lines(self, manifest_id: str, bound: Sequence[tuple[NewItem, int]]) -> None:
        """Bring known lines up to date; of a line that stands twice the last one counts."""
        last = {item.line: (item, purchase_id) for item, purchase_id in bound}.values()
        columns = _columns(last)
        self._db.execute(_DROP_RESULTS, (*columns, manifest_id))
        self._db.execute(_BIND_LINES, (*columns, manifest_id))


def _columns(bound: Iterable[tuple[NewItem, int]]) -> list[list[Any]]:
    rows = [(item.line, *written(item, purchase_id)) for item, purchase_id in bound]
    return [list(each) for each in zip(*rows, strict=True)]
