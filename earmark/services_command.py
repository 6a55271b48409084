"""The command `earmark services`: what can be bought, at which price, with which options."""

import os
import sys

import click

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

    Needs no key and no network: without an answer it shows the catalogue's prices alone.
    """
    from earmark.screens import services as screen
    from earmark.terminal import detect, write_out
    from earmark.wallet_ends import REPEATING, anyone
    from earmark.wallet_lookup import NoWallet, Pending
    from manifests import catalogue

    known = catalogue.load()
    asked = None if offline else Pending(lambda: anyone(os.environ, REPEATING).rates())
    live = None if asked is None else asked.answer(PATIENCE)
    rates = None if live is None or isinstance(live, NoWallet) else live
    reason = live.reason if isinstance(live, NoWallet) else ""
    if as_json:
        write_out(screen.document(known, rates, reason))
    else:
        shown = detect(os.environ, sys.stdout, sys.stderr)
        write_out(screen.render(known, rates, reason, shown))
