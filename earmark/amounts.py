"""Amounts of dollars as people type them, with the name of what was typed wrongly."""

from manifests.errors import UsageError
from manifests.money import Cents, parse_amount

CAP = "EARMARK_MAX_SPEND"
"""A cap for every plan and run of this environment; the smallest cap counts."""


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
