"""Whole cents, and the one place where lengths become cents.

Amounts are whole numbers of US cents; rates are exact fractions of a cent a minute. Nothing here
is ever a float (docs/api.md 3.2 shows what a binary fraction does to three minutes of stems).
"""

import re
from fractions import Fraction
from typing import NewType

from manifests.errors import UsageError

Cents = NewType("Cents", int)
"""An amount of US money in whole cents; never negative except in differences."""

Rate = Fraction
"""Cents a minute, exact."""

ZERO = Cents(0)
MS_PER_SECOND = 1000
SECONDS_PER_MINUTE = 60

_AMOUNT = re.compile(r"\$?(?P<dollars>[0-9]{1,9}|[0-9]{1,3}(?:,[0-9]{3}){1,2})(?:\.(?P<cents>[0-9]+))?")
_CENT_DIGITS = 2


def parse_amount(text: str) -> Cents:
    """Dollars as people write them (`20`, `20.00`, `$20`, `0.5`) to cents.

    Raises:
        UsageError: not an amount, negative, or with parts of a cent.
    """
    match = _AMOUNT.fullmatch(text.strip())
    if match is None:
        raise UsageError(f"{text!r} is not an amount in dollars: write 20, 20.00 or $20")
    fraction = match["cents"] or ""
    if len(fraction) > _CENT_DIGITS:
        raise UsageError(f"{text!r} has parts of a cent: amounts have at most two decimals, such as 20.00")
    dollars = int(match["dollars"].replace(",", ""))
    return Cents(dollars * 100 + int(fraction.ljust(_CENT_DIGITS, "0")))


def show(cents: int) -> str:
    """`$1,234.50`; a negative difference is `-$0.03`."""
    sign = "-" if cents < 0 else ""
    dollars, rest = divmod(abs(cents), 100)
    return f"{sign}${dollars:,}.{rest:02d}"


def plain(cents: int) -> str:
    """The amount as a command-line argument: `20`, `4.58`."""
    dollars, rest = divmod(cents, 100)
    return f"{dollars}.{rest:02d}" if rest else str(dollars)


def whole_seconds(ms: int) -> int:
    """Milliseconds up to the whole seconds that the service counts (docs/api.md 3.2)."""
    return -(-ms // MS_PER_SECOND)


def exact_price(ms: int, rate: Rate) -> Fraction:
    """The unrounded price in cents of a length, its seconds rounded up."""
    return Fraction(*_exact(ms, rate))


def _exact(ms: int, rate: Rate) -> tuple[int, int]:
    """The unrounded price as numerator and denominator: a million lines are priced in whole numbers."""
    return whole_seconds(ms) * rate.numerator, SECONDS_PER_MINUTE * rate.denominator


def price(ms: int, rate: Rate) -> Cents:
    """The expected price of one job: up to the whole cent once, at least 1 cent for any length.

    Args:
        ms: length in milliseconds, 0 or more.
        rate: cents a minute, multiplier included.
    """
    if ms <= 0:
        return ZERO
    numerator, denominator = _exact(ms, rate)
    return Cents(max(1, -(-numerator // denominator)))


def ceiling(longest_ms: int, rate: Rate) -> Cents:
    """The most that one job can cost: `floor(exact price) + 1` of its longest credible length.

    One cent above the exact price also covers a service that rounds a binary fraction up
    (docs/api.md 3.2: three minutes of stems were once shown as 31 cents).
    """
    if longest_ms <= 0:
        return ZERO
    numerator, denominator = _exact(longest_ms, rate)
    return Cents(numerator // denominator + 1)
