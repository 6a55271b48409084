"""What Tab offers behind an option: services and their variants, options and their values, manifests.

Called while somebody waits for a key: nothing heavy is imported, no folder but the typed one is read.
"""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, TypeAlias

import click
from click.shell_completion import CompletionItem

from earmark.completion import PART

if TYPE_CHECKING:
    from manifests.catalogue import Option, Product, Service

MANIFESTS = "*.yaml"
"""What manifests are called, unless somebody names one otherwise."""

LANGUAGES = frozenset({"language", "source_language"})
"""Options that take any language's code."""

Items: TypeAlias = "list[CompletionItem[str]]"  # quoted: no generic in click 8.2


def manifests(_context: click.Context, _param: click.Parameter, _incomplete: str) -> Items:
    """Manifests, and folders on the way to them."""
    return [CompletionItem(MANIFESTS, type="glob")]


def files(_context: click.Context, _param: click.Parameter, _incomplete: str) -> Items:
    """Files and folders."""
    return [CompletionItem("", type="file")]


def folders(_context: click.Context, _param: click.Parameter, _incomplete: str) -> Items:
    """Folders."""
    return [CompletionItem("", type="dir")]


def services(_context: click.Context, _param: click.Parameter, incomplete: str) -> Items:
    """`transcription`, `stems:six`: variants once their service is typed."""
    from manifests import catalogue
    from manifests.catalogue import Product

    name, colon, _ = incomplete.partition(":")
    found: Items = []
    for service in catalogue.load().services:
        several = len(service.variants) > 1
        if several and colon and service.name == name:
            found += [
                CompletionItem(f"{name}:{each.name}", help=_price(Product(service, each), each.help))
                for each in service.variants
            ]
        elif not colon:
            help_ = service.title if several else _price(Product(service, service.variants[0]))
            found.append(CompletionItem(service.name, help=help_))
            if several and incomplete:
                found.append(
                    CompletionItem(f"{service.name}:", type=PART, help=f"{len(service.variants)} variants")
                )
    return _starting(found, incomplete)


def _price(product: "Product", more: str = "") -> str:
    from earmark.screens.words import rate_text

    shown = f"{product.rate} credits a minute" if product.currency == "credits" else rate_text(product.rate)
    return ", ".join(filter(None, (shown, more)))


def settings(context: click.Context, _param: click.Parameter, incomplete: str) -> Items:
    """`language=en`, `transcription.language=en`: of the services that are typed, else of all."""
    from manifests import catalogue

    named = {name.partition(":")[0] for name in context.params.get("services") or ()}
    every = catalogue.load().services
    chosen = [service for service in every if service.name in named] or list(every)
    found: Items = []
    for service in chosen:
        for option in service.options:
            if not option.own:
                found += _settings(service, option, incomplete, short=len(named) == 1)
    return _starting(found, incomplete)


def _settings(
    service: "Service", option: "Option", incomplete: str, *, short: bool
) -> "Iterator[CompletionItem[str]]":
    """One option, or its values once it is typed."""
    long = f"{service.name}.{option.name}"
    names = [option.name, long] if short else [long]
    for name in names:
        if incomplete.startswith(f"{name}="):
            yield from (CompletionItem(f"{name}={value}", help=help_) for value, help_ in _values(option))
        elif name != long or not short or incomplete.startswith(f"{service.name}."):
            yield CompletionItem(f"{name}=", type=PART, help=option.help)


def _values(option: "Option") -> Iterator[tuple[str, str | None]]:
    if option.name in LANGUAGES:
        from planner.languages import NAMES

        yield from NAMES.items()
    elif option.kind == "bool":
        yield from (("true", None), ("false", None))
    else:
        yield from ((each, None) for each in option.choices)


def _starting(found: "Iterable[CompletionItem[str]]", incomplete: str) -> Items:
    return [each for each in found if each.value.startswith(incomplete)]
