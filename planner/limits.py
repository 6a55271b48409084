"""Which lines of a plan are beyond the limits that their service publishes."""

from collections.abc import Sequence
from dataclasses import dataclass

from manifests.catalogue import Product
from manifests.money import MS_PER_SECOND
from planner.pricing import Line
from planner.rows import Columns

MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Warn:
    """Items beyond a published limit of the service."""

    product: str
    count: int
    limit: str  # `shorter than 10 s`
    example: str


class Limits:
    """Counts what is beyond a limit as lines to pay pass by; `products` are those that may be bought."""

    def __init__(self, products: Sequence[Product]) -> None:
        self._limits = {product.name: _limits(product) for product in products}
        self._beyond: dict[tuple[str, str], tuple[int, str]] = {}

    def add(self, product: str, columns: Columns) -> None:
        """Look at lines of one product."""
        for limit in self._limits[product]:
            if hit := limit.beyond(columns):
                count, example = self._beyond.get((product, limit.words), (0, hit[0].item.file))
                self._beyond[product, limit.words] = count + len(hit), example

    def warnings(self, products: Sequence[Product]) -> tuple[Warn, ...]:
        """What was found, in the order of the products."""
        return tuple(
            Warn(product.name, count, limit.words, example)
            for product in products
            for limit in self._limits[product.name]
            for count, example in [self._beyond.get((product.name, limit.words), (0, ""))]
            if count
        )


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
