"""The screens of `earmark wallet`."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from earmark import next_steps
from earmark.screens.words import long, rate_text, some
from earmark.screens.wrapping import wrapped
from earmark.terminal import Terminal, printable
from manifests.catalogue import Product
from manifests.money import MS_PER_SECOND, Cents, Rate, price, show
from manifests.tariff import in_dollars
from runner.api.interface import Balance, Topup, UsageRow

SUGGESTED = Cents(2500)
"""The top-up that a low balance suggests."""

USAGE_COLUMNS = ("created", "service_type", "seconds", "cents", "job_id", "row_id")
"""The columns of the CSV; times in UTC, amounts in cents."""


@dataclass(frozen=True, slots=True)
class Priced:
    """What a length of a product costs: by the catalogue, and as the service estimates it.

    `live` is None where credits pay, of which the wallet's estimate knows nothing.
    """

    product: Product
    seconds: int
    live: Cents | None = None  # at the base rate: the service's estimate knows no other (docs/api.md 3.4)

    @property
    def amount(self) -> Cents:
        """By the catalogue, multiplier included; in the product's currency."""
        return price(self.seconds * MS_PER_SECOND, self.product.rate)

    @property
    def base(self) -> Cents:
        """By the catalogue, at the base rate."""
        return price(self.seconds * MS_PER_SECOND, self.product.service.rate)

    @property
    def agreed(self) -> bool | None:
        """Whether the service says the same; None where it was not asked."""
        return None if self.live is None else self.base == self.live


def balance(found: Balance, held: Cents, terminal: Terminal) -> str:
    """What is in the wallet, what of it is spoken for, and a warning where it is low."""
    rows = [f"Wallet {terminal.style(show(found.balance), 'bold')}   spent so far {show(found.total_spent)}"]
    if held:
        free = Cents(max(0, found.balance - held))
        told = f"held for running jobs and doubts {show(held)}, free {show(free)}"
        rows += wrapped("  ", told, terminal.width)
    if found.low:
        low = terminal.style("LOW: the service warns that the balance is low", "yellow", "bold")
        rows.append(f"  {low}    {next_steps.topup_command(SUGGESTED)}")
    return _joined(rows)


def balance_data(found: Balance, held: Cents) -> Mapping[str, object]:
    """The same for machines."""
    return {
        "balance": found.balance,
        "total_spent": found.total_spent,
        "held": held,
        "free": max(0, found.balance - held),
        "low": found.low,
    }


def topup(amount: Cents, url: str) -> str:
    """The payment page, for a person."""
    return _joined(
        [
            f"To add {show(amount)} to the wallet, pay here yourself:",
            f"  {url}",
            "Nothing is paid until you do. Then look:  earmark wallet balance",
        ]
    )


def usage(rows: Sequence[UsageRow], zone: tzinfo | None, since: datetime | None) -> str:
    """Charges, newest first, and their sums."""
    when = "" if since is None else f" since {since.astimezone(zone):%Y-%m-%d %H:%M}"
    if not rows:
        return f"No charges{when}.\n"
    width = max(len(printable(row.service_type)) for row in rows)
    lines = [_charge(row, zone, width) for row in rows]
    unread = sum(not row.priced for row in rows)
    more = f"; what {some(unread, 'row')} charged cannot be read" if unread else ""
    total = show(sum(row.cents for row in rows))
    return _joined([f"{some(len(rows) - unread, 'charge')}, {total}{when}{more}", *lines])


def _charge(row: UsageRow, zone: tzinfo | None, width: int) -> str:
    length = "" if row.seconds is None else long(row.seconds * MS_PER_SECOND)
    amount = show(row.cents) if row.priced else "?"
    what = f"{printable(row.service_type):<{width}}  {length:>13}  {amount:>9}"
    return f"  {_local(row.created, zone):<16}  {what}  job {printable(row.job_id) or '-'}"


def usage_csv(rows: Iterable[UsageRow]) -> str:
    """Charges as CSV, newest first; times in UTC, amounts in cents."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(USAGE_COLUMNS)
    for row in rows:
        writer.writerow(["" if value is None else value for value in usage_data(row).values()])
    return text.getvalue()


def usage_data(row: UsageRow) -> Mapping[str, object]:
    """A charge for machines, under the names of the CSV's columns; no amount where none can be read."""
    found = {name: getattr(row, name) for name in USAGE_COLUMNS}
    return found if row.priced else {**found, "cents": None}


def topups(rows: Sequence[Topup], zone: tzinfo | None) -> str:
    """Top-ups, newest first."""
    if not rows:
        return "No top-ups.\n"
    width = max(9, *(len(show(row.cents)) for row in rows))
    lines = [
        f"  {_local(row.created, zone):<16}  {show(row.cents):>{width}}  {printable(row.status)}"
        for row in rows
    ]
    return _joined([some(len(rows), "top-up"), *lines])


def topup_data(row: Topup) -> Mapping[str, object]:
    """A top-up for machines."""
    return {"id": row.topup_id, "cents": row.cents, "status": row.status, "created": row.created}


def pricing(rates: Mapping[str, Rate]) -> str:
    """The service's live price list."""
    if not rates:
        return "The service names no prices.\n"
    width = max(len(printable(name)) for name in rates)
    lines = [f"  {printable(name):<{width}}  {rate_text(rate):>12}" for name, rate in sorted(rates.items())]
    return _joined(["Live prices, by the wallet's own names", *lines, "What can be bought: earmark services"])


def estimate(found: Priced) -> str:
    """What a length costs."""
    return _joined([f"{found.product.name}, {_length(found.seconds)}: {_amount(found)}", _second(found)])


def _length(seconds: int) -> str:
    return f"{long(seconds * MS_PER_SECOND)} ({seconds:,} s)"


def _amount(found: Priced) -> str:
    if found.product.currency == "credits":
        return f"{found.amount:,} credits (about {show(in_dollars(found.amount))})"
    if found.product.service.free:
        return f"nothing is expected, at most {show(found.amount)}"
    return show(found.amount)


def _second(found: Priced) -> str:
    """What the service says."""
    if found.live is None:
        return "  from the account's credits, not from the wallet, whose estimate knows nothing of them"
    times = found.product.variant.multiplier
    base = "" if times == 1 else f" at the base rate, and this variant costs {float(times):g} times as much"
    verdict = "the same as here" if found.agreed else f"NOT the {show(found.base)} of this catalogue"
    return f"  the service's own estimate: {show(found.live)}, {verdict}{base}"


def estimate_data(found: Priced) -> Mapping[str, object]:
    """The same for machines."""
    credits_ = found.product.currency == "credits"
    return {
        "product": found.product.name,
        "seconds": found.seconds,
        "currency": found.product.currency,
        "cents": None if credits_ else found.amount,
        "credits": found.amount if credits_ else None,
        "credits_in_cents": in_dollars(found.amount) if credits_ else None,
        "expected_free": found.product.service.free,
        "base_cents": None if credits_ else found.base,
        "live_base_cents": found.live,
        "agreed": found.agreed,
    }


def _joined(rows: Iterable[str]) -> str:
    return "\n".join(rows) + "\n"


def _local(created: str, zone: tzinfo | None) -> str:
    """A time of the service in the reader's zone."""
    if not created:
        return "?"
    return f"{datetime.fromisoformat(created).astimezone(zone):%Y-%m-%d %H:%M}"
