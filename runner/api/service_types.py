"""The wallet's own names of services: which one is sold today, and whose charge a row may be.

Three names are certain, the others are told apart by what the wallet lists: `/service-types` first,
`/pricing` where that names none of a service's (docs/api.md 2). Two services may share a name:
`voice_cloning` is that of a clone, and may be that of speech. What is paid from credits has no name
in the wallet.
"""

from collections.abc import Collection, Iterable, Mapping
from functools import cache
from typing import Protocol

from manifests import catalogue
from manifests.catalogue import Product, Service
from manifests.money import Rate
from runner.api.errors import ApiError


class Names(Protocol):
    """What of a client is asked for the names."""

    def service_types(self) -> list[str]:
        """The names that the wallet takes."""
        ...


class Priced(Names, Protocol):
    """What of a client is asked for the prices."""

    def rates(self) -> dict[str, Rate]:
        """Live cents a minute by the wallet's names."""
        ...


def listed(api: Names) -> frozenset[str]:
    """The names in `/service-types`; none where it does not answer: prices tell the names, too."""
    try:
        return frozenset(api.service_types())
    except ApiError:
        return frozenset()


def sold_as(service: Service, types: Collection[str], prices: Collection[str] = ()) -> str | None:
    """The name under which the wallet sells a service today; None where it names none of its names.

    Args:
        service: in the catalogue, with its names in order.
        types: the names in `/service-types`.
        prices: the names in `/pricing`, for what the types do not name.
    """
    names = _names(service)
    known = [name for name in names if name in types] or [name for name in names if name in prices]
    return next(iter(known), None)


def live_rate(product: Product, prices: Mapping[str, Rate], types: Collection[str] = ()) -> Rate | None:
    """The live rate of a product, multiplier included; None where the wallet names no price for it.

    Args:
        product: of the catalogue.
        prices: cents a minute by the wallet's names, from `/pricing`.
        types: the names in `/service-types`; they choose where several of a service's have a price.
    """
    name = sold_as(product.service, prices.keys() & set(types), prices)
    return None if name is None else prices[name] * product.variant.multiplier


def credit_rate(product: Product, multipliers: Mapping[str, Rate]) -> Rate | None:
    """The live credits a minute of a product, by the first of its names in `/credits/multipliers`."""
    name = next((name for name in product.service.wallet if name in multipliers), None)
    return None if name is None else multipliers[name] * product.variant.multiplier


@cache
def owners(service_type: str) -> tuple[str, ...]:
    """The services that a usage row of this type may bill, the likeliest first.

    That is the service whose earliest name it is.
    """
    known = [service for service in catalogue.load().services if service_type in _names(service)]
    return tuple(each.name for each in sorted(known, key=lambda each: _names(each).index(service_type)))


def billed_as(service: str, types: Iterable[str]) -> str | None:
    """Of the types of some rows, the one that bills a service: a job is not billed under two names."""
    present = set(types)
    return next((name for name in _names(catalogue.load().service(service)) if name in present), None)


def is_of(service: str, service_type: str) -> bool:
    """Whether a usage row of this type may bill a service."""
    return service in owners(service_type)


def is_known(service_type: str) -> bool:
    """Whether any service has this name."""
    return bool(owners(service_type))


def _names(service: Service) -> tuple[str, ...]:
    return service.wallet if service.currency == "cents" else ()
