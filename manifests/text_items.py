"""A manifest's lines: an item as one JSON mapping, and back; what is restyled is left to another reader."""

import json
from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec.structs import force_setattr, replace

from manifests.check import Checker, Offer, mark
from manifests.check_many import doubtful, marks
from manifests.errors import UsageError
from manifests.manifest import Item
from manifests.paths import as_written
from manifests.text_lines import Faulty, Piece
from manifests.text_restyled import restyled
from manifests.text_values import escaped
from manifests.text_yaml import LOADER

_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(Item)
_LIST_DECODER = msgspec.json.Decoder(list[Item])

_BETWEEN = b'}, {"file": '
"""Between two items of a list; within a text it would hold backslashes."""

_JOINT = b'}\n- {"file": '


def item_line(item: Item) -> bytes:
    """The line of an item, from `- ` to its end."""
    return b"- " + escaped(_plain_json(item)) + b"\n"


def item_lines(items: Sequence[Item]) -> bytes:
    """The lines of many items: one call of the encoder writes them in a third of the time."""
    try:
        raw = _plain_list(items)
    except UnicodeEncodeError:
        return b"".join(map(item_line, items))
    lines = b"- " + raw[1:-1].replace(_BETWEEN, _JOINT) + b"\n" if items else b""
    return lines if lines.count(b"\n") == len(items) else b"".join(map(item_line, items))


def plain_items(text: bytes) -> list[Item] | None:
    """The items of whole lines that are just as `item_lines` writes them; None if they are not.

    Whatever else YAML and JSON allow, such as a key that stands twice, is left to `ItemReader`.
    """
    if text.endswith(b"\r\n"):
        text = text.replace(b"\r\n", b"\n")  # in JSON both are no part of any text
    lines = text.removesuffix(b"\n")
    body = b"[" + lines[2:].replace(b"}\n- {", b"}, {") + b"]"
    try:
        items = _LIST_DECODER.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    as_written = (
        text.startswith(b"- {") and lines.count(b"\n") == len(items) - 1 and _plain_list(items) == body
    )
    return items if as_written else None


def _plain_list(items: Sequence[Item]) -> bytes:
    """The items as a JSON list in one line."""
    return escaped(msgspec.json.format(_ENCODER.encode(items), indent=0))


def _plain_json(item: Item) -> bytes:
    try:
        raw = _ENCODER.encode(item)
    except UnicodeEncodeError:
        raw = _ENCODER.encode(_readable(item))
    return msgspec.json.format(raw, indent=0)


def _readable(item: Item) -> Item:
    """The item with its path in two forms: what can be read, and its bytes."""
    file, file_bytes = as_written(item.file)
    note = None if item.note is None else item.note.encode(errors="replace").decode()
    return replace(item, file=file, file_bytes=item.file_bytes or file_bytes, note=note)


class ItemReader:
    """Reads pieces of text into items, and checks them."""

    def __init__(self, checker: Checker, loader: type[Any] = LOADER) -> None:
        self._checker = checker
        self._loader = loader

    def read(self, piece: Piece) -> Item:
        """The item that the text says, with its product's own name and its options in wire values.

        Raises:
            Faulty: what is wrong with it.
        """
        return self.read_marked(piece)[0]

    def read_marked(self, piece: Piece) -> tuple[Item, int]:
        """The same with the mark of what the line buys (`manifests.check.mark`)."""
        item = _fast(piece.text)
        if item is None:
            item = restyled(piece, self._loader)
        try:
            offer = self._checker.check(item)
        except UsageError as error:
            raise Faulty(str(error), piece.line) from None
        marked = mark(item, offer)
        _share(item, offer)
        return item, marked

    def read_plain(self, text: bytes, line: int) -> tuple[list[Item], list[int]] | None:
        """The items of whole lines, and the marks of what they buy; None if any is restyled.

        Args:
            text: one or more lines.
            line: the number of the first.

        Raises:
            Faulty: what is wrong with one of them.
        """
        items = plain_items(text)
        if not items:
            return None
        offers = self._offers(items, line)
        found = marks(items, offers)
        for item, offer in zip(items, offers, strict=True):
            force_setattr(item, "service", offer.product)  # as _share
            force_setattr(item, "options", offer.options)
        return items, found

    def _offers(self, items: Sequence[Item], line: int) -> Sequence[Offer]:
        try:
            offers = self._checker.offers(items)
            closer = doubtful(items, offers)
        except UsageError:
            offers, closer = [], range(len(items))
        for index in closer:
            try:
                self._checker.check(items[index])
            except UsageError as error:
                raise Faulty(str(error), line + index) from None
        return offers


def _share(item: Item, offer: Offer) -> None:
    """Keep what lines share once: a million dicts would not fit. The item is the reader's alone still."""
    force_setattr(item, "service", offer.product)
    force_setattr(item, "options", offer.options)


def _fast(raw: bytes) -> Item | None:
    """The item of a line as `item_line` writes it, or another JSON mapping; None if it is neither."""
    body = raw.strip()[2:]
    try:
        item = _DECODER.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None  # restyled, or wrong: the other reader tells
    # Decoding keeps the last of two equal keys in silence. A line that is just what its item would be
    # written as has none; only others are looked at more closely.
    return (
        item if msgspec.json.format(_ENCODER.encode(item), indent=0) == body or _no_key_twice(body) else None
    )


def _no_key_twice(body: bytes) -> bool:
    twice = False

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal twice
        table = dict(found)
        twice = twice or len(table) < len(found)
        return table

    json.loads(body, object_pairs_hook=pairs)
    return not twice
