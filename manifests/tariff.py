"""What a length of a product costs: cents of the wallet, or credits of the account, expected and at most."""

from dataclasses import dataclass, field
from typing import TypeAlias

from manifests.catalogue import Currency, Product
from manifests.money import ZERO, Cents, Rate, ceiling, price

CREDITS_PER_DOLLAR = 7500
"""What a dollar buys at the pay-as-you-go price (docs/api.md 16)."""


Amounts: TypeAlias = tuple[Cents, Cents, int, int]
"""Cents and their ceiling, credits and their ceiling."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Amounts in one currency: what is expected, and the most that it can be."""

    currency: Currency
    expected: Cents
    ceiling: Cents
    amounts: Amounts = field(init=False, repr=False)

    def __post_init__(self) -> None:
        paid = self.expected, self.ceiling
        amounts = (*paid, 0, 0) if self.currency == "cents" else (ZERO, ZERO, *paid)
        object.__setattr__(self, "amounts", amounts)

    @property
    def cents(self) -> tuple[Cents, Cents]:
        """Expected and ceiling in the wallet's money; nothing where credits pay."""
        return self.amounts[:2]

    @property
    def credits(self) -> tuple[int, int]:
        """Expected and ceiling in credits; nothing where the wallet pays."""
        return self.amounts[2:]


def cost(product: Product, ms: int, longest_ms: int, rate: Rate | None = None) -> Cost:
    """What one job costs.

    Args:
        product: what is bought.
        ms: its expected length in milliseconds.
        longest_ms: its longest credible length.
        rate: in place of the catalogue's: cents or credits a minute.
    """
    each = product.rate if rate is None else rate
    expected = ZERO if product.service.free else price(ms, each)
    return Cost(product.currency, expected, ceiling(longest_ms, each))


def in_dollars(credits_: int) -> Cents:
    """Credits in cents at the pay-as-you-go price, parts of a cent up: shown, never added to an amount."""
    return Cents(-(-credits_ * 100 // CREDITS_PER_DOLLAR))
