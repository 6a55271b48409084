"""Items that a person restyled: read in any style that YAML has."""

from collections.abc import Callable
from typing import Any

from manifests.errors import choices
from manifests.length import Basis, Grade
from manifests.manifest import Item
from manifests.text_lines import Faulty, Piece
from manifests.text_values import field, flag, inner, is_empty, known_fields, number, text, whole
from manifests.text_yaml import LOADER, Table, load

_REQUIRED = ("file", "service", "seconds", "grade", "cents", "ceiling", "size", "print")
_MAY_BE_EMPTY = ("longest", "file_bytes", "sha256", "result", "needs", "note", "url", "part", "span")


def restyled(piece: Piece, loader: type[Any] = LOADER) -> Item:
    """The item of a line in any style that YAML has.

    Raises:
        Faulty: not YAML, or not an item.
    """
    value = load(piece.text, piece.line, loader)
    match value:
        case [Table() as table]:
            return _item(table)
        case _:
            raise Faulty('an item is a mapping, such as {"file": "talks/ep1.mp3", ...}', piece.line)


def _item(table: Table) -> Item:
    known_fields(table, _FIELDS, "an item")
    for name in _REQUIRED:
        field(table, name, "the item")
    given = [name for name in table if name not in _MAY_BE_EMPTY or not is_empty(table[name])]
    return Item(**{name: _FIELDS[name](table, name) for name in given})


def _grade(table: Table, name: str) -> Grade:
    return Grade(_word(table, name, [word.value for word in Grade]))


def _basis(table: Table, name: str) -> Basis:
    return Basis(_word(table, name, [word.value for word in Basis]))


def _word(table: Table, name: str, known: list[str]) -> str:
    value = text(table, name)
    if value not in known:
        raise Faulty(f"`{name}` cannot be {value!r}{choices(value, known)}", table.line_of(name))
    return value


def _span(table: Table, name: str) -> tuple[int, int]:
    """Two whole numbers."""
    value = table[name]
    ends = [str(each) for each in value] if isinstance(value, list) else []
    match ends:
        case [start, end] if start.isascii() and start.isdigit() and end.isascii() and end.isdigit():
            return int(start[:9]), int(end[:9])
        case _:
            raise Faulty(f"`{name}` is two whole numbers such as [0, 19850]", table.line_of(name))


def _options(table: Table, name: str) -> dict[str, Any]:
    """Scalars as text: what they mean, `manifests.options.check` tells by the kind of the option."""
    return {key: _unmarked(value) for key, value in inner(table, name).items()}


def _unmarked(value: Any) -> Any:
    if isinstance(value, list):
        return [_unmarked(each) for each in value]
    return {key: _unmarked(each) for key, each in value.items()} if isinstance(value, Table) else str(value)


_FIELDS: dict[str, Callable[[Table, str], Any]] = {
    "file": text,
    "service": text,
    "seconds": number,
    "grade": _grade,
    "cents": whole,
    "ceiling": whole,
    "size": whole,
    "print": text,
    "options": _options,
    "basis": _basis,
    "longest": number,
    "file_bytes": text,
    "sha256": text,
    "result": text,
    "needs": text,
    "generation": whole,
    "paid": flag,
    "note": text,
    "url": text,
    "part": text,
    "span": _span,
    "credits": whole,
    "credits_ceiling": whole,
}
"""How each field of an item is read; a test holds the names against `Item`."""
