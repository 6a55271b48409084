"""Amounts of two purses in words: dollars of the wallet, credits of the account; never one sum."""

from collections.abc import Iterable

from manifests.catalogue import Currency
from manifests.money import show
from manifests.tariff import in_dollars


def credits_(count: int) -> str:
    """`1,320 credits`."""
    return f"{count:,} {'credit' if count == 1 else 'credits'}"


def worth(count: int) -> str:
    """What credits cost at the pay-as-you-go price: `$0.18 worth`."""
    return f"{show(in_dollars(count))} worth"


def amount(count: int, currency: Currency) -> str:
    """An amount of either purse."""
    return show(count) if currency == "cents" else credits_(count)


def both(cents: int, in_credits: int) -> str:
    """`$0.31`, `660 credits`, or `$0.31 and 660 credits`."""
    if not in_credits:
        return show(cents)
    return f"{show(cents)} and {credits_(in_credits)}" if cents else credits_(in_credits)


def expected(cents: tuple[int, int], in_credits: tuple[int, int]) -> str:
    """What is expected and the most that it can be: `$4.55, at most $4.58`, and the same of credits."""
    dollars = f"{show(cents[0])}, at most {show(cents[1])}"
    if not in_credits[1]:
        return dollars
    most = f"{credits_(in_credits[0])}, at most {in_credits[1]:,} ({worth(in_credits[1])})"
    return f"{dollars}, and {most}" if cents[1] else most


def total(amounts: Iterable[tuple[int, Currency]]) -> str:
    """Several amounts, each currency by itself."""
    sums: dict[Currency, int] = {"cents": 0, "credits": 0}
    for count, currency in amounts:
        sums[currency] += count
    return both(sums["cents"], sums["credits"])
