"""The plan in figures: what the screen and the JSON document are made from. Each amount adds up."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from heapq import nlargest
from math import ceil

from manifests.catalogue import Product
from manifests.money import MS_PER_SECOND, Cents, exact_price
from planner.leftout import LeftOut, Reason
from planner.pairs import Pairs, pairs
from planner.pricing import Line, Standing
from planner.rebuying import Rebuying
from planner.rows import ProductRow, Row, SpokenRow, by_product, row_of, spoken
from planner.sales import Refused

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
class Files:
    """Where the files went; the parts add up to `seen`."""

    seen: int
    to_pay: int
    paid: int  # every line of the file is paid before, or paid by another file
    over: int  # planned, but did not fit
    left_out: int


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


def summarise(
    kept: Sequence[Line],
    over: Sequence[Line],
    refused: Sequence[Refused],
    left_out: Iterable[LeftOut],
    products: Sequence[Product],
    rebuyings: tuple[Rebuying, ...] = (),
) -> Summary:
    """The figures of a plan.

    Args:
        kept: lines that the manifest has.
        over: lines that did not fit under the cap.
        refused: what a product could not take.
        left_out: files that were left out, for whatever reason.
        products: in the order of the command line.
        rebuyings: kept lines whose audio was bought before with other options.
    """
    products = list({product.name: product for product in products}.values())
    everything = list(left_out)
    faulty = tuple(each for each in everything if each.reason not in AS_ASKED)
    skipped = Counter(each.reason for each in everything if each.reason in AS_ASKED)
    to_pay = [line for line in kept if line.standing is Standing.TO_PAY]
    return Summary(
        files=_files(kept, over, refused, len(faulty)),
        products=by_product(to_pay, products),
        total=row_of(to_pay),
        paid_before=row_of([line for line in kept if line.standing is Standing.PAID_BEFORE]),
        same_audio=row_of([line for line in kept if line.standing is Standing.SAME_AUDIO]),
        over=_over(over),
        left_out=faulty,
        refused=tuple(refused),
        skipped=tuple(sorted(skipped.items())),
        dearest=tuple(nlargest(DEAREST, to_pay, key=lambda line: line.full)),
        pairs=pairs(kept),
        rounding=_rounding(to_pay),
        warnings=tuple(_warnings(to_pay, products)),
        rebuyings=rebuyings,
        spoken=spoken(to_pay),
    )


def _over(lines: Sequence[Line]) -> Row:
    """What did not fit; those that another pays for are counted, but cost nothing."""
    return replace(row_of([line for line in lines if line.standing is Standing.TO_PAY]), items=len(lines))


def _files(kept: Sequence[Line], over: Sequence[Line], refused: Sequence[Refused], faulty: int) -> Files:
    to_pay = {line.input.path for line in kept if line.standing is Standing.TO_PAY}
    paid = {line.input.path for line in kept} - to_pay
    late = {line.input.path for line in over} - to_pay - paid
    never = {each.path for each in refused} - to_pay - paid - late
    gone = faulty + len(never)
    seen = len(to_pay) + len(paid) + len(late) + gone
    return Files(seen, len(to_pay), len(paid), len(late), gone)


def _rounding(lines: Sequence[Line]) -> Rounding | None:
    """The share of the price that rounding makes, where it is worth a word."""
    lines = [line for line in lines if line.item.cents]
    exact = sum((exact_price(line.length.ms, line.choice.product.rate) for line in lines), Fraction())
    cents = sum(line.item.cents for line in lines)
    if len(lines) < 2 or cents - exact <= cents * ROUNDING_SHARE:  # noqa: PLR2004 - one item is rounded once
        return None
    return Rounding(len(lines), Cents(cents), Cents(ceil(exact)))


def _warnings(lines: Sequence[Line], products: Sequence[Product]) -> Iterable[Warn]:
    for product in products:
        mine = [line for line in lines if line.item.service == product.name]
        for limit, beyond in _limits(product):
            hit = [line for line in mine if beyond(line)]
            if hit:
                yield Warn(product.name, len(hit), limit, hit[0].item.file)


def _limits(product: Product) -> Iterable[tuple[str, Callable[[Line], bool]]]:
    """The service's limits, each as words and as a question to a line (docs/api.md 5.4)."""
    limits = product.service.limits
    if low := limits.minimum_seconds:
        yield f"shorter than {low} s", lambda one: one.length.ms < low * MS_PER_SECOND
    if high := limits.maximum_seconds:
        yield f"longer than {_long(high)}", lambda one: one.length.ms > high * MS_PER_SECOND
    if most := limits.maximum_mb:
        yield f"larger than {most} MB", lambda one: one.input.size > most * MEGABYTE


def _long(seconds: int) -> str:
    hours, rest = divmod(seconds, 3600)
    return f"{hours} h" if hours and not rest else f"{seconds // 60} min"
