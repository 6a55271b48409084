"""What a length of a product costs: cents of the wallet, or credits of the account, expected and at most."""

from dataclasses import dataclass

from manifests.catalogue import Currency, Product
from manifests.money import ZERO, Cents, Rate, ceiling, price

CREDITS_PER_DOLLAR = 7500
"""What a dollar buys at the pay-as-you-go price (docs/api.md 16)."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Amounts in one currency: what is expected, and the most that it can be."""

    currency: Currency
    expected: Cents
    ceiling: Cents

    @property
    def cents(self) -> tuple[Cents, Cents]:
        """Expected and ceiling in the wallet's money; nothing where credits pay."""
        return (self.expected, self.ceiling) if self.currency == "cents" else (ZERO, ZERO)

    @property
    def credits(self) -> tuple[int, int]:
        """Expected and ceiling in credits; nothing where the wallet pays."""
        return (self.expected, self.ceiling) if self.currency == "credits" else (0, 0)


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
