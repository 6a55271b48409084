"""Items summed up by what became of them: what screens and exit codes need of a million, in little memory."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from manifests.catalogue import Currency
from manifests.states import State
from runner.fates import Fate, ItemReport

FEW = 3
"""Items that are kept of an end, and of each reason for it."""

REASONS = 1000
"""Reasons that are told apart; of a million reasons nobody reads all."""

_NEED_NONE = frozenset({Fate.WAITING, Fate.RUNNING})
"""Ends whose items are not told apart by their reasons."""


@dataclass(slots=True)
class Spread:
    """By how much bills differ from the plan, in one direction; cents, one bill an item."""

    items: int = 0
    least: int = 0
    most: int = 0

    def add(self, cents: int) -> None:
        """One more bill."""
        self.least = min(self.least, cents) if self.items else cents
        self.most = max(self.most, cents)
        self.items += 1


@dataclass(slots=True)
class Drift:
    """How bills differ from the plan; amounts in cents."""

    planned: int = 0
    charged: int = 0
    dearer: Spread = field(default_factory=Spread)
    cheaper: Spread = field(default_factory=Spread)

    def add(self, planned: int, charged: int) -> None:
        """One more bill."""
        self.planned += planned
        self.charged += charged
        if charged > planned:
            self.dearer.add(charged - planned)
        elif charged < planned:
            self.cheaper.add(planned - charged)


@dataclass(slots=True)
class Money:
    """Amounts of one currency."""

    items: int = 0
    billed: int = 0  # items
    charged: int = 0
    held: int = 0
    expected: int = 0  # what another item or manifest pays for costs nothing here
    ceiling: int = 0  # likewise
    least: int | None = None  # the lowest ceiling of an item

    def add(self, item: ItemReport) -> None:
        """One more item."""
        self.items += 1
        self.held += item.held
        if item.charged is not None:
            self.billed += 1
            self.charged += item.charged
        if not item.shared:
            self.expected += item.expected
            self.ceiling += item.ceiling
        self.least = item.ceiling if self.least is None else min(self.least, item.ceiling)


@dataclass(slots=True)
class Group:
    """Items with the same reason, and the first of them."""

    items: int = 0
    first: list[ItemReport] = field(default_factory=list)

    def add(self, item: ItemReport) -> None:
        """One more item."""
        self.items += 1
        if len(self.first) < FEW:
            self.first.append(item)


@dataclass(slots=True)
class End:
    """The items that came to one end."""

    fate: Fate
    items: int = 0
    cents: Money = field(default_factory=Money)
    credits: Money = field(default_factory=Money)
    drift: Drift = field(default_factory=Drift)
    unbilled: int = 0  # items whose money is set aside until it is known what they cost
    shared: int = 0  # items that another item, or another manifest, paid for
    with_reason: int = 0
    ms: int = 0
    first: list[ItemReport] = field(default_factory=list)
    reasons: dict[str, Group] = field(default_factory=dict)
    more_reasons: bool = False
    tries: Counter[tuple[bool, int]] = field(default_factory=Counter)  # (failed and charged, times)

    def add(self, item: ItemReport) -> None:
        """One more item."""
        self.items += 1
        self.unbilled += bool(item.held)
        self.shared += item.shared
        self.ms += item.ms
        self.with_reason += bool(item.reason)
        self.money(item.currency).add(item)
        if item.charged is not None and item.currency == "cents":
            self.drift.add(item.expected, item.charged)
        if len(self.first) < FEW:
            self.first.append(item)
        if self.fate is Fate.FAILED:
            self.tries[item.state is State.FAILED_CHARGED, item.tries] += 1
        if self.fate is not Fate.SAVED:
            self._add_reason(item)

    def money(self, currency: Currency) -> Money:
        """The amounts of one currency."""
        return self.credits if currency == "credits" else self.cents

    def _add_reason(self, item: ItemReport) -> None:
        reason = "" if self.fate in _NEED_NONE else _reason(item)
        if reason in self.reasons or len(self.reasons) < REASONS:
            self.reasons.setdefault(reason, Group()).add(item)
        else:
            self.more_reasons = True


def _reason(item: ItemReport) -> str:
    """Why, without the file's own name in front, which stands there already; hosts that say it stay named."""
    named = rf"(?:^|(?<=: ))(?:(?!: )[^;])*?{re.escape(item.file)}: "
    return re.sub(named, "", item.reason) if f"{item.file}: " in item.reason else item.reason


class Tally:
    """All ends."""

    def __init__(self) -> None:
        self._ends: dict[Fate, End] = {}

    @classmethod
    def of(cls, items: Iterable[ItemReport]) -> "Tally":
        """Of these."""
        tally = cls()
        for item in items:
            tally.of_fate(item.fate).add(item)
        return tally

    def of_fate(self, fate: Fate) -> End:
        """One end, to add to."""
        found = self._ends.get(fate)
        if found is None:
            found = self._ends[fate] = End(fate)
        return found

    def end(self, fate: Fate) -> End:
        """One end; an empty one where no item came to it."""
        return self._ends.get(fate) or End(fate)

    @property
    def ends(self) -> Iterator[End]:
        """Those that any item came to, in the order of the fates."""
        return (self._ends[fate] for fate in Fate if fate in self._ends and self._ends[fate].items)


@runtime_checkable
class Tallied(Protocol):
    """Items that are summed up already."""

    @property
    def tally(self) -> Tally:
        """Their sums."""
        ...
