"""The two options by which a person says whose a new key is."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


class Whose(StrEnum):
    """What was said about a key that the ledger has not seen."""

    ASK = "ask"
    SAME = "same wallet"
    NEW = "new wallet"


def wallet_options(command: F) -> F:
    """Give a command the options --same-wallet and --new-wallet; `whose` reads them."""
    same = click.option(
        "--same-wallet", is_flag=True, help="This is another key of the wallet that the ledger counts."
    )
    new = click.option(
        "--new-wallet", is_flag=True, help="This key opens another wallet: give it a ledger of its own."
    )
    return same(new(command))


def whose(given: Mapping[str, Any]) -> Whose:
    """What the options say.

    Raises:
        UsageError: both were given.
    """
    if given["same_wallet"] and given["new_wallet"]:
        raise click.UsageError("--same-wallet or --new-wallet, not both")
    if given["same_wallet"]:
        return Whose.SAME
    return Whose.NEW if given["new_wallet"] else Whose.ASK
