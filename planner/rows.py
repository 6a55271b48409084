"""Sums over lines of a plan; cents and credits each for themselves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from manifests.money import ZERO, Cents
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

    def __add__(self, other: "Row") -> "Row":
        return Row(
            self.items + other.items,
            self.ms + other.ms,
            Cents(self.cents + other.cents),
            Cents(self.ceiling + other.ceiling),
            self.size + other.size,
            self.characters + other.characters,
            self.credits + other.credits,
            self.credits_ceiling + other.credits_ceiling,
        )


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


NOTHING = Row(0, 0, ZERO, ZERO, 0)


class Columns:
    """Lines of one standing, column by column: their inputs, lengths and full amounts."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self.lines = lines
        self.sales = [line.sale for line in lines]
        self.inputs = [sale.input for sale in self.sales]
        self.ms = [sale.length.ms for sale in self.sales]
        self.amounts = [line.cost.amounts for line in lines]
        self.recorded = set(map(type, self.inputs)) == {Recording}  # there is nothing else among them

    def row(self) -> Row:
        """The sums over the lines."""
        if not self.lines:
            return NOTHING
        cents, ceiling, credits_, credits_ceiling = map(sum, zip(*self.amounts, strict=True))
        free, inputs = self.lines[0].item.paid, self.inputs
        return Row(
            items=len(self.lines),
            ms=sum(self.ms),
            cents=Cents(cents),
            ceiling=ZERO if free else Cents(ceiling),
            size=sum([one.size for one in inputs if self.recorded or isinstance(one, Recording)]),
            characters=0
            if self.recorded
            else sum(one.characters for one in inputs if isinstance(one, Passage)),
            credits=credits_,
            credits_ceiling=0 if free else credits_ceiling,
        )


def row_of(lines: Sequence[Line]) -> Row:
    """The sums over lines of one standing."""
    return Columns(lines).row()


def by_product(lines: Sequence[Line]) -> Mapping[str, Sequence[Line]]:
    """The lines of each product, by its name."""
    if len({line.item.service for line in lines}) == 1:
        return {lines[0].item.service: lines}
    split: dict[str, list[Line]] = {}
    for line in lines:
        split.setdefault(line.item.service, []).append(line)
    return split


def spoken(lines: Sequence[Line]) -> tuple[SpokenRow, ...]:
    """The texts and prompts among the lines; the parts of a text are one row."""
    groups: dict[tuple[str, str, str, str], list[Line]] = {}
    for line in lines:
        one = line.sale.input
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
