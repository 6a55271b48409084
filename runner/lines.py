"""The lines of a manifest as a run sees them: priced, named, recognisable across runs."""

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import msgspec

from manifests import catalogue, naming, options
from manifests.catalogue import Product
from manifests.errors import ManifestError
from manifests.manifest import Item, Manifest
from manifests.money import Cents, Rate
from manifests.stored import Location, Stored, below, is_stored
from runner.ledger.rows import ItemRow, Refreshed


@dataclass(frozen=True, slots=True)
class Line:
    """One line, with what follows from it."""

    key: str  # identifies it within its manifest, whatever its price or result name
    item: Item
    product: Product
    root: Location
    base: str
    submit: Mapping[str, object]
    wanted: Mapping[str, object]
    expected: Cents  # in the product's currency
    ceiling: Cents

    def changed(self, row: ItemRow) -> bool:
        """Whether the file was planned again, after it changed, since the ledger bound this line."""
        return (row.size, row.print) != (self.item.size, self.item.print)

    @property
    def label(self) -> str:
        """What people call it: its file, with which part of it where it is one."""
        return f"{self.item.path} {self.item.part}" if self.item.part else self.item.path

    @property
    def clones(self) -> bool:
        """Whether it makes a voice, which other lines of its manifest may speak with."""
        return self.product.service.name == "clone"

    @property
    def path(self) -> Location:
        """Where its file lies; made when asked for, as a million paths would fill the memory."""
        return below(self.root, self.item.path)

    @property
    def refreshed(self) -> Refreshed:
        """What the ledger keeps up with, once it knows the line."""
        return Refreshed(
            self.key, self.base, self.wanted_text, self.expected, self.ceiling, self.product.currency
        )

    @property
    def wanted_text(self) -> str:
        """The fetch options as they are kept in the ledger."""
        return as_text(self.wanted)


def as_text(fields: Mapping[str, object]) -> str:
    """A mapping as JSON that is equal for equal mappings."""
    return msgspec.json.encode(dict(fields), order="deterministic").decode()


def as_fields(text: str | bytes) -> dict[str, object]:
    """The mapping in such a text."""
    return msgspec.json.decode(text, type=dict[str, object])


def lines_of(manifest: Manifest, folder: Path, rates: Mapping[str, Rate]) -> list[Line]:
    """All lines of a manifest that lies in `folder`, priced at `rates`.

    Raises:
        ManifestError: result names clash or lead out of the results folder.
    """
    root = root_of(folder, manifest.head.root)
    bases = naming.bases(manifest.items)
    _check_needs(manifest.items)
    return [line_of(item, root, base, rates) for item, base in zip(manifest.items, bases, strict=True)]


def root_of(folder: Path, root: str) -> Location:
    """What paths are relative to in a manifest that lies in `folder`, by the root that its head names."""
    return Stored(root) if is_stored(root) else Path(os.path.normpath(folder / root))


def _check_needs(items: Sequence[Item]) -> None:
    """Refuse a line whose voice nobody makes."""
    needing = [item for item in items if item.needs is not None]
    voices = {item.file for item in items if item.service == "clone"} if needing else set()
    for item in needing:
        if item.needs not in voices:
            raise ManifestError(
                f"{item.file!r} needs the voice of {item.needs!r}, but no clone line of this manifest has"
                " that file: add the line, or give it a voice"
            )


@dataclass(frozen=True, slots=True)
class _Offer:
    """What all lines of one service and one set of options share."""

    product: Product
    name: str
    submit: Mapping[str, object]
    wanted: Mapping[str, object]
    bought: str


@lru_cache(maxsize=1024)
def _offer(service: str, options_text: bytes) -> _Offer:
    """Worked out once, not once a line: most manifests hold many lines and few offers."""
    product, given = catalogue.load().product(service), as_fields(options_text)
    submit = options.submitted(product, given)
    return _Offer(product, product.name, submit, options.fetched(product, given), as_text(submit))


def line_of(item: Item, root: Location, base: str, rates: Mapping[str, Rate]) -> Line:
    """The line of one item, whose results go to `base`."""
    offer = _offer(item.service, msgspec.json.encode(item.options))
    cost = item.cost(offer.product, rates[offer.name])
    return Line(
        key=_key(item, offer),
        item=item,
        product=offer.product,
        root=root,
        base=base,
        submit=offer.submit,
        wanted=offer.wanted,
        expected=cost.expected,
        ceiling=cost.ceiling,
    )


def _key(item: Item, offer: _Offer) -> str:
    parts = [os.fsencode(item.path).hex(), offer.name, offer.bought, str(item.generation)]
    more = {"needs": item.needs, "span": item.span, "url": item.url}
    if any(more.values()):  # lines without these keep the key that earlier versions gave them
        parts.append(as_text(more))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]
