"""The plan in figures: what the screen and the JSON document are made from. Each amount adds up."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from heapq import nlargest
from math import ceil

from manifests.catalogue import Product
from manifests.manifest import Total
from manifests.money import MS_PER_SECOND, Cents, Rate, exact_price, whole_seconds
from planner.filing import Files, Filing
from planner.inputs import Input
from planner.leftout import LeftOut, Reason
from planner.pairs import Pairing, Pairs
from planner.pricing import Line, Standing
from planner.rebuying import Rebuying
from planner.rows import NOTHING, Columns, ProductRow, Row, SpokenRow, by_product, row_of
from planner.sales import Refused
from planner.till import Batch

_TO_PAY, _PAID_BEFORE, _SAME_AUDIO = Standing.TO_PAY, Standing.PAID_BEFORE, Standing.SAME_AUDIO

AS_ASKED = frozenset(
    {
        Reason.HIDDEN,
        Reason.OWN,
        Reason.EXCLUDED,
        Reason.NOT_INCLUDED,
        Reason.NO_RULE,
        Reason.SKIPPED,
        Reason.TWICE,
    }
)
"""Left out by the user's own word or by a rule of the walk: counted, but no fault of any file."""

ROUNDING_SHARE = Fraction(1, 4)
"""Rounding each job up to the cent is told when it makes more than this part of the price."""

DEAREST = 2
MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Rounding:
    """What rounding each job up to the cent adds."""

    items: int
    cents: Cents
    exact: Cents  # the price had the sum been rounded once


@dataclass(frozen=True, slots=True)
class Warn:
    """Items beyond a published limit of the service."""

    product: str
    count: int
    limit: str  # `shorter than 10 s`
    example: str


@dataclass(frozen=True, slots=True)
class Summary:
    """All figures of a plan."""

    files: Files
    products: tuple[ProductRow, ...]
    total: Row
    paid_before: Row
    same_audio: Row
    over: Row
    left_out: tuple[LeftOut, ...]
    refused: tuple[Refused, ...]
    skipped: tuple[tuple[Reason, int], ...]
    dearest: tuple[Line, ...]
    pairs: tuple[Pairs, ...]
    rounding: Rounding | None
    warnings: tuple[Warn, ...]
    rebuyings: tuple[Rebuying, ...] = ()
    spoken: tuple[SpokenRow, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether every file was priced for every product."""
        return not (self.left_out or self.refused)


class Summing:
    """Adds up lines that pass by; keeps no line but the dearest.

    Args:
        products: that may be bought, for their limits and rates.
    """

    def __init__(self, products: Sequence[Product]) -> None:
        self._limits = {product.name: _limits(product) for product in products}
        self._rows: dict[str, Row] = {}
        self._paid_before = self._same_audio = self._over = NOTHING
        self._files = Filing()
        self._refused: list[Refused] = []
        self._dearest: list[Line] = []
        self._pairing = Pairing()
        self._rounding = _Rounding({product.name: product.rate for product in products})
        self._beyond: dict[tuple[str, str], tuple[int, str]] = {}
        self._spoken: list[SpokenRow] = []

    def add(self, batch: Batch, over: Sequence[Line] = ()) -> None:
        """Count a batch: its lines, and those of the same files that did not fit under the cap."""
        to_pay = [line for line in batch.lines if line.standing is _TO_PAY]
        if len(to_pay) < len(batch.lines):
            self._paid_before += row_of([line for line in batch.lines if line.standing is _PAID_BEFORE])
            self._same_audio += row_of([line for line in batch.lines if line.standing is _SAME_AUDIO])
        split = by_product(to_pay)
        for name, lines in split.items():
            columns = Columns(lines)
            row = columns.row()
            self._rows[name] = self._rows.get(name, NOTHING) + row
            self._rounding.add(name, columns, row.cents)
            self._warn(name, columns)
            self._spoken.extend(columns.spoken())
        if over:
            row = row_of([line for line in over if line.standing is _TO_PAY])
            self._over += replace(row, items=len(over))  # those that another pays for cost nothing
        self._files.add(batch, to_pay, over)
        self._refused.extend(batch.refused)
        self._dearest = _dearest(self._dearest, to_pay)
        self._pairing.add(split, early=batch.early)

    def _warn(self, name: str, columns: Columns) -> None:
        for limit in self._limits[name]:
            if hit := limit.beyond(columns):
                count, example = self._beyond.get((name, limit.words), (0, hit[0].item.file))
                self._beyond[name, limit.words] = count + len(hit), example

    @property
    def total(self) -> Total:
        """What a manifest's head says of the lines that are kept."""
        to_pay = sum(self._rows.values(), NOTHING)
        every = to_pay + self._paid_before + self._same_audio
        return Total(
            items=every.items,
            seconds=whole_seconds(every.ms),
            cents=to_pay.cents,
            ceiling=to_pay.ceiling,
            credits=to_pay.credits,
            credits_ceiling=to_pay.credits_ceiling,
        )

    def summary(
        self,
        inputs: Sequence[Input],
        left_out: Iterable[LeftOut],
        products: Sequence[Product],
        rebuyings: tuple[Rebuying, ...] = (),
    ) -> Summary:
        """The figures of a plan.

        Args:
            inputs: of the plan.
            left_out: files that were left out, for whatever reason.
            products: that are told, in the order of the command line.
            rebuyings: kept lines whose audio was bought before with other options.
        """
        products = list({product.name: product for product in products}.values())
        everything = list(left_out)
        faulty = tuple(each for each in everything if each.reason not in AS_ASKED)
        skipped = Counter(each.reason for each in everything if each.reason in AS_ASKED)
        return Summary(
            files=self._files.files(len(faulty)),
            products=tuple(
                ProductRow(product.name, self._rows.get(product.name, NOTHING)) for product in products
            ),
            total=sum(self._rows.values(), NOTHING),
            paid_before=self._paid_before,
            same_audio=self._same_audio,
            over=self._over,
            left_out=faulty,
            refused=tuple(self._refused),
            skipped=tuple(sorted(skipped.items())),
            dearest=tuple(self._dearest),
            pairs=self._pairing.pairs(inputs),
            rounding=self._rounding.told(),
            warnings=tuple(
                Warn(product.name, count, limit.words, example)
                for product in products
                for limit in self._limits[product.name]
                for count, example in [self._beyond.get((product.name, limit.words), (0, ""))]
                if count
            ),
            rebuyings=rebuyings,
            spoken=tuple(self._spoken),
        )


def _dearest(before: list[Line], lines: Sequence[Line]) -> list[Line]:
    """The dearest of both, those that came first in front."""
    least = before[-1].full if len(before) == DEAREST else -1
    more = [line for line in lines if line.cost.amounts[0] > least]
    return nlargest(DEAREST, [*before, *more], key=lambda one: one.full) if more else before


class _Rounding:
    """What rounding each job up to the cent adds."""

    def __init__(self, rates: Mapping[str, Rate]) -> None:
        self._rates = rates
        self._seconds: Counter[str] = Counter()
        self._items = self._cents = 0

    def add(self, product: str, columns: Columns, cents: Cents) -> None:
        if not cents:  # nothing that the wallet pays
            return
        ms = columns.ms
        if min(columns.amounts)[0] == 0:
            ms = [each for each, amounts in zip(ms, columns.amounts, strict=True) if amounts[0]]
        self._items += len(ms)
        self._cents += cents
        self._seconds[product] += sum([-(-each // MS_PER_SECOND) for each in ms])

    def told(self) -> Rounding | None:
        """The share of the price that rounding makes, where it is worth a word."""
        exact = sum(
            (
                exact_price(seconds * MS_PER_SECOND, self._rates[name])
                for name, seconds in self._seconds.items()
            ),
            Fraction(),
        )
        few = self._items < 2  # noqa: PLR2004 - one item is rounded once
        if few or self._cents - exact <= self._cents * ROUNDING_SHARE:
            return None
        return Rounding(self._items, Cents(self._cents), Cents(ceil(exact)))


@dataclass(frozen=True, slots=True)
class _Limit:
    """A limit of a service: in words, and what is beyond it; 0 where it does not count."""

    words: str
    shortest_ms: int = 0
    longest_ms: int = 0
    largest: int = 0  # bytes

    def beyond(self, columns: Columns) -> Sequence[Line]:
        """The lines beyond it."""
        if self.largest:
            return self._larger(columns)
        ms, lines = columns.ms, columns.lines
        low, high = self.shortest_ms, self.longest_ms or max(ms)
        if min(ms) >= low and max(ms) <= high:
            return ()
        return [line for line, each in zip(lines, ms, strict=True) if not low <= each <= high]

    def _larger(self, columns: Columns) -> Sequence[Line]:
        sizes = [one.size for one in columns.inputs]
        if max(sizes) <= self.largest:
            return ()
        return [line for line, size in zip(columns.lines, sizes, strict=True) if size > self.largest]


def _limits(product: Product) -> Sequence[_Limit]:
    """The service's limits (docs/api.md 5.4)."""
    limits = product.service.limits
    found: list[_Limit] = []
    if low := limits.minimum_seconds:
        found.append(_Limit(f"shorter than {low} s", shortest_ms=low * MS_PER_SECOND))
    if high := limits.maximum_seconds:
        found.append(_Limit(f"longer than {_long(high)}", longest_ms=high * MS_PER_SECOND))
    if most := limits.maximum_mb:
        found.append(_Limit(f"larger than {most} MB", largest=most * MEGABYTE))
    return found


def _long(seconds: int) -> str:
    hours, rest = divmod(seconds, 3600)
    return f"{hours} h" if hours and not rest else f"{seconds // 60} min"
