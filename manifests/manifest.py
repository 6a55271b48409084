"""The approved plan: what passes from planning to running.

`manifests.text` reads and writes it; this module is its data and the price that a line implies.
"""

import os
from collections.abc import Sequence
from typing import Any, Literal

from msgspec import Struct, field

from manifests.catalogue import Product
from manifests.length import Basis, Grade, longest_ms
from manifests.money import MS_PER_SECOND, Cents, Rate, whole_seconds
from manifests.tariff import Cost, cost

VERSION = 1


class Item(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """One line: one input x one service x one variant x its options.

    `seconds` and `longest` are lengths rounded to milliseconds; `cents` and `ceiling` are whole
    cents; `size` is in bytes. An item holds plain values only, so the garbage collector may pass
    it by: a million of them would cost it seconds. Items that were read share equal `options`:
    treat them as read-only.
    """

    file: str
    service: str
    seconds: float
    grade: Grade
    cents: int
    ceiling: int
    size: int
    print: str
    options: dict[str, Any] = field(default_factory=dict)
    basis: Basis = Basis.INPUT
    longest: float | None = None  # seconds; the upper end, for grades that are intervals
    file_bytes: str | None = None  # hex of the path, where it is no UTF-8
    sha256: str | None = None  # digest of the audio, where planning took it
    result: str | None = None  # base name under the results folder, without extension
    needs: str | None = None  # the `file` of the clone line whose voice this line speaks with
    generation: int = 0
    paid: bool = False  # paid before: 0 cents expected
    note: str | None = None
    url: str | None = None  # the address that the service fetches itself; `file` is its name then
    part: str | None = None  # `2/3`: which part of a text that is too long for one job
    span: tuple[int, int] | None = None  # that part: its first character and the one after its last
    credits: int = 0  # account credits, of services that are paid with those
    credits_ceiling: int = 0

    @property
    def path(self) -> str:
        """The path under the manifest's root, as the operating system knows it."""
        return os.fsdecode(bytes.fromhex(self.file_bytes)) if self.file_bytes else self.file

    @property
    def ms(self) -> int:
        """The expected length in milliseconds."""
        return round(self.seconds * MS_PER_SECOND)

    @property
    def longest_ms(self) -> int:
        """The longest credible length in milliseconds.

        Raises:
            ValueError: an interval grade without its upper end.
        """
        upper = None if self.longest is None else round(self.longest * MS_PER_SECOND)
        return longest_ms(self.ms, self.grade, upper)

    def cost(self, product: Product, rate: Rate | None = None) -> Cost:
        """What the line costs if it has to be paid, at the product's rate or at another."""
        return cost(product, self.ms, self.longest_ms, rate)


class Total(Struct, frozen=True, forbid_unknown_fields=True):
    """The head's sums, for people; nothing is decided by them."""

    items: int
    seconds: int
    cents: int
    ceiling: int
    credits: int = 0
    credits_ceiling: int = 0


class Head(Struct, frozen=True, forbid_unknown_fields=True):
    """Everything above the lines."""

    id: str
    created: str  # RFC 3339, UTC
    root: str  # relative to the manifest's folder, or absolute
    catalogue: str
    rates: dict[str, Rate]  # product name -> cents a minute; credits a minute where those pay
    total: Total
    cap: Cents | None = None
    name: str | None = None  # as `plan --name` was given it; for people
    version: Literal[1] = 1


class Manifest(Struct, frozen=True):
    """A manifest in memory; `lines[i]` is the line number of `items[i]` in its file."""

    head: Head
    items: tuple[Item, ...]
    lines: Sequence[int] = ()

    @property
    def ceiling(self) -> Cents:
        """The sum of the lines' ceilings: the default cap."""
        return Cents(sum(item.ceiling for item in self.items))


def total(items: Sequence[Item]) -> Total:
    """The sums of the lines; the sum of the lengths is rounded up to whole seconds."""
    sums = Sums()
    sums.add(items)
    return sums.total()


class Sums:
    """The sums of lines that pass by."""

    def __init__(self) -> None:
        self._items = self._ms = self._cents = self._ceiling = self._credits = self._credits_ceiling = 0

    def add(self, items: Sequence[Item]) -> None:
        """Count these, too."""
        self._items += len(items)
        self._ms += sum([round(item.seconds * MS_PER_SECOND) for item in items])
        self._cents += sum([item.cents for item in items])
        self._ceiling += sum([item.ceiling for item in items])
        self._credits += sum([item.credits for item in items])
        self._credits_ceiling += sum([item.credits_ceiling for item in items])

    def total(self) -> Total:
        """Of all so far; the sum of the lengths is rounded up to whole seconds."""
        return Total(
            items=self._items,
            seconds=whole_seconds(self._ms),
            cents=self._cents,
            ceiling=self._ceiling,
            credits=self._credits,
            credits_ceiling=self._credits_ceiling,
        )
