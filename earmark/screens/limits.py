"""Limits in words: which one, how much it leaves, who said it, and how it is raised."""

from earmark.amounts import CAP
from earmark.screens.words import some
from earmark.terminal import printable
from manifests.limits import Limit, Over, Scope
from manifests.money import Cents, plain, show

VARIABLE = CAP
"""How the names of variables begin that hold limits."""


def said_by(limit: Limit) -> str:
    """`earmark.toml:3; EARMARK_MAX_SPEND_RUN says $20.00`: who said it, and who said no less."""
    others = [f"{printable(origin)} says {show(cents)}" for origin, cents in limit.beside]
    return "; ".join([printable(limit.origin), *others])


def what(limit: Limit) -> str:
    """What it limits."""
    match limit.scope:
        case Scope.PLAN:
            return "a plan"
        case Scope.RUN:
            return "a run"
        case Scope.FILE:
            return "an item"
        case Scope.SERVICE:
            return f"{limit.service} in a run"
        case Scope.MONTH:
            return "this month (UTC)"


def allowed(limit: Limit) -> str:
    """The limit itself."""
    return f"{what(limit)} may cost {show(limit.cents)} ({said_by(limit)})"


def refused(over: Over) -> str:
    """Why a run may not go on."""
    limit = over.limit
    if limit.scope is Scope.FILE:
        return _too_dear(over)
    of = f" for {limit.service}" if limit.scope is Scope.SERVICE else ""
    left = "" if over.available == limit.cents else f", and leaves {show(over.available)}"
    needed = f"what waits may cost {show(over.needed)}{of}"
    return f"{needed}; {allowed(limit)}{left}"


def planned(over: Over) -> str:
    """What a plan is above."""
    limit = over.limit
    if limit.scope is Scope.FILE:
        return _too_dear(over)
    of = f" for {limit.service}" if limit.scope is Scope.SERVICE else ""
    used = "" if over.available == limit.cents else f", of which {show(over.available)} is left"
    return f"up to {show(over.needed)}{of}, and {allowed(limit)}{used}"


def _too_dear(over: Over) -> str:
    limit = over.limit
    if over.items == 1:
        most = f"none more than {show(limit.cents)} ({said_by(limit)})"
        return f"1 item may cost up to {show(over.needed)}, and {most}"
    told = f"{some(over.items, 'item')} may cost more than {show(limit.cents)} each ({said_by(limit)})"
    return f"{told}, the dearest {show(over.needed)}"


def raising(over: Over) -> str:
    """What to do so that all of it may be bought."""
    limit = over.limit
    enough = Cents(over.needed + over.used)
    names = [limit.origin, *(origin for origin, cents in limit.beside if cents < enough)]
    places = " and ".join(_place(origin, limit, enough) for origin in dict.fromkeys(names))
    return f"raise {places}"


def _place(origin: str, limit: Limit, cents: Cents) -> str:
    """Where an amount is to be raised, and to what."""
    if origin.startswith(VARIABLE):
        service = f"{limit.service}=" if limit.scope is Scope.SERVICE else ""
        return f"{origin} to {service}{plain(cents)}"
    return f'{key_of(limit)} to "{plain(cents)}" ({printable(origin)})'


def key_of(limit: Limit) -> str:
    """The key of a file that sets such a limit."""
    if limit.scope is Scope.PLAN:
        return "thresholds.block"
    service = f".{limit.service}" if limit.service else ""
    return f"caps.{limit.scope.value}{service}"
