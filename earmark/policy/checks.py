"""What may stand under each key of `earmark.toml`; each check gives the value that is meant.

Every check raises `UsageError` with what is wrong; whoever calls it adds file and line.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from manifests import options
from manifests.catalogue import Catalogue, Product
from manifests.errors import UsageError, choices
from manifests.money import Cents, parse_amount

FORMATS = "formats"
"""The option that the key of this name sets, of each service that has it."""


@dataclass(frozen=True, slots=True)
class Context:
    """Where the file lies, and what can be bought."""

    folder: str
    catalogue: Catalogue


Check: TypeAlias = Callable[[Any, Context], Any]


def amount(value: Any, _context: Context) -> Cents:
    """Dollars: a text such as "20.00", or a whole number."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise UsageError('an amount in dollars is a text: "20.00"')
    if isinstance(value, float):
        raise UsageError(
            f'amounts stand in quotes, so that no cent is lost: write "{value:.2f}", not {value}'
        )
    return parse_amount(str(value))


def texts(value: Any, _context: Context) -> tuple[str, ...]:
    """A text, or a list of texts, none of them empty."""
    several = value if isinstance(value, list) else [value]
    if not several or not all(isinstance(each, str) and each.strip() for each in several):
        raise UsageError("it is a text, or a list of texts")
    return tuple(several)


def services(value: Any, context: Context) -> tuple[str, ...]:
    """What to buy, as after --service."""
    names = [context.catalogue.product(name).name for name in texts(value, context)]
    return tuple(dict.fromkeys(names))


def formats(value: Any, context: Context) -> str:
    """What to save of a transcript, as after --set."""
    words = list(texts(value, context))
    having = [each for each in context.catalogue.services if FORMATS in {one.name for one in each.options}]
    for service in having:
        options.check(Product(service, service.variant("")), {FORMATS: words}, whole=False)
    return ",".join(words)


def patterns(value: Any, context: Context) -> tuple[str, ...]:
    """Patterns, as after --include."""
    from planner.rules_parts import glob_problem  # a run needs nothing of plans

    found = texts(value, context)
    for text in found:
        problem = glob_problem(text)
        if problem is not None:
            raise UsageError(f"{text!r}: {problem}")
    return found


def inside(value: Any, context: Context) -> str:
    """A path below the folder of the file: what comes with a checkout reads and writes nowhere else."""
    (text,) = texts(value, context) if not isinstance(value, list) else ("",)
    parts = text.split("/")
    if not text or text.startswith(("/", "~")) or ".." in parts or "\0" in text:
        raise UsageError("it is a path below the folder of this file, such as 'audio/rules.yaml'")
    path, home = os.path.join(context.folder, text), os.path.realpath(context.folder)  # noqa: PTH118
    if os.path.commonpath((home, os.path.realpath(path))) != home:
        raise UsageError(f"{text!r} lies behind a link that leads out of the folder of this file")
    return path


def apply(value: Any, _context: Context) -> str:
    """Which rules decide about a file."""
    if value not in ("first", "all"):
        raise UsageError("it is first (the first rule that matches decides) or all (every rule that matches)")
    return str(value)


def prefer(value: Any, _context: Context) -> str:
    """What --fit keeps first."""
    from planner.fitting import Prefer

    known = [each.value for each in Prefer]
    if value not in known:
        raise UsageError(f"{value!r} is no order{choices(str(value), known)}")
    return str(value)


def target(name: str, context: Context) -> str:
    """A service, or one of its variants: `stems` means all, `stems:six` one."""
    if ":" in name:
        return context.catalogue.product(name).name
    return context.catalogue.service(name).name


def paid_in_cents(name: str, context: Context) -> str:
    """The same, of those that the wallet pays."""
    found = target(name, context)
    if context.catalogue.service(found.partition(":")[0]).currency != "cents":
        raise UsageError(
            f"{found} is paid with the account's credits, which no cap here counts: --max-credits"
        )
    return found


def option_of(name: str, option: str) -> Check:
    """A value of an option, as after --set: a text, a number, true, false, or a list."""

    def check(value: Any, context: Context) -> str:
        service = context.catalogue.service(name.partition(":")[0])
        found = service.option(option)
        if found.own:
            raise UsageError("it comes from the file itself: it is not set for all")
        text = _as_typed(value)
        variants = [context.catalogue.product(name)] if ":" in name else []
        able = [each for each in service.variants if found.fits(each.name)] or service.variants
        product = variants[0] if variants else Product(service, able[0])
        for word in text.split(",") if found.each else [text]:
            if not (found.voice and word.startswith("clone:")):
                options.check(product, {option: word}, whole=False)
        return text

    return check


def _as_typed(value: Any) -> str:
    """A value as one would type it after --set."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (str, int, float)):
        return str(value)
    if isinstance(value, list) and value and all(isinstance(each, str) for each in value):
        return ",".join(value)
    raise UsageError("it has no value: write a text, a number, true, false or a list of texts")
