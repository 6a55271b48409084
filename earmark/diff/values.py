"""What a comparison works on and what it finds: lines of two plans, and what became of each."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from manifests import catalogue
from manifests.catalogue import Product
from manifests.manifest import Head, Item
from manifests.money import Rate


class Kind(StrEnum):
    """What became of a line."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    RENAMED = "renamed"


@dataclass(frozen=True, slots=True)
class Sum:
    """Lines added up at full price, whether paid before or not; `ms` are milliseconds."""

    items: int = 0
    ms: int = 0
    cents: int = 0
    ceiling: int = 0
    credits: int = 0
    credits_ceiling: int = 0

    def __add__(self, other: "Sum") -> "Sum":
        return Sum(*(mine + theirs for mine, theirs in zip(self.figures, other.figures, strict=True)))

    def __sub__(self, other: "Sum") -> "Sum":
        return Sum(*(mine - theirs for mine, theirs in zip(self.figures, other.figures, strict=True)))

    @property
    def figures(self) -> tuple[int, ...]:
        """All of them, in their order."""
        return self.items, self.ms, self.cents, self.ceiling, self.credits, self.credits_ceiling

    def positive(self) -> "Sum":
        """The same with nothing below zero: what costs less gives nothing back."""
        return Sum(*(max(0, each) for each in self.figures))


NOTHING = Sum()


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a line is another: what differs, before and now; `words` say it to people."""

    what: str
    before: str
    after: str
    words: str


@dataclass(frozen=True, slots=True)
class Pointer:
    """What git-lfs keeps of a file in place of it: the SHA-256 of its content, and its size in bytes."""

    oid: str
    size: int


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two plans; its items can be gone through several times.

    By their names in the plan: `left_out` are files in no line, with the reason; `pointers` are those of
    which git-lfs has not brought the content here; `touched` have other bytes in the other plan, as git says,
    although the few that a print looks at may be the same.
    """

    head: Head | None = None
    items: Callable[[], Iterable[Item]] = tuple
    left_out: Mapping[str, str] = field(default_factory=dict)
    pointers: Mapping[str, Pointer] = field(default_factory=dict)
    touched: frozenset[str] = frozenset()

    def rate(self, item: Item) -> Rate:
        """Cents or credits a minute of a line."""
        assert self.head is not None
        return self.head.rates[product_of(item).name]

    def sum_of(self, item: Item) -> Sum:
        """One line at its full price; nothing where another line of the plan pays for the same."""
        if is_shared(item):
            return Sum(1, item.ms)
        if not item.paid:
            return Sum(1, item.ms, item.cents, item.ceiling, item.credits, item.credits_ceiling)
        return Sum(1, item.ms, *item.cost(product_of(item), self.rate(item)).amounts)


def is_shared(item: Item) -> bool:
    """Whether another line of the same plan pays for it: `plan` notes `same audio as …`."""
    return item.paid and item.note is not None and item.note.startswith("same ")


_products: dict[str, Product] = {}


def product_of(item: Item) -> Product:
    """What a line buys."""
    found = _products.get(item.service)
    if found is None:
        found = _products[item.service] = catalogue.load().product(item.service)
    return found


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one line, with its full price on either side.

    `to_pay` is what it makes dearer: nothing for what was bought before, or is bought in the old plan.
    """

    kind: Kind
    old: Item | None
    new: Item | None
    before: Sum
    now: Sum
    to_pay: Sum
    reasons: tuple[Reason, ...] = ()
    paid_before: bool = False

    @property
    def item(self) -> Item:
        """The line as it is now; as it was, where there is none any more."""
        item = self.new or self.old
        assert item is not None
        return item


@dataclass(frozen=True, slots=True)
class Unpriced:
    """A recording that the change touches and that has no price, since nobody can read its length here."""

    kind: Kind
    file: str
    size: int  # bytes


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything that a change does to a plan."""

    old: Sum
    new: Sum
    same: int  # items
    changes: tuple[Change, ...]
    unpriced: tuple[Unpriced, ...] = ()

    def of(self, kind: Kind) -> Sequence[Change]:
        """The changes of one kind, in their order."""
        return [each for each in self.changes if each.kind is kind]

    @property
    def to_pay(self) -> Sum:
        """What the change costs on top; `items` are those that cost something."""
        return added_up(each.to_pay for each in self.changes)


def added_up(sums: Iterable[Sum]) -> Sum:
    """Some sums as one."""
    total = NOTHING
    for each in sums:
        total += each
    return total


class Adding:
    """Sums of lines that pass by, without an object for each of a million."""

    def __init__(self, side: Side) -> None:
        self._side = side
        self._items = self._ms = self._cents = self._ceiling = self._credits = self._credits_ceiling = 0

    def pass_by(self) -> Iterator[Item]:
        """The side's items, counted."""
        for item in self._side.items():
            if item.paid:
                self._add(self._side.sum_of(item))
            else:
                self._items += 1
                self._ms += item.ms
                self._cents += item.cents
                self._ceiling += item.ceiling
                self._credits += item.credits
                self._credits_ceiling += item.credits_ceiling
            yield item

    def _add(self, one: Sum) -> None:
        self._items += 1
        self._ms += one.ms
        self._cents += one.cents
        self._ceiling += one.ceiling
        self._credits += one.credits
        self._credits_ceiling += one.credits_ceiling

    @property
    def total(self) -> Sum:
        """Of all so far."""
        return Sum(self._items, self._ms, self._cents, self._ceiling, self._credits, self._credits_ceiling)
