"""The commands `earmark wallet …`: the balance, top-ups, charges and prices, as the service tells them."""

import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

import click

from earmark.completing import services

if TYPE_CHECKING:  # imported when a command runs: `--help` is quick
    from manifests.catalogue import Product
    from manifests.money import Cents
    from runner.api.client import AudioPod
    from runner.api.interface import UsageRow

T = TypeVar("T")

VERSION = 1
"""Of the JSON documents."""

EPILOG = """\b
Examples:
  earmark wallet balance
  earmark wallet topup --amount 25
  earmark wallet usage --since 23:10
  earmark wallet usage --since 2026-11-01 --csv
  earmark wallet estimate stems:six 328
"""

_SETTINGS = {"help_option_names": ["-h", "--help"]}
_AS_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")


@click.group(epilog=EPILOG, context_settings=_SETTINGS)
def wallet() -> None:
    """The prepaid money at the service: what is there, what was charged, what things cost."""


@wallet.command(
    epilog="\b\nExample:\n  earmark wallet balance",
    short_help="Show the balance and what is held of it.",
    context_settings=_SETTINGS,
)
@_AS_JSON
def balance(as_json: bool) -> None:  # noqa: FBT001 - click passes options by name
    """Show the balance, what running jobs hold of it, and a warning where it is low."""
    from earmark.screens import wallet as screen
    from earmark.terminal import detect

    with _account() as api:
        found = api.balance()
    held = _held()
    shown = detect(os.environ, sys.stdout, sys.stderr)
    _show(as_json, screen.balance(found, held, shown), screen.balance_data(found, held))


@wallet.command(epilog="\b\nExample:\n  earmark wallet topup --amount 25", context_settings=_SETTINGS)
@click.option("--amount", required=True, metavar="AMOUNT", help="Dollars, from 1 to 10,000.")
@_AS_JSON
def topup(amount: str, as_json: bool) -> None:  # noqa: FBT001
    """Print the page where a person can pay a top-up. Opens nothing, pays nothing."""
    from earmark import amounts
    from earmark.screens import wallet as screen
    from runner.api.wallet import check_topup

    cents = amounts.amount("--amount", amount)
    check_topup(cents)
    with _account() as api:
        url = api.checkout(cents)
    _show(as_json, screen.topup(cents, url), {"cents": cents, "url": url})


@wallet.command(
    epilog="\b\nExample:\n  earmark wallet usage --since 7d --csv > charges.csv", context_settings=_SETTINGS
)
@click.option("--since", metavar="TIME", help="From then on: 23:10, 2h, 7d, 2026-11-01, 2026-11-01T05:00.")
@click.option("--csv", "as_csv", is_flag=True, help="CSV on stdout: times in UTC, amounts in cents.")
@_AS_JSON
def usage(since: str | None, as_csv: bool, as_json: bool) -> None:  # noqa: FBT001
    """List what was charged, newest first."""
    from earmark.screens import wallet as screen
    from earmark.terminal import write_out
    from earmark.times import moment_of

    if as_csv and as_json:
        raise click.UsageError("--csv or --json, not both")
    now = datetime.now().astimezone()
    start = None if since is None else moment_of(since, now)
    with _account() as api:
        rows = list(_from(start, api.usage_pages()))
    if as_csv:
        write_out(screen.usage_csv(rows))
        return
    data = {
        "charges": [screen.usage_data(row) for row in rows],
        "cents": sum(row.cents for row in rows),
        "unreadable": sum(not row.priced for row in rows),
    }
    _show(as_json, screen.usage(rows, None, start), data)


@wallet.command(epilog="\b\nExample:\n  earmark wallet topups", context_settings=_SETTINGS)
@_AS_JSON
def topups(as_json: bool) -> None:  # noqa: FBT001
    """List the top-ups, newest first."""
    from earmark.screens import wallet as screen

    with _account() as api:
        rows = list(_flat(api.topups()))
    _show(as_json, screen.topups(rows, None), {"topups": [screen.topup_data(row) for row in rows]})


@wallet.command(epilog="\b\nExample:\n  earmark wallet pricing", context_settings=_SETTINGS)
@_AS_JSON
def pricing(as_json: bool) -> None:  # noqa: FBT001
    """Show the live price list; needs no key."""
    from earmark.screens import wallet as screen
    from earmark.wallet_ends import anyone

    with anyone(os.environ) as api:
        rates = api.rates()
    data = {"cents_per_minute": {name: str(rate) for name, rate in sorted(rates.items())}}
    _show(as_json, screen.pricing(rates), data)


@wallet.command(
    epilog="\b\nExample:\n  earmark wallet estimate stems:six 5m",
    context_settings=_SETTINGS,
)
@click.argument("service", metavar="SERVICE[:VARIANT]", shell_complete=services)
@click.argument("seconds", metavar="SECONDS")
@_AS_JSON
def estimate(service: str, seconds: str, as_json: bool) -> None:  # noqa: FBT001
    """Price a length, here and at the service; needs no key. SECONDS may be written 90s, 30m or 24h."""
    from earmark.screens import wallet as screen
    from earmark.times import seconds_of
    from earmark.wallet_ends import anyone
    from manifests import catalogue
    from manifests.check import LONGEST_SECONDS
    from manifests.errors import UsageError
    from manifests.money import MS_PER_SECOND, whole_seconds

    product = catalogue.load().product(service)
    whole = whole_seconds(round(seconds_of(seconds) * MS_PER_SECOND))
    if not 0 < whole <= LONGEST_SECONDS:
        raise UsageError(f"SECONDS is more than 0 and at most {LONGEST_SECONDS:,}, not {seconds!r}")
    if product.currency == "credits":  # the wallet's estimate knows nothing of them
        found = screen.Priced(product, whole)
    else:
        with anyone(os.environ) as api:
            found = screen.Priced(product, whole, api.estimate(_sold(product, api), whole).cents)
    _show(as_json, screen.estimate(found), screen.estimate_data(found))


def _account() -> "AudioPod":
    from earmark.wallet_ends import account

    return account(os.environ)


def _sold(product: "Product", api: "AudioPod") -> str:
    """The wallet's own name of a product's service: the first of its names that it lists, or prices."""
    from manifests.errors import UsageError
    from runner.api.service_types import listed, sold_as

    types = listed(api)
    found = sold_as(product.service, types) or sold_as(product.service, types, api.rates())
    if found is None:
        names = ", ".join(product.service.wallet)
        raise UsageError(f"the service names no price for {product.name} ({names}) any more")
    return found


def _held() -> "Cents":
    """What the ledger of this wallet holds for running jobs and doubts; 0 without a ledger."""
    from earmark.run_ends import reading
    from manifests.money import ZERO

    with reading(os.environ) as (ledger, _):
        return ZERO if ledger is None else ledger.held()


def _from(start: datetime | None, pages: Iterable[tuple["UsageRow", ...]]) -> Iterator["UsageRow"]:
    """The charges since a moment; pages come newest first, so an older one ends it."""
    for page in pages:
        fresh = [row for row in page if start is None or not row.created or _at(row) >= start]
        yield from fresh
        if len(fresh) < len(page):
            return


def _at(row: "UsageRow") -> datetime:
    return datetime.fromisoformat(row.created)


def _flat(pages: Iterable[tuple[T, ...]]) -> Iterator[T]:
    for page in pages:
        yield from page


def _show(as_json: bool, text: str, data: Mapping[str, object]) -> None:  # noqa: FBT001
    from earmark.terminal import write_out

    write_out(json.dumps({"version": VERSION, **data}, indent=2) + "\n" if as_json else text)
