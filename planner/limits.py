"""Which lines of a plan are beyond the limits that their service publishes."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from manifests.catalogue import Product
from manifests.money import MS_PER_SECOND
from planner.pricing import Line
from planner.rows import Columns

MEGABYTE = 1_000_000

LONGEST_ENDING = 5
"""Letters of an ending such as `.speex`; longer ones are parts of names."""


class Kind(StrEnum):
    """What sort of limit it is."""

    SHORT = "short"
    LIMIT = "limit"
    FORMAT = "refused_format"


@dataclass(frozen=True, slots=True)
class Warn:
    """Items beyond a published limit of the service."""

    product: str
    count: int
    limit: str  # `shorter than 10 s`
    example: str
    kind: Kind = Kind.LIMIT


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
            Warn(product.name, count, limit.words, example, limit.kind)
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
    formats: frozenset[str] = frozenset()  # endings of names, without their dot

    @property
    def kind(self) -> Kind:
        """What sort of limit it is."""
        if self.formats:
            return Kind.FORMAT
        return Kind.SHORT if self.shortest_ms else Kind.LIMIT

    def beyond(self, columns: Columns) -> Sequence[Line]:
        """The lines beyond it."""
        if self.formats:
            return self._others(columns)
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

    def _others(self, columns: Columns) -> Sequence[Line]:
        """Those whose name ends otherwise; one without an ending may be anything."""
        endings = [one.path.rpartition(".")[2] for one in columns.inputs]
        strange = {each for each in set(endings) if each.lower() not in self.formats and _is_ending(each)}
        if not strange:
            return ()
        return [line for line, each in zip(columns.lines, endings, strict=True) if each in strange]


def _is_ending(text: str) -> bool:
    """Whether what follows the last dot of a path, or all of it, says what a file is."""
    return text.isalnum() and len(text) <= LONGEST_ENDING


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
    if limits.formats:
        listed = ", ".join(limits.formats)
        found.append(_Limit(f"of a format that is not listed ({listed})", formats=frozenset(limits.formats)))
    return found


def _long(seconds: int) -> str:
    hours, rest = divmod(seconds, 3600)
    return f"{hours} h" if hours and not rest else f"{seconds // 60} min"
