"""The screen of `earmark services`, and its JSON."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from earmark.screens.words import clock, long, rate_text
from earmark.screens.wrapping import wrapped
from earmark.terminal import Terminal, printable
from earmark.wallet_lookup import Moved, moved
from manifests.catalogue import Catalogue, Option, Product, Service
from manifests.length import Basis
from manifests.money import MS_PER_SECOND, Cents, Rate, plain
from manifests.tariff import CREDITS_PER_DOLLAR

VERSION = 1
BUDGET = Cents(1000)
"""The amount whose worth in minutes is shown, as on the price page: $10."""

LABEL = 26
"""Columns of a product's name."""

SET = 36
"""Columns of an option with its values, where it has no more."""

_MS_PER_MINUTE = 60_000
_CENTS = 100
_KINDS = {"text": "text files", "prompt": "prompts"}


@dataclass(frozen=True, slots=True)
class Live:
    """Today's prices, as far as they are known; `reason` says why not.

    Rates are cents a minute by the wallet's names, multipliers credits a minute by the account's.
    """

    rates: Mapping[str, Rate] | None = None
    types: frozenset[str] = frozenset()
    multipliers: Mapping[str, Rate] | None = None
    reason: str = ""

    def knows(self, product: Product) -> bool:
        """Whether today's price of a product can be told."""
        return (self.multipliers if product.currency == "credits" else self.rates) is not None


def render(known: Catalogue, live: Live, terminal: Terminal) -> str:
    """The whole screen: a block a service, with what is different today."""
    different = _different(known, live)
    rows = [
        *wrapped("Services   ", f"prices of {known.date}{_today(live, different)}", terminal.width),
        terminal.style(_columns("service", "price", f"${plain(BUDGET)} gets you"), "bold"),
    ]
    for service in known.services:
        rows += ["", *_service(service, different, terminal)]
    rows.append("\nUse them:  plan FOLDER --service SERVICE[:VARIANT] --set OPTION=VALUE")
    return "\n".join(rows) + "\n"


def _columns(label: str, price: str, length: str) -> str:
    return f"  {label:<{LABEL}}{price:>12}{length:>14}"


def products_of(service: Service) -> list[Product]:
    """What an item can buy of a service."""
    return [Product(service, variant) for variant in service.variants]


def worth(product: Product) -> int:
    """Milliseconds of audio that the budget buys, in credits where those pay."""
    money = BUDGET * CREDITS_PER_DOLLAR // _CENTS if product.currency == "credits" else BUDGET
    return int(money * _MS_PER_MINUTE / product.rate)


def _different(known: Catalogue, live: Live) -> dict[str, Moved]:
    """The products whose live rates are others, by name."""
    products = [product for service in known.services for product in products_of(service)]
    return {each.product: each for each in moved(products, live.rates, live.types, live.multipliers)}


def _today(live: Live, different: Mapping[str, Moved]) -> str:
    if different:
        return ", NOT those of today: look for <<"
    if live.rates is None:
        return f"; live prices are not known: {printable(live.reason)}" if live.reason else ""
    return ", same as live today" + ("" if live.multipliers is not None else " (credits: not known)")


def _service(service: Service, different: Mapping[str, Moved], terminal: Terminal) -> Iterator[str]:
    others = list(dict.fromkeys(each.replace("_", "-") for each in service.also))
    also = f" (also {', '.join(others)})" if others else ""
    title = f"{service.title}{also}: {_takes(service)}{_limits(service)}"
    yield from wrapped("  ", title, terminal.width)
    for product in products_of(service):
        mark = _mark(different.get(product.name), product, terminal)
        default = " (default)" if product.variant.name and product.variant.name == service.default else ""
        row = _columns(f"{product.name}{default}", price_text(product, product.rate), long(worth(product)))
        yield from wrapped(f"{row}{mark}   ", _about(product), terminal.width)
    if service.note:
        yield from wrapped("    note  ", service.note, terminal.width)
    for option in service.options:
        yield from _option(option, terminal.width)


def price_text(product: Product, rate: Rate) -> str:
    """A price a minute: `10 c/min`, `660 cr/min` in credits, `0-4 c/min` where it may be free."""
    if product.currency == "credits":
        return f"{float(rate):g} cr/min"
    return f"{'0-' if product.service.free else ''}{rate_text(rate)}"


def _about(product: Product) -> str:
    also = f" (also {', '.join(product.variant.also)})" if product.variant.also else ""
    told = f"{product.variant.help}{also}"
    if product.currency != "credits":
        return told
    dollars = f"{float(product.rate * _CENTS / CREDITS_PER_DOLLAR):g} c/min"
    return f"{told}; {dollars}" if told else dollars


def _takes(service: Service) -> str:
    kinds = " and ".join(_KINDS.get(each, each) for each in service.accepts)
    address = ", files or addresses" if service.address else ""
    what = "made" if service.basis is Basis.OUTPUT else "sent"
    credits_ = (
        f"; paid from credits, {CREDITS_PER_DOLLAR:,} a dollar" if service.currency == "credits" else ""
    )
    return f"takes {kinds}{address}; counted on the length {what}{credits_}"


def _limits(service: Service) -> str:
    limits = service.limits
    parts = [
        f"at least {limits.minimum_seconds} s" if limits.minimum_seconds else "",
        f"at most {clock(limits.maximum_seconds * MS_PER_SECOND)}" if limits.maximum_seconds else "",
        f"up to {limits.maximum_mb:,} MB" if limits.maximum_mb else "",
        f"of {' '.join(limits.formats)}" if limits.formats else "",
    ]
    told = ", ".join(filter(None, parts))
    return f"; {told}" if told else ""


def _mark(found: Moved | None, product: Product, terminal: Terminal) -> str:
    """What is different today, so that nobody overlooks it."""
    if found is None:
        return ""
    if found.live is None:
        return terminal.style("   << no price today", "red", "bold")
    word = "dearer" if found.live > found.planned else "cheaper"
    return terminal.style(f"   << {word} today: {price_text(product, found.live)}", "yellow", "bold")


def _option(option: Option, width: int) -> Iterator[str]:
    only = f" (only {', '.join(option.only)})" if option.only else ""
    needed = "; needed" if option.required else ""
    text = f"{option.help}{only}{needed}{_default(option)}"
    # What comes from the input itself is no option of the command line.
    given = f"    {option.name}" if option.own else f"    --set {option.name}={_values(option)}"
    told = f"in the input: {text}" if option.own else text
    if len(given) <= SET:
        yield from wrapped(f"{given:<{SET}}  ", told, width)
        return
    yield given
    yield from wrapped("        ", told, width)


def _values(option: Option) -> str:
    match option.kind:
        case "bool":
            return "true|false"
        case "choice":
            return ("," if option.each else "|").join(option.choices)
        case "list":
            return ",".join(option.choices)
        case "int" | "decimal":
            return _range(option)
        case _:
            return "TEXT"


def _range(option: Option) -> str:
    """The bounds of a number, as far as there are some."""
    low, high = option.minimum, option.maximum
    return "N" if low is None or high is None else f"{low}..{high}"


def _default(option: Option) -> str:
    match option.default:
        case None:
            return ""
        case bool() as yes:
            return f"; default {'true' if yes else 'false'}"
        case tuple() as several:
            return f"; default {','.join(map(str, several))}"
        case one:
            return f"; default {one}"


def document(known: Catalogue, live: Live) -> str:
    """The same for machines; rates in cents or credits a minute as exact texts, lengths in milliseconds."""
    different = _different(known, live)
    data = {
        "version": VERSION,
        "catalogue": known.date,
        "source": known.source,
        "live": live.rates is not None,
        "live_credits": live.multipliers is not None,
        "reason": live.reason or None,
        "services": [_service_data(service, live, different) for service in known.services],
    }
    return json.dumps(data, indent=2) + "\n"


def _service_data(service: Service, live: Live, different: Mapping[str, Moved]) -> Mapping[str, object]:
    return {
        "service": service.name,
        "title": service.title,
        "also": list(service.also),
        "note": service.note or None,
        "wallet": list(service.wallet),
        "currency": service.currency,
        "expected_free": service.free,
        "basis": service.basis.value,
        "accepts": list(service.accepts),
        "address": service.address,
        "limits": {
            "minimum_seconds": service.limits.minimum_seconds or None,
            "maximum_seconds": service.limits.maximum_seconds or None,
            "maximum_mb": service.limits.maximum_mb or None,
            "formats": list(service.limits.formats),
        },
        "products": [_product_data(product, live, different) for product in products_of(service)],
        "options": [_option_data(option) for option in service.options],
    }


def _product_data(product: Product, live: Live, different: Mapping[str, Moved]) -> Mapping[str, object]:
    found = different.get(product.name)
    now = product.rate if found is None else found.live
    today = str(now) if live.knows(product) and now is not None else None
    credits_ = product.currency == "credits"
    return {
        "product": product.name,
        "help": product.variant.help or None,
        "also": list(product.variant.also),
        "default": bool(product.variant.name) and product.variant.name == product.service.default,
        "cents_per_minute": None if credits_ else str(product.rate),
        "credits_per_minute": str(product.rate) if credits_ else None,
        "ten_dollars_ms": worth(product),
        "live_cents_per_minute": None if credits_ else today,
        "live_credits_per_minute": today if credits_ else None,
        "differs": found is not None if live.knows(product) else None,
        "needs": list(product.variant.needs),
    }


def _option_data(option: Option) -> Mapping[str, object]:
    return {
        "option": option.name,
        "kind": option.kind,
        "role": option.role,
        "help": option.help,
        "default": option.default,
        "required": option.required,
        "own": option.own,
        "minimum": option.minimum,
        "maximum": option.maximum,
        "choices": list(option.choices),
        "only": list(option.only),
    }
