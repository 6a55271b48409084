"""What a line must keep to: a known product, options that fit, a path, a length, the price that follows."""

import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from manifests import addresses, catalogue
from manifests.catalogue import Product
from manifests.errors import UsageError
from manifests.length import Grade
from manifests.manifest import Item
from manifests.money import MS_PER_SECOND, ZERO, Rate
from manifests.options import Options, check, submitted
from manifests.paths import file_problem, result_problem
from manifests.tariff import Amounts, cost

LONGEST_SECONDS = 10_000_000
"""Nearly four months: no recording is longer, and no price of one is meant."""

LARGEST_SIZE = 2**50
HIGHEST_GENERATION = 1_000_000

_PRINT = re.compile(r"[0-9a-f]{8,64}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_PART = re.compile(r"[1-9]\d{0,5}/[1-9]\d{0,5}", re.ASCII)


NO_AMOUNTS: Amounts = (ZERO, ZERO, 0, 0)


@dataclass(frozen=True, slots=True)
class Offer:
    """What all lines with one service and one set of options share."""

    product: str
    rate: Rate
    options: Options
    bought: bytes  # what is submitted, as a text to compare
    sold: Product
    _amounts: dict[tuple[int, int], Amounts] = field(default_factory=dict)

    def amounts(self, ms: int, longest_ms: int) -> Amounts:
        """What a length and its longest cost; each pair of whole seconds is worked out once."""
        seconds = -(-ms // MS_PER_SECOND), -(-longest_ms // MS_PER_SECOND)  # whole_seconds, a million times
        found = self._amounts.get(seconds)
        if found is None:
            right = cost(self.sold, seconds[0] * MS_PER_SECOND, seconds[1] * MS_PER_SECOND, self.rate)
            found = self._amounts[seconds] = right.amounts
        return found


class Checker:
    """Checks lines against a head's rates; what lines share is looked up once."""

    def __init__(self, rates: Mapping[str, Rate]) -> None:
        self._rates = rates
        self._offers: dict[tuple[str, bytes, bool], Offer] = {}

    def offer(self, item: Item) -> Offer:
        """What the line's service and options come to.

        Raises:
            UsageError: an unknown service, variant or option, or a product that the head has no rate for.
        """
        key = (item.service, msgspec.json.encode(item.options), item.needs is not None)
        found = self._offers.get(key)
        if found is None:
            found = self._offers[key] = self._new_offer(item)
        return found

    def _new_offer(self, item: Item) -> Offer:
        product = catalogue.load().product(item.service)
        rate = self._rates.get(product.name)
        if rate is None:
            name = f"{product.currency}_per_minute"
            raise UsageError(f"the head's `{name}` has no rate for {product.name}: plan again")
        if item.needs is not None and product.service.voice is None:
            raise UsageError(f"{product.name} speaks with no voice: take `needs` out")
        options = check(product, item.options, voiced=item.needs is not None)
        bought = msgspec.json.encode([product.name, submitted(product, options)], order="deterministic")
        return Offer(product.name, rate, options, bought, product)

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
            or _input_problem(item, offer.sold)
            or _interval_problem(item)
            or _price_problem(item, offer, ms)
        )
        if problem is not None:
            raise UsageError(problem)
        return offer

    def offers(self, items: Sequence[Item]) -> list[Offer]:
        """The offers of some lines.

        Raises:
            UsageError: one of them has none.
        """
        offers: list[Offer] = []
        last: dict[str, tuple[object, Offer]] = {}
        for item in items:
            before = last.get(item.service)
            if before is not None and before[0] == item.options and item.needs is None:
                offers.append(before[1])
                continue
            offer = self.offer(item)
            # `true` and `1` are equal, but not one option: only texts are compared from line to line.
            if item.needs is None and _only_texts(item.options):
                last[item.service] = item.options, offer
            offers.append(offer)
        return offers


def _only_texts(options: Mapping[str, object]) -> bool:
    return all(isinstance(value, str) or _is_texts(value) for value in options.values())


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def mark(item: Item, offer: Offer) -> int:
    """The same number of 64 bits for lines that buy the same thing; others have the same hardly ever."""
    if item.generation or item.needs is not None or item.span or item.file_bytes or item.url:
        return hash(thing(item, offer))
    return hash((item.file, offer.bought))


def thing(item: Item, offer: Offer) -> Hashable:
    """What a line buys: two lines with the same one are one too many."""
    return item.path, offer.bought, item.generation, item.span, item.needs, item.url


def _number_problem(item: Item, ms: int) -> str | None:
    if item.grade is Grade.UNKNOWN:
        return "a file of unknown length has no price: take the line out, or plan again"
    if not 0 < ms <= LONGEST_SECONDS * MS_PER_SECOND:
        return f"`seconds` cannot be {item.seconds}: it is more than 0 and at most {LONGEST_SECONDS:,}"
    if not (0 if item.url else 1) <= item.size <= LARGEST_SIZE:
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


def _input_problem(item: Item, product: Product) -> str | None:
    """What is wrong with a line's address, or with its place in a text."""
    return _address_problem(item, product) or _part_problem(item, product)


def _address_problem(item: Item, product: Product) -> str | None:
    if item.url is None:
        return None
    wrong = addresses.problem(item.url)
    if wrong is not None:
        return f"`url` is an address such as https://example.org/talk.mp3, not {item.url!r}: {wrong}"
    return (
        None if product.service.address else f"{product.name} takes no addresses: download it and plan again"
    )


def _is_part(text: str) -> bool:
    """Whether it is `2/3`: one of at least two parts."""
    number, _, count = text.partition("/")
    return _PART.fullmatch(text) is not None and 1 < int(count) >= int(number)


def _part_problem(item: Item, product: Product) -> str | None:
    if (item.part is None) != (item.span is None):
        return "`part` and `span` belong together: plan again"
    if item.span is None or item.part is None:
        return None
    if "text" not in product.service.accepts:
        return f"`part` and `span` belong to texts, not to {product.name}"
    start, end = item.span
    if not 0 <= start < end or not _is_part(item.part):
        return f"`part` {item.part!r} with `span` [{start}, {end}] is no part of a text: plan again"
    return None


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
    said = (item.cents, item.ceiling, item.credits, item.credits_ceiling)
    if item.paid:
        if said == NO_AMOUNTS:
            return None
        return f"{item.file!r} is paid: `cents` and `ceiling` are 0, not {item.cents} and {item.ceiling}"
    for name, amount, meant in zip(_AMOUNTS, said, offer.amounts(ms, item.longest_ms), strict=True):
        if amount != meant:
            return _edited(item, name, amount, meant)
    return None


_AMOUNTS = ("cents", "ceiling", "credits", "credits_ceiling")


def _edited(item: Item, field_name: str, said: int, right: int) -> str:
    return (
        f"`{field_name}` of {item.file!r} is {said}, but {right} follows from `seconds`, `grade` and the"
        " head's rate: prices are not edited, plan again"
    )
