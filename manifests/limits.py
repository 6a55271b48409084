"""Limits beside a manifest's cap: what a run, an item, a service and a month may cost. Values in, values out.

A limit can only lower what may be bought. Where several people set one, the smallest counts; who said which
is kept, so that a refusal can tell.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import NamedTuple

from manifests.money import ZERO, Cents


class Scope(StrEnum):
    """What a limit is about."""

    PLAN = "plan"  # all that one plan may come to; runs do not know it
    RUN = "run"  # all that one run commits
    FILE = "file"  # one item: a file for one service; the parts of a long text together
    SERVICE = "service"  # all that one run commits for a service, or for one of its variants
    MONTH = "month"  # all that the ledger commits in a calendar month, in UTC


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit in cents, and who said it; `service` names one, or `service:variant`, for that scope alone."""

    scope: Scope
    cents: Cents
    origin: str
    service: str = ""
    beside: tuple[tuple[str, Cents], ...] = ()  # who else set it, no lower

    @property
    def about(self) -> tuple[Scope, str]:
        """What it limits: of two limits about the same the smaller counts."""
        return self.scope, self.service

    def counts(self, product: str) -> bool:
        """Whether what is bought of a product counts against it."""
        return not self.service or self.service in (product, product.partition(":")[0])


@dataclass(frozen=True, slots=True)
class Used:
    """What counts against limits already, in cents; `run` by product."""

    run: Mapping[str, Cents] = field(default_factory=dict)
    month: Cents = ZERO


@dataclass(frozen=True, slots=True)
class Over:
    """A limit that some lines would pass; `items` is how many of them, or how many are each too dear."""

    limit: Limit
    needed: Cents
    available: Cents
    items: int
    used: Cents = ZERO  # what counts against it already


class Wish(NamedTuple):
    """A line to buy: its product, the most that it can cost, and the most that all parts of its text can."""

    product: str
    ceiling: Cents
    whole: Cents


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits in force, at most one about the same."""

    every: tuple[Limit, ...] = ()

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self.every)

    def of(self, scope: Scope) -> Limit | None:
        """The limit of a scope that has only one."""
        return next((each for each in self.every if each.scope is scope), None)

    def over(self, wishes: Iterable[Wish], used: Used) -> tuple[Over, ...]:
        """The limits that buying all of this would pass, in the order of their scopes."""
        if not self.every:
            return ()
        sums: defaultdict[str, int] = defaultdict(int)
        counts: defaultdict[str, int] = defaultdict(int)
        file = self.of(Scope.FILE)
        dear, dearest = 0, ZERO
        for product, ceiling, whole in wishes:
            sums[product] += ceiling
            counts[product] += 1
            if file is not None and whole > file.cents:
                dear += 1
                dearest = max(dearest, whole)
        found = [] if not dear or file is None else [Over(file, dearest, file.cents, dear)]
        for limit in self.every:
            if limit.scope is Scope.FILE:
                continue
            needed = Cents(sum(cents for product, cents in sums.items() if limit.counts(product)))
            before = _used(limit, used)
            left = Cents(max(0, limit.cents - before))
            if needed > left:
                items = sum(count for product, count in counts.items() if limit.counts(product))
                found.append(Over(limit, needed, left, items, before))
        return tuple(sorted(found, key=lambda over: list(Scope).index(over.limit.scope)))

    def passed(self, used: Used) -> Over | None:
        """The first limit on a sum that is passed already, `needed` by how much."""
        for limit in self.every:
            more = 0 if limit.scope is Scope.FILE else _used(limit, used) - limit.cents
            if more > 0:
                return Over(limit, Cents(more), ZERO, 0, Cents(limit.cents + more))
        return None

    def fit(self, wishes: Iterable[Wish], room: Cents, used: Used) -> list[int]:
        """Which of the wishes, taken in order, fit into the room and under every limit: the indices.

        The parts of a text are taken one by one, as every wish is.
        """
        meter = Meter(self, used)
        taken: list[int] = []
        for index, wish in enumerate(wishes):
            if wish.ceiling <= room and meter.takes(*wish):
                taken.append(index)
                room = Cents(room - wish.ceiling)
        return taken


class Meter:
    """What limits leave, less with each wish that they let through."""

    def __init__(self, limits: Limits, used: Used) -> None:
        self._file = limits.of(Scope.FILE)
        self._sums = [limit for limit in limits.every if limit.scope is not Scope.FILE]
        self._lefts = [Cents(max(0, limit.cents - _used(limit, used))) for limit in self._sums]
        self._counting: dict[str, list[int]] = {}  # the numbers of the sums that a product counts against

    def takes(self, product: str, ceiling: int, whole: int) -> bool:
        """Whether no limit is passed by this, too: then it counts."""
        if self._file is not None and whole > self._file.cents:
            return False
        if product not in self._counting:
            self._counting[product] = [n for n, limit in enumerate(self._sums) if limit.counts(product)]
        mine = self._counting[product]
        if any(ceiling > self._lefts[n] for n in mine):
            return False
        for n in mine:
            self._lefts[n] = Cents(self._lefts[n] - ceiling)
        return True


def _used(limit: Limit, used: Used) -> Cents:
    """What counts against a limit on a sum already."""
    if limit.scope is Scope.MONTH:
        return used.month
    return Cents(sum(cents for product, cents in used.run.items() if limit.counts(product)))


NONE = Limits()
"""Where nothing is limited but by caps."""


def smallest(limits: Iterable[Limit]) -> Limits:
    """The limits in force of all that were set: the smallest about each, the first of equal ones."""
    kept: dict[tuple[Scope, str], Limit] = {}
    for limit in limits:
        other = kept.get(limit.about)
        if other is None:
            kept[limit.about] = limit
        else:
            less, more = (limit, other) if limit.cents < other.cents else (other, limit)
            beside = (*other.beside, (more.origin, more.cents))
            kept[limit.about] = replace(less, beside=beside)
    return Limits(tuple(sorted(kept.values(), key=lambda each: list(Scope).index(each.scope))))
