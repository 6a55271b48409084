"""The screen of `earmark services`, and its JSON."""

import json
from collections.abc import Iterator, Mapping

from earmark.screens.words import clock, long, rate_text
from earmark.screens.wrapping import wrapped
from earmark.terminal import Terminal, printable
from earmark.wallet_lookup import Moved, moved
from manifests.catalogue import Catalogue, Option, Product, Service
from manifests.money import MS_PER_SECOND, Cents, Rate, plain

VERSION = 1
BUDGET = Cents(1000)
"""The amount whose worth in minutes is shown, as on the price page: $10."""

_MS_PER_MINUTE = 60_000


def render(known: Catalogue, live: Mapping[str, Rate] | None, reason: str, terminal: Terminal) -> str:
    """The whole screen; `live` is None where the live prices are not known, for the reason given."""
    different = _different(known, live)
    rows = [
        *wrapped("Services   ", f"prices of {known.date}{_live(live, reason, different)}", terminal.width),
        terminal.style(_columns("service", "price", f"${plain(BUDGET)} gets you"), "bold"),
    ]
    for service in known.services:
        rows += ["", *_service(service, live, different, terminal)]
    rows.append("\nUse them:  plan FOLDER --service SERVICE[:VARIANT] --set OPTION=VALUE")
    return "\n".join(rows) + "\n"


def _columns(label: str, price: str, length: str) -> str:
    return f"  {label:<26}{price:>10}{length:>14}"


def products_of(service: Service) -> list[Product]:
    """What an item can buy of a service."""
    return [Product(service, variant) for variant in service.variants]


def worth(rate: Rate) -> int:
    """Milliseconds of audio that the budget buys."""
    return int(BUDGET * _MS_PER_MINUTE / rate)


def _different(known: Catalogue, live: Mapping[str, Rate] | None) -> dict[str, Moved]:
    """The products whose live rates are others, by name."""
    if live is None:
        return {}
    products = [product for service in known.services for product in products_of(service)]
    return {each.product: each for each in moved(products, live)}


def _live(live: Mapping[str, Rate] | None, reason: str, different: Mapping[str, Moved]) -> str:
    if live is None:
        return f"; live prices are not known: {printable(reason)}" if reason else ""
    return ", NOT those of today: look for <<" if different else ", same as live today"


def _service(
    service: Service, live: Mapping[str, Rate] | None, different: Mapping[str, Moved], terminal: Terminal
) -> Iterator[str]:
    yield from wrapped("  ", f"{service.title}: {_takes(service)}{_limits(service)}", terminal.width)
    for product in products_of(service):
        mark = _mark(different.get(product.name), terminal) if live is not None else ""
        default = " (default)" if product.variant.name and product.variant.name == service.default else ""
        label = f"{product.name}{default}"
        row = _columns(label, rate_text(product.rate), long(worth(product.rate)))
        yield from wrapped(f"{row}{mark}   ", _about(product), terminal.width)
    for option in service.options:
        yield from _option(option, terminal.width)


def _about(product: Product) -> str:
    also = f" (also {', '.join(product.variant.also)})" if product.variant.also else ""
    return f"{product.variant.help}{also}"


def _takes(service: Service) -> str:
    return f"takes {' and '.join(service.accepts)}, counted on its {service.basis.value}"


def _limits(service: Service) -> str:
    limits = service.limits
    parts = [
        f"at least {limits.minimum_seconds} s" if limits.minimum_seconds else "",
        f"at most {clock(limits.maximum_seconds * MS_PER_SECOND)}" if limits.maximum_seconds else "",
        f"up to {limits.maximum_mb:,} MB" if limits.maximum_mb else "",
    ]
    told = ", ".join(filter(None, parts))
    return f"; {told}" if told else ""


def _mark(found: Moved | None, terminal: Terminal) -> str:
    """What is different today, so that nobody overlooks it."""
    if found is None:
        return ""
    if found.live is None:
        return terminal.style("   << no price today", "red", "bold")
    word = "dearer" if found.live > found.planned else "cheaper"
    return terminal.style(f"   << {word} today: {rate_text(found.live)}", "yellow", "bold")


def _option(option: Option, width: int) -> Iterator[str]:
    only = f" (only {', '.join(option.only)})" if option.only else ""
    yield f"    --set {option.name}={_values(option)}"
    yield from wrapped("        ", f"{option.help}{only}{_default(option)}", width)


def _values(option: Option) -> str:
    match option.kind:
        case "bool":
            return "true|false"
        case "choice":
            return "|".join(option.choices)
        case "list":
            return ",".join(option.choices)
        case "int":
            return "N"
        case _:
            return "TEXT"


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


def document(known: Catalogue, live: Mapping[str, Rate] | None, reason: str) -> str:
    """The same for machines; rates in cents a minute as exact texts, lengths in milliseconds."""
    different = _different(known, live)
    data = {
        "version": VERSION,
        "catalogue": known.date,
        "source": known.source,
        "live": live is not None,
        "reason": reason or None,
        "services": [_service_data(service, live, different) for service in known.services],
    }
    return json.dumps(data, indent=2) + "\n"


def _service_data(
    service: Service, live: Mapping[str, Rate] | None, different: Mapping[str, Moved]
) -> Mapping[str, object]:
    return {
        "service": service.name,
        "title": service.title,
        "wallet": list(service.wallet),
        "basis": service.basis.value,
        "accepts": list(service.accepts),
        "limits": {
            "minimum_seconds": service.limits.minimum_seconds or None,
            "maximum_seconds": service.limits.maximum_seconds or None,
            "maximum_mb": service.limits.maximum_mb or None,
        },
        "products": [_product_data(product, live, different) for product in products_of(service)],
        "options": [_option_data(option) for option in service.options],
    }


def _product_data(
    product: Product, live: Mapping[str, Rate] | None, different: Mapping[str, Moved]
) -> Mapping[str, object]:
    found = different.get(product.name)
    now = product.rate if found is None else found.live
    return {
        "product": product.name,
        "help": product.variant.help or None,
        "also": list(product.variant.also),
        "default": bool(product.variant.name) and product.variant.name == product.service.default,
        "cents_per_minute": str(product.rate),
        "ten_dollars_ms": worth(product.rate),
        "live_cents_per_minute": None if live is None or now is None else str(now),
        "differs": None if live is None else found is not None,
        "needs": list(product.variant.needs),
    }


def _option_data(option: Option) -> Mapping[str, object]:
    return {
        "option": option.name,
        "kind": option.kind,
        "role": option.role,
        "help": option.help,
        "default": option.default,
        "choices": list(option.choices),
        "only": list(option.only),
    }
