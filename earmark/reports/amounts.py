"""Amounts of the document in words."""

from collections.abc import Iterator

from earmark.reports.document import Credits, Item, Money
from earmark.screens.money import amount, both
from manifests.budget import Amounts
from manifests.money import Cents

AMOUNTS = ("spent", "reserved", "in doubt", "left", "over")
"""What a cap is made of, in words."""


def amounts_of(money: Money | Credits) -> Amounts:
    """A cap's amounts as the screens take them."""
    return Amounts(Cents(money.cap), Cents(money.spent), Cents(money.reserved), Cents(money.in_doubt))


def price(item: Item) -> str:
    """What an item costs: what was charged, else what is held, else what is expected."""
    if item.charged is not None:
        return amount(item.charged, item.currency)
    return amount(item.held or item.expected, item.currency)


def purses(money: Money, account: Credits | None) -> Iterator[tuple[str, str]]:
    """Each amount of the cap with its name; credits beside where there are any."""
    for name in AMOUNTS:
        field = name.replace(" ", "_")
        cents, count = getattr(money, field), getattr(account, field) if account else 0
        if name != "over" or cents or count:
            yield name, both(cents, count)
