"""What a line must keep to: a known product, options that fit, a path, a length, the price that follows."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from manifests import catalogue
from manifests.errors import UsageError
from manifests.length import Grade
from manifests.manifest import Item
from manifests.money import MS_PER_SECOND, Cents, Rate, ceiling, price, whole_seconds
from manifests.options import Options, check, submitted
from manifests.paths import file_problem, result_problem

LONGEST_SECONDS = 10_000_000
"""Nearly four months: no recording is longer, and no price of one is meant."""

LARGEST_SIZE = 2**50
HIGHEST_GENERATION = 1_000_000

_PRINT = re.compile(r"[0-9a-f]{8,64}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Offer:
    """What all lines with one service and one set of options share."""

    product: str
    rate: Rate
    options: Options
    bought: bytes  # what is submitted, as a text to compare
    _prices: dict[tuple[int, int], tuple[Cents, Cents]] = field(default_factory=dict)

    def prices(self, ms: int, longest_ms: int) -> tuple[Cents, Cents]:
        """Price and ceiling of a length and its longest; each pair of whole seconds is worked out once."""
        seconds = whole_seconds(ms), whole_seconds(longest_ms)
        found = self._prices.get(seconds)
        if found is None:
            cost = price(seconds[0] * MS_PER_SECOND, self.rate)
            most = ceiling(seconds[1] * MS_PER_SECOND, self.rate)
            found = self._prices[seconds] = cost, most
        return found


class Checker:
    """Checks lines against a head's rates; what lines share is looked up once."""

    def __init__(self, rates: Mapping[str, Rate]) -> None:
        self._rates = rates
        self._offers: dict[tuple[str, bytes], Offer] = {}

    def offer(self, item: Item) -> Offer:
        """What the line's service and options come to.

        Raises:
            UsageError: an unknown service, variant or option, or a product that the head has no rate for.
        """
        key = (item.service, msgspec.json.encode(item.options))
        found = self._offers.get(key)
        if found is None:
            found = self._offers[key] = self._new_offer(item)
        return found

    def _new_offer(self, item: Item) -> Offer:
        product = catalogue.load().product(item.service)
        rate = self._rates.get(product.name)
        if rate is None:
            raise UsageError(f"the head's `cents_per_minute` has no rate for {product.name}: plan again")
        options = check(product, item.options)
        bought = msgspec.json.encode([product.name, submitted(product, options)], order="deterministic")
        return Offer(product.name, rate, options, bought)

    def check(self, item: Item) -> Offer:
        """The offer of a line that is right in itself.

        Raises:
            UsageError: what is wrong with it, and what to do.
        """
        offer = self.offer(item)
        ms = item.ms
        problem = (
            file_problem(item.file, item.file_bytes)
            or _number_problem(item, ms)
            or _text_problem(item)
            or _interval_problem(item)
            or _price_problem(item, offer, ms)
        )
        if problem is not None:
            raise UsageError(problem)
        return offer

    def twice(self, items: Sequence[Item]) -> list[list[int]]:
        """The lines that buy the same thing, as lists of indices; a list each thing.

        Marks of 64 bits find the suspects, so that a million lines need little memory.
        """
        found: dict[object, list[int]] = {}
        for index in _suspects(items):
            item = items[index]
            thing = item.path, self.offer(item).bought, item.generation
            found.setdefault(thing, []).append(index)
        return [indices for indices in found.values() if len(indices) > 1]


def _suspects(items: Sequence[Item]) -> list[int]:
    """The lines whose mark another one has."""
    if len(set(map(_mark, items))) == len(items):
        return []
    counts = Counter(map(_mark, items))
    return [index for index, item in enumerate(items) if counts[_mark(item)] > 1]


def _mark(item: Item) -> int:
    """The same number for lines that may buy the same thing."""
    return hash((item.file, item.service))


def _number_problem(item: Item, ms: int) -> str | None:
    if item.grade is Grade.UNKNOWN:
        return "a file of unknown length has no price: take the line out, or plan again"
    if not 0 < ms <= LONGEST_SECONDS * MS_PER_SECOND:
        return f"`seconds` cannot be {item.seconds}: it is more than 0 and at most {LONGEST_SECONDS:,}"
    if not 0 < item.size <= LARGEST_SIZE:
        return f"`size` cannot be {item.size}: it is the file's size in bytes"
    if not 0 <= item.generation <= HIGHEST_GENERATION:
        return f"`generation` cannot be {item.generation}: it is 0, or what `plan --pay-again` wrote"
    return None


def _text_problem(item: Item) -> str | None:
    if not _PRINT.fullmatch(item.print):
        return f"`print` is what plan wrote, 8 to 64 hex digits, not {item.print!r}"
    if item.sha256 is not None and not _SHA256.fullmatch(item.sha256):
        return f"`sha256` has 64 hex digits, not {item.sha256!r}"
    return None if item.result is None else result_problem(item.result)


def _interval_problem(item: Item) -> str | None:
    if item.grade is not Grade.ESTIMATED:
        return (
            None if item.longest is None else f"`longest` belongs to estimated lengths, not {item.grade} ones"
        )
    if item.longest is None:
        return "an estimated length needs `longest`, the most that it can be: plan again"
    if not item.seconds <= item.longest <= LONGEST_SECONDS:
        return f"`longest` cannot be {item.longest}: it is at least `seconds` and at most {LONGEST_SECONDS:,}"
    return None


def _price_problem(item: Item, offer: Offer, ms: int) -> str | None:
    if item.paid:
        if item.cents == 0 and item.ceiling == 0:
            return None
        return f"{item.file!r} is paid: `cents` and `ceiling` are 0, not {item.cents} and {item.ceiling}"
    cost, most = offer.prices(ms, item.longest_ms)
    if item.cents != cost:
        return _edited(item, "cents", item.cents, cost)
    if item.ceiling != most:
        return _edited(item, "ceiling", item.ceiling, most)
    return None


def _edited(item: Item, field_name: str, said: int, right: int) -> str:
    return (
        f"`{field_name}` of {item.file!r} is {said}, but {right} follows from `seconds`, `grade` and the"
        " head's rate: prices are not edited, plan again"
    )
