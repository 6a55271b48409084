"""Sums over lines of a plan; cents and credits each for themselves."""

from collections.abc import Sequence
from dataclasses import dataclass

from manifests.catalogue import Product
from manifests.money import Cents
from planner.inputs import Passage, Prompt
from planner.pricing import Line
from planner.recording import Recording


@dataclass(frozen=True, slots=True)
class Row:
    """Sums over some lines; lengths in milliseconds, `size` in bytes to upload."""

    items: int
    ms: int
    cents: Cents  # what they cost; what they would cost, for lines that cost nothing
    ceiling: Cents
    size: int
    characters: int = 0  # of texts to be spoken
    credits: int = 0  # of the account, in the same sense as cents; never added to them
    credits_ceiling: int = 0


@dataclass(frozen=True, slots=True)
class ProductRow:
    """The lines of one product that have to be paid."""

    product: str
    row: Row


@dataclass(frozen=True, slots=True)
class SpokenRow:
    """A text to be spoken, or a prompt: its first words, and what its length stands on."""

    file: str
    product: str
    start: str
    characters: int
    ms: int
    parts: int  # jobs
    rate: str  # `12 to 18 characters a second, en`; empty for prompts
    jobs: int  # measured jobs that narrowed the estimate; 0 where none did


def row_of(lines: Sequence[Line]) -> Row:
    """The sums over the lines."""
    return Row(
        items=len(lines),
        ms=sum(line.length.ms for line in lines),
        cents=Cents(sum(line.full for line in lines)),
        ceiling=Cents(sum(line.item.ceiling for line in lines)),
        size=sum(line.input.size for line in lines if isinstance(line.input, Recording)),
        characters=sum(_characters(line) for line in lines),
        credits=sum(line.cost.credits[0] for line in lines),
        credits_ceiling=sum(line.item.credits_ceiling for line in lines),
    )


def by_product(lines: Sequence[Line], products: Sequence[Product]) -> tuple[ProductRow, ...]:
    """A row for each product, in their order."""
    split: dict[str, list[Line]] = {product.name: [] for product in products}
    for line in lines:
        split[line.item.service].append(line)
    return tuple(ProductRow(name, row_of(some)) for name, some in split.items())


def spoken(lines: Sequence[Line]) -> tuple[SpokenRow, ...]:
    """The texts and prompts among the lines; the parts of a text are one row."""
    groups: dict[tuple[str, str, str, str], list[Line]] = {}
    for line in lines:
        one = line.input
        if isinstance(one, (Passage, Prompt)):
            options = str(sorted(line.item.options.items())) if isinstance(one, Passage) else str(one.number)
            groups.setdefault((one.path, line.item.service, options, line.item.needs or ""), []).append(line)
    return tuple(_spoken(some) for some in groups.values())


def _spoken(lines: Sequence[Line]) -> SpokenRow:
    first = lines[0]
    told = first.sale.told
    assert isinstance(first.input, (Passage, Prompt))
    return SpokenRow(
        file=first.item.file,
        product=first.item.service,
        start=first.input.start,
        characters=sum(_characters(line) for line in lines),
        ms=sum(line.length.ms for line in lines),
        parts=len(lines),
        rate=str(told or ""),
        jobs=told.jobs if told else 0,
    )


def _characters(line: Line) -> int:
    return line.input.characters if isinstance(line.input, Passage) else 0
