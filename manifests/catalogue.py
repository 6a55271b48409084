"""The catalogue: services, variants, options and rates, read from `services.toml`.

A product is what an item buys: one service, one variant. Its name is `service[:variant]`.
"""

import tomllib
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from importlib import resources
from typing import Any, Literal, Self

from manifests.errors import UsageError, choices
from manifests.length import Basis
from manifests.money import Rate

OptionKind = Literal["text", "bool", "int", "decimal", "choice", "list"]
Role = Literal["submit", "fetch"]
Currency = Literal["cents", "credits"]
"""What is paid with: cents of the wallet, or credits of the account; never added to each other."""

Watch = Literal["list", "single"]
ResultShape = Literal["file", "folder"]


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a service, under the API's own field name."""

    name: str
    kind: OptionKind
    role: Role
    help: str
    default: object = None
    choices: tuple[str, ...] = ()
    always: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    pattern: str = ""
    minimum: int | float | None = None
    maximum: int | float | None = None
    beside: tuple[int, ...] = ()  # whole numbers that are allowed although they are out of range
    required: bool = False
    own: bool = False  # comes from the input itself, never from the command line
    each: bool = False  # several values are several items
    voice: bool = False  # a voice, which a clone of the same manifest may be

    def fits(self, variant: str) -> bool:
        """Whether the variant has this option."""
        return not self.only or variant in self.only


@dataclass(frozen=True, slots=True)
class Variant:
    """One variant of a service; `name` is empty where a service has none."""

    name: str
    multiplier: Fraction
    also: tuple[str, ...] = ()
    wire: tuple[tuple[str, str], ...] = ()
    needs: tuple[str, ...] = ()
    help: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """The service's published limits; passing one warns, it drops nothing (docs/api.md 5.4)."""

    minimum_seconds: int = 0
    maximum_seconds: int = 0
    maximum_mb: int = 0
    formats: tuple[str, ...] = ()  # endings of files without their dot; none where none are published


@dataclass(frozen=True, slots=True)
class Service:
    """One row of the price page."""

    name: str
    title: str
    wallet: tuple[str, ...]
    rate: Rate
    basis: Basis
    accepts: tuple[str, ...]
    watch: Watch
    result: ResultShape
    default: str
    variants: tuple[Variant, ...]
    options: tuple[Option, ...]
    limits: Limits
    also: tuple[str, ...] = ()
    currency: Currency = "cents"
    free: bool = False
    address: bool = False
    note: str = ""

    @property
    def voice(self) -> Option | None:
        """The option that names a voice, where the service speaks with one."""
        return next((option for option in self.options if option.voice), None)

    def variant(self, name: str) -> Variant:
        """The variant of this name or of one of its other names.

        Raises:
            UsageError: no such variant; the message has the nearest name.
        """
        wanted = name or self.default
        for variant in self.variants:
            if wanted == variant.name or wanted in variant.also:
                return variant
        names = [each for variant in self.variants for each in (variant.name, *variant.also) if each]
        if not names:
            raise UsageError(
                f"{self.name} has no variants: write --service {self.name}, not {self.name}:{name}"
            )
        raise UsageError(f"{self.name} has no variant {name!r}{choices(name, names)}")

    def option(self, name: str) -> Option:
        """The option of this name.

        Raises:
            UsageError: no such option; the message has the nearest name.
        """
        known = {option.name: option for option in self.options}
        if name not in known:
            raise UsageError(f"{self.name} has no option {name!r}{choices(name, known)}")
        return known[name]


@dataclass(frozen=True, slots=True)
class Product:
    """A service in one of its variants: what an item buys."""

    service: Service
    variant: Variant

    @property
    def name(self) -> str:
        """`service` or `service:variant`."""
        return f"{self.service.name}:{self.variant.name}" if self.variant.name else self.service.name

    @property
    def rate(self) -> Rate:
        """Cents a minute, or credits where the service is paid from those; multiplier included."""
        return self.service.rate * self.variant.multiplier

    @property
    def currency(self) -> Currency:
        """What the rate counts."""
        return self.service.currency


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All services with the date and the source of their prices."""

    date: str
    source: str
    services: tuple[Service, ...]

    def service(self, name: str) -> Service:
        """The service of this name.

        Raises:
            UsageError: no such service; the message has the nearest name.
        """
        for service in self.services:  # asked for with every step of every item: nothing is built for it
            if service.name == name:
                return service
        for service in self.services:
            if name in service.also:
                return service
        known = [service.name for service in self.services]
        raise UsageError(f"no service {name!r}{choices(name, known)}")

    def product(self, name: str) -> Product:
        """The product that `service[:variant]` names; other names become the canonical one.

        Raises:
            UsageError: unknown service or variant.
        """
        head, _, tail = name.partition(":")
        service = self.service(head)
        if name.endswith(":"):
            raise UsageError(f"{name!r} names no variant: write {head} or {head}:VARIANT")
        return Product(service, service.variant(tail))

    @classmethod
    def parse(cls, data: dict[str, Any]) -> Self:
        """The catalogue in the mapping of a `services.toml`."""
        services = tuple(_service(name, table) for name, table in data["services"].items())
        return cls(data["catalogue"], data["source"], services)


@cache
def load() -> Catalogue:
    """The catalogue that Earmark ships."""
    text = resources.files("manifests").joinpath("services.toml").read_text(encoding="utf-8")
    return Catalogue.parse(tomllib.loads(text))


def _service(name: str, table: dict[str, Any]) -> Service:
    variants = tuple(_variant(each, row) for each, row in table.get("variants", {}).items())
    return Service(
        name=name,
        title=table["title"],
        wallet=tuple(table["wallet"]),
        rate=Fraction(table["rate"]),
        basis=Basis(table["basis"]),
        accepts=tuple(table["accepts"]),
        watch=table["watch"],
        result=table["result"],
        default=table.get("default", ""),
        variants=variants or (Variant("", Fraction(1)),),
        options=tuple(_option(each, row) for each, row in table.get("options", {}).items()),
        limits=Limits(
            table.get("minimum_seconds", 0),
            table.get("maximum_seconds", 0),
            table.get("maximum_mb", 0),
            tuple(table.get("formats", ())),
        ),
        also=tuple(table.get("also", ())),
        currency=table.get("currency", "cents"),
        free=table.get("free", False),
        address=table.get("address", False),
        note=table.get("note", ""),
    )


def _variant(name: str, row: dict[str, Any]) -> Variant:
    return Variant(
        name=name,
        multiplier=Fraction(row.get("multiplier", "1")),
        also=tuple(row.get("also", ())),
        wire=tuple(sorted(row.get("wire", {}).items())),
        needs=tuple(row.get("needs", ())),
        help=row.get("help", ""),
    )


def _option(name: str, row: dict[str, Any]) -> Option:
    lists: dict[str, Any] = {key: tuple(row.get(key, ())) for key in ("choices", "always", "only")}
    flags: dict[str, Any] = {key: row.get(key, False) for key in ("required", "own", "each", "voice")}
    default = row.get("default")
    return Option(
        name=name,
        kind=row["kind"],
        role=row["role"],
        help=row["help"],
        default=tuple(default) if isinstance(default, list) else default,
        pattern=row.get("pattern", ""),
        minimum=row.get("minimum"),
        maximum=row.get("maximum"),
        beside=tuple(row.get("also", ())),
        **lists,
        **flags,
    )
