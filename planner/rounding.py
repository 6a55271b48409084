"""What rounding each job up to the cent adds to a plan: short clips are dear."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from manifests.catalogue import Product
from manifests.money import MS_PER_SECOND, Cents, exact_price
from planner.rows import Columns

ROUNDING_SHARE = Fraction(1, 4)
"""Rounding each job up to the cent is told when it makes more than this part of the price."""


@dataclass(frozen=True, slots=True)
class Rounding:
    """What rounding each job up to the cent adds."""

    items: int
    cents: Cents
    exact: Cents  # the price had the sum been rounded once


class RoundingUp:
    """Adds up what rounding each job adds, as lines to pay pass by."""

    def __init__(self, products: Sequence[Product]) -> None:
        self._rates = {product.name: product.rate for product in products}
        self._seconds: Counter[str] = Counter()
        self._items = self._cents = 0

    def add(self, product: str, columns: Columns, cents: Cents) -> None:
        """Count lines of one product, which cost so many cents."""
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
