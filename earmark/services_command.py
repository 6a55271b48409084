"""The command `earmark services`: what can be bought, at which price, with which options."""

import os
import sys
import time
from typing import TYPE_CHECKING, TypeVar

import click

if TYPE_CHECKING:  # imported when the command runs: `--help` is quick
    from collections.abc import Callable

    from earmark.screens.services import Live
    from runner.api.client import AudioPod

T = TypeVar("T")

PATIENCE = 3.0
"""Seconds that the list waits for live prices; it is complete without them."""

EPILOG = """\b
Examples:
  earmark services
  earmark services --offline --json
"""


@click.command(epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--offline", is_flag=True, help="Do not ask the service for its live prices.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
def services(offline: bool, as_json: bool) -> None:  # noqa: FBT001 - click passes options by name
    """List what can be bought: rates, what $10 buys, options, limits; live prices beside them.

    Needs no key and no network: without an answer it shows the catalogue's prices alone. Live prices
    in credits are read where a key is set.
    """
    from earmark.screens import services as screen
    from earmark.terminal import detect, write_out
    from manifests import catalogue

    known = catalogue.load()
    live = screen.Live() if offline else _live()
    if as_json:
        write_out(screen.document(known, live))
    else:
        write_out(screen.render(known, live, detect(os.environ, sys.stdout, sys.stderr)))


def _live() -> "Live":
    """Today's prices, as far as they are told in time; all is asked at once."""
    from earmark.screens.services import Live
    from earmark.wallet_ends import REPEATING, account, anyone
    from earmark.wallet_lookup import NoWallet, Pending
    from runner.api.service_types import listed

    def ask(client: "Callable[[], AudioPod]", call: "Callable[[AudioPod], T]") -> "Pending[T]":
        def asked() -> T:
            with client() as api:
                return call(api)

        return Pending(asked)

    prices = ask(lambda: anyone(os.environ, REPEATING), lambda api: api.rates())
    names = ask(lambda: anyone(os.environ), listed)
    credit_rates = ask(lambda: account(os.environ, 0), lambda api: api.credit_rates())
    until = time.monotonic() + PATIENCE

    def told(asked: "Pending[T]") -> "T | NoWallet":
        return asked.answer(max(0.0, until - time.monotonic()))

    rates, types, multipliers = told(prices), told(names), told(credit_rates)
    return Live(
        rates=None if isinstance(rates, NoWallet) else rates,
        types=frozenset() if isinstance(types, NoWallet) else types,
        multipliers=None if isinstance(multipliers, NoWallet) else multipliers,
        reason=rates.reason if isinstance(rates, NoWallet) else "",
    )
