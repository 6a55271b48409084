"""What is to be bought: `--service` and `--set` made into products with checked options."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeAlias

from manifests import options
from manifests.catalogue import Catalogue, Product
from manifests.errors import UsageError, nearest
from manifests.keys import CLONE
from manifests.money import MS_PER_SECOND
from manifests.options import Options
from manifests.tariff import Cost, cost
from planner.inputs import AUDIO
from planner.languages import problem
from planner.templates import Template

CLONE_SERVICE = "clone"

KINDS = (*AUDIO, "text", "prompt")
"""Of input, in the catalogue's words."""

LANGUAGES = frozenset({"language", "source_language", "target_language"})
"""Options that hold a language's code."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A product with the options that a file gets.

    `given` are the options as the user set them, `submitted` what they make of the purchase: wire
    values with defaults filled in; `result` is a template of the result's name, where a rule has one;
    `needs` is the sample of the clone whose voice is to speak, as the user named it. `name` is the
    product's, `kinds` the kinds of input that the product is meant for at all.
    """

    product: Product
    given: Options
    submitted: Options
    result: Template | None = None
    needs: str | None = None
    name: str = field(init=False, compare=False)
    clones: bool = field(init=False, compare=False)  # makes a voice that others can speak with
    kinds: frozenset[str] = field(init=False, compare=False, repr=False)
    _costs: dict[tuple[int, int], Cost] = field(init=False, compare=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        service = self.product.service
        put = partial(object.__setattr__, self)  # a million lines ask for these
        put("name", self.product.name)
        put("clones", service.name == CLONE_SERVICE)
        put("kinds", frozenset(kind for kind in KINDS if not _family(kind).isdisjoint(service.accepts)))

    def cost(self, ms: int, longest_ms: int) -> Cost:
        """What a length costs, and its longest at most; each pair of whole seconds is worked out once."""
        seconds = -(-ms // MS_PER_SECOND), -(-longest_ms // MS_PER_SECOND)  # whole_seconds, a million times
        found = self._costs.get(seconds)
        if found is None:
            found = cost(self.product, seconds[0] * MS_PER_SECOND, seconds[1] * MS_PER_SECOND)
            self._costs[seconds] = found
        return found

    def takes(self, kind: str) -> bool:
        """Whether such an input is sent to it: `audio`, `video`, `text`, `prompt`."""
        return kind in self.product.service.accepts

    def with_own(self, own: Mapping[str, object]) -> "Choice":
        """The choice for one input that brings options itself; what it says wins.

        Raises:
            UsageError: an unknown or missing option, or a value out of range.
        """
        return replace(_checked(self.product, {**self.given, **own}), result=self.result)


def _family(kind: str) -> frozenset[str]:
    """The kinds that are one in a service's eyes: what takes recordings is offered films, too."""
    return AUDIO if kind in AUDIO else frozenset({kind})


Chosen: TypeAlias = Callable[[str], Sequence[Choice]]
"""What to buy of a file, by its name as the manifest writes it (`planner.rules` decides by it)."""


def choices(catalogue: Catalogue, services: Sequence[str], settings: Iterable[str]) -> tuple[Choice, ...]:
    """The products to buy of each file, in the order of the command line; one named twice counts once.

    Args:
        catalogue: what can be bought.
        services: `service[:variant]`, at least one.
        settings: `SERVICE.OPTION=VALUE`, or `OPTION=VALUE` where there is a single service.

    Raises:
        UsageError: no service; an unknown service, variant or option; a bad or contradicting value.
    """
    if not services:
        known = ", ".join(service.name for service in catalogue.services)
        raise UsageError(f"say what to buy: --service SERVICE, one of {known}")
    products = list({(found := catalogue.product(name)).name: found for name in services}.values())
    return chosen(products, map(_setting, settings))


def chosen(products: list[Product], settings: Iterable[tuple[str, object]]) -> tuple[Choice, ...]:
    """What some products come to with their settings, each `[SERVICE.]OPTION` and its value.

    Raises:
        UsageError: an unknown or ambiguous option; a bad or contradicting value.
    """
    given: dict[str, dict[str, object]] = {product.name: {} for product in products}
    for name, value in settings:
        _set(products, given, name, value)
    return tuple(each for product in products for each in _choices(product, given[product.name]))


def _choices(product: Product, given: Mapping[str, object]) -> Iterable[Choice]:
    """The choices of one product: one for each value of an option that takes one an item."""
    service = product.service
    own = [option.name for option in service.options if option.own]
    for name in own:
        if name in given:
            raise UsageError(f"{service.name}.{name} comes from the file itself: it is not set for all")
    if own:
        checked = options.check(product, given, whole=False)
        yield Choice(product, checked, options.submitted(product, checked))
        return
    for some in _each(product, given):
        yield _checked(product, some)


def _each(product: Product, given: Mapping[str, object]) -> Iterable[Mapping[str, object]]:
    several = next((option.name for option in product.service.options if option.each), None)
    if several is None or several not in given:
        return [given]
    value = given[several]
    values = value if isinstance(value, (list, tuple)) else str(value).split(",")
    words = list(dict.fromkeys(word for word in (str(each).strip() for each in values) if word))
    return [{**given, several: word} for word in words] or [given]


def _checked(product: Product, given: Mapping[str, object]) -> Choice:
    fields = dict(given)
    needs = _needs(product, fields)
    _languages(product, fields)
    checked = options.check(product, fields, voiced=needs is not None)
    return Choice(product, checked, options.submitted(product, checked), needs=needs)


def _needs(product: Product, fields: dict[str, object]) -> str | None:
    """The sample of the voice that is to speak, taken out of the options."""
    voice = product.service.voice
    value = fields.get(voice.name) if voice else None
    if voice is None or not isinstance(value, str) or not value.strip().startswith(CLONE):
        return None
    del fields[voice.name]
    sample = value.strip().removeprefix(CLONE).strip()
    if not sample:
        raise UsageError(f"{product.service.name}.{voice.name}={CLONE} names no file: write {CLONE}FILE")
    return sample


def _languages(product: Product, fields: Mapping[str, object]) -> None:
    for option in product.service.options:
        if option.name not in LANGUAGES or option.name not in fields:
            continue
        name = option.name
        wrong = problem(str(fields[name]).strip(), option.choices)
        if wrong:
            raise UsageError(f"{product.service.name}.{name}: {wrong}")


def _setting(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise UsageError(f"--set takes SERVICE.OPTION=VALUE, not {text!r}")
    return name, value


def _set(products: list[Product], given: dict[str, dict[str, object]], name: str, value: object) -> None:
    target, dot, option = name.strip().rpartition(".")
    meant = _meant(products, target) if dot else _only(products, option)
    fitting = [each for each in meant if each.service.option(option).fits(each.variant.name)]
    for product in fitting or meant:  # where none fits, the check of options says so
        before = given[product.name].setdefault(option, value)
        if before != value:
            raise UsageError(f"{product.service.name}.{option} is set twice: to {before!r} and to {value!r}")


def _meant(products: list[Product], target: str) -> list[Product]:
    """The products that `transcription` or `stems:six` before the dot means."""
    meant = [each for each in products if target in (each.service.name, each.name)]
    if not meant:
        names = list(dict.fromkeys(name for each in products for name in (each.service.name, each.name)))
        raise UsageError(
            f"--set {target}.… names no --service of this plan{nearest(target, names) or '.'}"
            f" Here: {', '.join(names)}"
        )
    return meant


def _only(products: list[Product], option: str) -> list[Product]:
    """The products of the single service; where there are several, one must be named."""
    names = list(dict.fromkeys(product.service.name for product in products))
    if len(names) > 1:
        having = (each.service.name for each in products if option in {o.name for o in each.service.options})
        likely = next(having, names[0])
        raise UsageError(
            f"{option!r} of which service? Write --set {likely}.{option}=… (here: {', '.join(names)})"
        )
    return products
