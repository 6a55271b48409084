"""What a pilot came to: its items, their bills, and what the rest may cost by them. Pure values."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil

from manifests.money import ZERO, Cents
from runner.choosing import Lot
from runner.fates import Fate, ItemReport

FEW = 20
"""Items of a sample that are kept to be shown."""


@dataclass(frozen=True, slots=True)
class Rest:
    """What is still to be bought after a pilot; amounts in cents, those of credits in credits."""

    items: int = 0
    expected: Cents = ZERO  # as planned
    likely: Cents = ZERO  # as planned, changed as the sample's bills were
    ceiling: Cents = ZERO  # the most: no more than this is set aside, and no less than what is likely
    credits: int = 0
    credits_ceiling: int = 0


@dataclass(frozen=True, slots=True)
class Piloted:
    """A sample that was bought, and what is left."""

    items: int
    saved: int
    unbilled: int  # items that are saved, and not billed yet
    expected: Cents  # of those that are billed
    charged: Cents  # likewise
    above: int  # items that cost more than the most that was planned
    first: tuple[ItemReport, ...]
    rest: Rest
    agreed: bool = False  # whether the rest was to be bought, too

    @property
    def failed(self) -> int:
        """Items without a result."""
        return self.items - self.saved

    @property
    def went_well(self) -> bool:
        """Whether everything came, and cost no more than the most that was planned."""
        return not (self.failed or self.above)


def piloted(reports: Iterable[ItemReport], sample: Lot, lines: Collection[int] | Lot | None) -> Piloted:
    """Sum up a pilot.

    Args:
        reports: of all lines, in the manifest's order.
        sample: the lines that were bought first.
        lines: those that may be bought at all; None for all.
    """
    own, rest = _Own(), _Left()
    for number, each in enumerate(reports):
        if number in sample:
            own.add(each)
        elif (lines is None or number in lines) and each.fate is Fate.WAITING and not each.shared:
            rest.add(each)
    return Piloted(
        items=own.items,
        saved=own.saved,
        unbilled=own.unbilled,
        expected=Cents(sum(planned for planned, _ in own.bills.values())),
        charged=Cents(sum(charged for _, charged in own.bills.values())),
        above=own.above,
        first=tuple(own.first),
        rest=rest.rest(own.bills),
    )


@dataclass(slots=True)
class _Own:
    """The sample, item by item."""

    items: int = 0
    saved: int = 0
    unbilled: int = 0
    above: int = 0
    first: list[ItemReport] = field(default_factory=list)
    bills: dict[str, tuple[int, int]] = field(default_factory=dict)  # by service: planned, charged

    def add(self, item: ItemReport) -> None:
        self.items += 1
        self.saved += item.fate is Fate.SAVED
        if len(self.first) < FEW:
            self.first.append(item)
        if item.currency != "cents" or item.shared:
            return
        self.unbilled += bool(item.held)
        if item.charged is not None:
            planned, charged = self.bills.get(item.service, (0, 0))
            self.bills[item.service] = planned + item.expected, charged + item.charged
            self.above += item.charged > item.ceiling


@dataclass(slots=True)
class _Left:
    """What is left, by service."""

    items: int = 0
    sums: dict[str, tuple[int, int]] = field(default_factory=dict)  # expected, ceiling
    credits: int = 0
    credits_ceiling: int = 0

    def add(self, item: ItemReport) -> None:
        self.items += 1
        if item.currency == "credits":
            self.credits += item.expected
            self.credits_ceiling += item.ceiling
        else:
            expected, ceiling = self.sums.get(item.service, (0, 0))
            self.sums[item.service] = expected + item.expected, ceiling + item.ceiling

    def rest(self, bills: dict[str, tuple[int, int]]) -> Rest:
        """The sums, with what is likely by the bills of each service, or of all where one has none."""
        every = sum(planned for planned, _ in bills.values()), sum(charged for _, charged in bills.values())
        likely = sum(
            ceil(expected * _drift(*bills.get(service, every)))
            for service, (expected, _) in self.sums.items()
        )
        ceiling = sum(ceiling for _, ceiling in self.sums.values())
        return Rest(
            items=self.items,
            expected=Cents(sum(expected for expected, _ in self.sums.values())),
            likely=Cents(likely),
            ceiling=Cents(max(ceiling, likely)),
            credits=self.credits,
            credits_ceiling=self.credits_ceiling,
        )


def _drift(planned: int, charged: int) -> Fraction:
    """How many times as much as planned something cost; as planned where nothing was billed."""
    return Fraction(charged, planned) if planned else Fraction(1)
