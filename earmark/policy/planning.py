"""What `earmark.toml` adds to a command line of `plan`: what was typed wins, except over amounts."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from earmark.policy.caps import limits_of
from earmark.policy.reading import planned_folder, policy_of
from earmark.policy.values import RULES, Policy, seen_from_here
from manifests.catalogue import Catalogue, Product
from manifests.errors import UsageError
from manifests.limits import NONE, Limit, Limits, Scope, smallest

if TYPE_CHECKING:
    from manifests.text_yaml import Table

SET = "plan.set."


@dataclass(frozen=True, slots=True)
class FromPolicy:
    """What a plan has of `earmark.toml`; commands to type next leave it out, as it is read again."""

    taken: frozenset[str] = frozenset()  # options that it gave, where nothing was typed
    settings: int = 0  # how many of the first settings are of it
    excludes: int = 0  # likewise
    rules: "tuple[str, Table] | None" = None  # rules that stand in the file, and its path
    said: tuple[tuple[str, tuple[str, ...]], ...] = ()  # each file, and what it gave
    limits: Limits = NONE  # of the environment, too
    warn: Limit | None = None


NOTHING = FromPolicy()


@dataclass(frozen=True, slots=True)
class Typed:
    """A command line of `plan`: the values of its options, and which of them were typed."""

    values: Mapping[str, Any]
    typed: Collection[str] = field(default_factory=frozenset)


def with_policy(line: Typed, environ: Mapping[str, str], catalogue: Catalogue) -> dict[str, Any]:
    """The values of a command line together with what the files say, and `policy` with what is of them.

    Raises:
        UsageError: a file cannot be read, something in it is wrong, or a variable holds no amount.
    """
    values = line.values
    policy = policy_of(planned_folder(values["paths"], values["output"]), catalogue)
    limits = smallest([*limits_of(environ, policy, catalogue).every, *_block(policy)])
    taken: dict[str, Any] = {}
    for name in ("prefer", "output"):
        if name not in line.typed and policy.of(f"plan.{name}") is not None:
            value = policy.value(f"plan.{name}")
            taken[name] = seen_from_here(value) if name == "output" else value
    if not values["include"] and policy.of("plan.include") is not None:
        taken["include"] = policy.value("plan.include")
    rules = None
    if not (values["services"] or values["rules"]):
        taken |= _what_to_buy(policy)
        rules = policy.rules
    excludes = policy.value("plan.exclude") or ()
    settings = _settings(policy, taken.get("services", values["services"]), values["settings"], catalogue)
    told = FromPolicy(
        taken=frozenset(taken),
        settings=len(settings),
        excludes=len(excludes),
        rules=rules,
        said=_said(policy, [*taken, *(["exclude"] if excludes else [])], settings, inline=rules is not None),
        limits=limits,
        warn=_warn(policy),
    )
    return {
        **values,
        **taken,
        "exclude": (*excludes, *values["exclude"]),
        "settings": (*settings, *values["settings"]),
        "policy": told,
    }


def _said(
    policy: Policy, names: Collection[str], settings: Collection[str], *, inline: bool
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """What was taken of each file, by its keys."""
    options = {setting.partition("=")[0] for setting in settings}
    keys = [f"plan.{name}" for name in names] + ([RULES] if inline else [])
    keys += ["plan.formats"] if any(name.endswith(".formats") for name in options) else []
    keys += [entry.key for entry in policy.below(SET) if _is_set(entry.key, options)]
    found: dict[str, list[str]] = {}
    for key in keys:
        entry = policy.of(key)
        if entry is not None:
            file = seen_from_here(entry.said[0].path)
            found.setdefault(file, []).append(key.removeprefix("plan.").removeprefix("set."))
    return tuple((file, tuple(words)) for file, words in found.items())


def _is_set(key: str, options: Collection[str]) -> bool:
    """Whether a key of the files set one of the options, of its service or of a variant."""
    service, _, option = key.removeprefix(SET).rpartition(".")
    return any(
        name.rpartition(".")[2] == option
        and name.rpartition(".")[0].partition(":")[0] == service.partition(":")[0]
        for name in options
    )


def _what_to_buy(policy: Policy) -> dict[str, Any]:
    """The services and the file of rules, where the command line names neither."""
    found: dict[str, Any] = {}
    if policy.of("plan.services") is not None:
        found["services"] = policy.value("plan.services")
    if policy.of("plan.rules") is not None:
        found["rules"] = seen_from_here(policy.value("plan.rules"))
    return found


def _settings(
    policy: Policy, services: Collection[str], typed: Collection[str], catalogue: Catalogue
) -> tuple[str, ...]:
    """The options that the files set, of what is bought; those that were typed are left out."""
    try:
        products = [catalogue.product(name) for name in services]
    except UsageError:  # told with what was typed
        return ()
    given = [setting.partition("=")[0].strip().rpartition(".") for setting in typed]
    found: dict[tuple[str, str], str] = {}
    for product in products:
        own = _options(policy, product)
        for option, value in own.items():
            names = ("", product.service.name, product.name)
            if not any(name == option and target in names for target, _, name in given):
                found[product.name, option] = f"{product.name}.{option}={value}"
    return tuple(found.values())


def _options(policy: Policy, product: Product) -> dict[str, str]:
    """What the files set of a product: for one variant is stronger than for all of a service."""
    service = product.service
    found: dict[str, str] = {}
    if policy.of("plan.formats") is not None and any(each.name == "formats" for each in service.options):
        found["formats"] = policy.value("plan.formats")
    for target in dict.fromkeys((service.name, product.name)):
        for entry in policy.below(f"{SET}{target}."):
            option = entry.key.removeprefix(f"{SET}{target}.")
            if service.option(option).fits(product.variant.name):
                found[option] = entry.value
    return found


def _block(policy: Policy) -> list[Limit]:
    entry = policy.of("thresholds.block")
    return [] if entry is None else [Limit(Scope.PLAN, said.value, said.origin) for said in entry.said]


def _warn(policy: Policy) -> Limit | None:
    entry = policy.of("thresholds.warn")
    return None if entry is None else Limit(Scope.PLAN, entry.value, entry.said[0].origin)
