"""The lines of a shift as the ledger keeps them: a host that has no manifest works from these alone.

A line's result name goes with it: which names clash, only the whole manifest tells.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from manifests.errors import MachineError
from manifests.manifest import Head, Item
from manifests.money import Rate
from manifests.paths import as_written
from manifests.stored import Location
from runner.lines import Line, line_of

T = TypeVar("T")


class Packed(Struct, frozen=True, omit_defaults=True):
    """One line of a manifest, with the name under which its results are kept."""

    item: Item
    base: str  # under the results folder, without extension
    base_bytes: str | None = None  # hex of it, where it is no UTF-8


_LINES = msgspec.json.Decoder(list[Packed])


def pack(lines: Iterable[Line]) -> str:
    """Lines as JSON in ASCII; `unpack` gives the same back."""
    return msgspec.json.encode([_packed(line) for line in lines]).decode()


def unpack(text: str) -> list[Packed]:
    """The lines of such a text, in their order.

    Raises:
        MachineError: it is none, or of a newer Earmark.
    """
    return _read(_LINES, text, "the lines of a shift")


def lines_of_shift(packed: Sequence[Packed], root: Location, rates: Mapping[str, Rate]) -> list[Line]:
    """The lines as a run sees them, with their files under `root`, priced at `rates` (cents a minute)."""
    return [line_of(each.item, root, base_of(each), rates) for each in packed]


def base_of(packed: Packed) -> str:
    """The result name as the operating system knows it."""
    return os.fsdecode(bytes.fromhex(packed.base_bytes)) if packed.base_bytes else packed.base


def pack_head(head: Head) -> str:
    """A manifest's head as JSON."""
    return msgspec.json.encode({**_fields(head), "rates": rates_text(head.rates)}).decode()


def unpack_head(text: str) -> Head:
    """The head of such a text.

    Raises:
        MachineError: it is none, or of a newer Earmark.
    """
    fields = _read(msgspec.json.Decoder(dict[str, object]), text, "the head of a dispatch")
    rates = fields.pop("rates", None)
    if not isinstance(rates, dict):
        raise MachineError(
            "the ledger holds no head of a dispatch where one should be: use the newer Earmark"
        )
    try:
        return msgspec.convert({**fields, "rates": rates_of(rates)}, Head)
    except (msgspec.ValidationError, ValueError, ZeroDivisionError) as error:
        raise MachineError(f"the ledger holds a head that this Earmark cannot read: {error}") from error


def rates_text(rates: Mapping[str, Rate]) -> dict[str, str]:
    """Exact fractions as text: JSON has none."""
    return {product: str(rate) for product, rate in rates.items()}


def rates_of(texts: Mapping[str, str]) -> dict[str, Rate]:
    """The fractions of such texts, cents a minute (credits, where those pay)."""
    return {product: Rate(text) for product, text in texts.items()}


def _packed(line: Line) -> Packed:
    base, raw = as_written(line.base)
    return Packed(_readable(line.item), base, raw)


def _readable(item: Item) -> Item:
    """The item with its path in two forms where it is no UTF-8, as a manifest writes it."""
    file, raw = as_written(item.path)
    note = None if item.note is None else as_written(item.note)[0]
    return replace(item, file=file, file_bytes=raw, note=note)


def _fields(head: Head) -> dict[str, object]:
    plain = {name: getattr(head, name) for name in head.__struct_fields__}
    root, _ = as_written(head.root)
    return {**plain, "root": root}


def _read(decoder: "msgspec.json.Decoder[T]", text: str, what: str) -> T:
    try:
        return decoder.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MachineError(f"the ledger holds {what} that this Earmark cannot read: {error}") from error
