"""The gate's second opinion: the service's own check of its balance, before the first submit of a round.

It can only refuse. What may be spent is decided by our own prices, which know variants, parts and
the rounding of each job; the service is asked whether it sees the same money (docs/api.md 4), which
jobs of other machines may hold. It is asked once for each of its service types, not for the dearest
alone: each type has a price of its own at the service, and the sum of its answers must fit as well.

It prices base rates only and rounds once (docs/api.md 3.4), so it is asked about as many seconds at
the base rate as cost what this run may buy of the type: multipliers and roundings are in them.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from manifests import catalogue
from manifests.catalogue import Service
from manifests.money import ZERO, Cents, Rate, show
from runner.api.errors import ApiError
from runner.api.interface import BalanceCheck, JobApi
from runner.api.service_types import sold_as
from runner.engine.task import Task

SECONDS_PER_MINUTE = 60
_UNASKED = "the service's own check of its balance told nothing"


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the service says of a purchase; amounts in cents, its own where it names them."""

    passes: bool = True
    needed: Cents = ZERO
    available: Cents | None = None
    notes: tuple[str, ...] = ()


Ask = Callable[[Iterable[Task]], Opinion]


@dataclass(frozen=True, slots=True)
class Wish:
    """What a run would buy of one service."""

    service: Service
    cents: Cents  # the most that it may cost
    seconds: int  # at the base rate, as many as cost that


def asking(
    api: JobApi,
    rates: Mapping[str, Rate],
    types: Collection[str],
    prices: Collection[str],
    note: Callable[[str], None],
) -> Ask:
    """A way to ask the service whether its balance covers some tasks.

    No answer is no objection, but a note.

    Args:
        api: is asked.
        rates: cents a minute by product, as approved.
        types: the names in `/service-types`.
        prices: the names in `/pricing`.
        note: says something once at the end of the run.
    """

    def ask(tasks: Iterable[Task]) -> Opinion:
        said = _opinion(api, wishes(tasks, rates), types, prices)
        for text in said.notes:
            note(text)
        return said

    return ask


def _opinion(api: JobApi, wanted: Iterable[Wish], types: Collection[str], prices: Collection[str]) -> Opinion:
    found: list[tuple[str, Wish, BalanceCheck]] = []
    notes: list[str] = []
    for wish in wanted:
        name = sold_as(wish.service, types, prices)
        if name is None:
            notes.append(f"the wallet has no name for {wish.service.name}: {_UNASKED}")
            continue
        try:
            found.append((name, wish, api.check_balance(name, wish.seconds)))
        except ApiError as error:
            notes.append(f"{_UNASKED} for {name}: {error}")
    return _judged(found, tuple(notes))


def wishes(tasks: Iterable[Task], rates: Mapping[str, Rate]) -> list[Wish]:
    """What is asked about, by service, the dearest first; not what credits pay, or what costs nothing."""
    cents: dict[str, Cents] = {}
    for task in tasks:
        cents[task.product] = Cents(cents.get(task.product, ZERO) + task.ceiling)
    sums: dict[str, tuple[Service, Cents, int]] = {}
    for name, ceiling in cents.items():
        product = catalogue.load().product(name)
        base = rates.get(name, product.rate) / product.variant.multiplier
        if product.currency != "cents" or base <= 0 or ceiling <= 0:
            continue
        service, money, seconds = sums.get(product.service.name, (product.service, ZERO, 0))
        more = max(1, int(ceiling * SECONDS_PER_MINUTE / base))
        sums[service.name] = service, Cents(money + ceiling), seconds + more
    return sorted((Wish(*each) for each in sums.values()), key=lambda wish: -wish.cents)


def _judged(found: list[tuple[str, Wish, BalanceCheck]], notes: tuple[str, ...]) -> Opinion:
    """The answers together: each must be yes, and their sum must be there."""
    costs = [wish.cents if told.cost is None else told.cost for _, wish, told in found]
    needed = Cents(sum(costs))
    there = [told.balance for _, _, told in found if told.balance is not None]
    available = min(there, default=None)
    refused = any(not told.can_proceed for _, _, told in found)
    if not refused and (available is None or needed <= available):
        return Opinion(notes=notes)
    asked = ", ".join(f"{show(cost)} for {name}" for cost, (name, _, _) in zip(costs, found, strict=True))
    has = "" if available is None else f", {show(available)} there"
    text = f"the service's own check of its balance says no: {asked}{has}"
    return Opinion(passes=False, needed=needed, available=available, notes=(*notes, text))
