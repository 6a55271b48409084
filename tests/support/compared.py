"""Plans to compare, made up in memory; each test says only what it is about."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from msgspec.structs import replace

from earmark.diff.document import Compared, Diff
from earmark.diff.making import made
from earmark.diff.thresholds import Limits
from earmark.diff.values import Side, product_of
from manifests.length import Grade
from manifests.manifest import Head, Item, total

RATES = {
    "transcription": Fraction(1),
    "stems:two": Fraction(10),
    "stems:six": Fraction(10),
    "tts": Fraction(2),
    "dubbing": Fraction(60),
    "denoise:balanced": Fraction(660),
}


def make_item(
    file: str = "talks/ep1.mp3",
    service: str = "transcription",
    rates: dict[str, Fraction] | None = None,
    **fields: Any,
) -> Item:
    """A line at its price; by default ten minutes."""
    plain = {
        "seconds": 600.0,
        "grade": Grade.EXACT,
        "cents": 0,
        "ceiling": 0,
        "size": 1000,
        "print": "9f2c41d07ab3",
    }
    item = Item(file=file, service=service, **{**plain, **fields})
    if item.paid:
        return item
    rate = (rates or RATES)[product_of(item).name]
    cents, ceiling, credits_, most = item.cost(product_of(item), rate).amounts
    return replace(item, cents=cents, ceiling=ceiling, credits=credits_, credits_ceiling=most)


def make_side(*items: Item, rates: dict[str, Fraction] | None = None, **fields: Any) -> Side:
    """A plan of these lines."""
    head = Head("7c0e5a41d2f94b6b", "2026-11-23T05:00:00Z", ".", "2026-05-22", rates or RATES, total(items))
    cap = fields.pop("cap", None)
    return Side(replace(head, cap=cap), lambda: items, **fields)


def make_diff(old: Sequence[Item], new: Sequence[Item], limits: Limits | None = None, /, **rest: Any) -> Diff:
    """The document of two plans."""
    sides = make_side(*old, **rest.pop("old", {})), make_side(*new, **rest.pop("new", {}))
    compared = Compared("old.yaml", None, False), Compared("new.yaml", None, False)
    return made(
        sides, compared, limits or Limits(), rest.pop("paid", lambda _: set()), **{"name": "earmark", **rest}
    )
