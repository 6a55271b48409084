"""Amounts as people type them, dollars or credits, with the name of what was typed wrongly."""

import re

from manifests.errors import UsageError
from manifests.money import Cents, parse_amount

CAP = "EARMARK_MAX_SPEND"
"""A cap for every plan and run of this environment; the smallest cap counts."""


_CREDITS = re.compile(r"[0-9]{1,9}|[0-9]{1,3}(?:,[0-9]{3}){1,2}")


def credits_if_given(name: str, text: str | None) -> int | None:
    """A whole number of credits, such as `1320` or `1,320`; None where nothing was given.

    Raises:
        UsageError: it is none; the message begins with `name`.
    """
    if text is None:
        return None
    if _CREDITS.fullmatch(text.strip()) is None:
        raise UsageError(f"{name}: {text!r} is not a number of credits: write a whole number, such as 1320")
    return int(text.replace(",", ""))


def amount(name: str, text: str) -> Cents:
    """The amount of an option or a variable.

    Raises:
        UsageError: it is none; the message begins with `name`.
    """
    try:
        return parse_amount(text)
    except UsageError as error:
        raise UsageError(f"{name}: {error}") from None


def amount_if_given(name: str, text: str | None) -> Cents | None:
    """The same; None where nothing was given."""
    return None if text is None else amount(name, text)
