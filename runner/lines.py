"""The lines of a manifest as a run sees them: priced, named, recognisable across runs."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from manifests import catalogue, naming, options
from manifests.catalogue import Product
from manifests.manifest import Item, Manifest
from manifests.money import Cents, Rate
from runner.ledger.rows import ItemRow


@dataclass(frozen=True, slots=True)
class Line:
    """One line, with what follows from it."""

    key: str  # identifies it within its manifest, whatever its price or result name
    item: Item
    product: Product
    path: Path
    base: str
    submit: Mapping[str, object]
    wanted: Mapping[str, object]
    expected: Cents
    ceiling: Cents

    def changed(self, row: ItemRow) -> bool:
        """Whether the file was planned again, after it changed, since the ledger bound this line."""
        return (row.size, row.print) != (self.item.size, self.item.print)

    @property
    def wanted_text(self) -> str:
        """The fetch options as they are kept in the ledger."""
        return as_text(self.wanted)


def as_text(fields: Mapping[str, object]) -> str:
    """A mapping as JSON that is equal for equal mappings."""
    return msgspec.json.encode(dict(fields), order="deterministic").decode()


def as_fields(text: str) -> dict[str, object]:
    """The mapping in such a text."""
    return msgspec.json.decode(text, type=dict[str, object])


def lines_of(manifest: Manifest, folder: Path, rates: Mapping[str, Rate]) -> list[Line]:
    """All lines of a manifest that lies in `folder`, priced at `rates`.

    Raises:
        ManifestError: result names clash or lead out of the results folder.
    """
    root = Path(os.path.normpath(folder / manifest.head.root))
    bases = naming.bases(manifest.items)
    return [_line(item, root, base, rates) for item, base in zip(manifest.items, bases, strict=True)]


def _line(item: Item, root: Path, base: str, rates: Mapping[str, Rate]) -> Line:
    product = catalogue.load().product(item.service)
    submit = options.submitted(product, item.options)
    rate = rates[product.name]
    return Line(
        key=_key(item, product, submit),
        item=item,
        product=product,
        path=root / item.path,
        base=base,
        submit=submit,
        wanted=options.fetched(product, item.options),
        expected=item.full_price(rate),
        ceiling=item.full_ceiling(rate),
    )


def _key(item: Item, product: Product, submit: Mapping[str, object]) -> str:
    parts = (os.fsencode(item.path).hex(), product.name, as_text(submit), str(item.generation))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]
