"""Which line of the old plan is which of the new one, where the two are not equal.

A line keeps its place: file, address and service. Where several have one place, such as the languages of a
dubbing, equal options tell them apart, then the part of a text and the name of the result. What is left may
be another service of the same file, or the same recording under another name.
"""

from collections.abc import Callable, Hashable, Sequence
from typing import TypeAlias

import msgspec

from earmark.diff.values import product_of
from manifests.length import Grade
from manifests.manifest import Item
from manifests.options import submitted

Pair: TypeAlias = tuple[Item | None, Item | None]


def pairs(gone: Sequence[Item], fresh: Sequence[Item]) -> list[Pair]:
    """The lines side by side: first what has both sides, in the order of the new plan, then the rest."""
    found: list[Pair] = []
    for key in (_strictly, _by_options, _by_result, _by_part, _by_place, _by_file, content):
        gone, fresh, some = _matched(gone, fresh, key)
        found += some
    return [*found, *((None, one) for one in fresh), *((one, None) for one in gone)]


def _matched(
    gone: Sequence[Item], fresh: Sequence[Item], key: Callable[[Item], Hashable]
) -> tuple[Sequence[Item], Sequence[Item], list[Pair]]:
    """What is left of both, and the pairs that one key makes; several of one key pair up in their order."""
    if not (gone and fresh):
        return gone, fresh, []
    waiting: dict[Hashable, list[Item]] = {}
    for one in reversed(gone):
        waiting.setdefault(key(one), []).append(one)
    found: list[Pair] = []
    left: list[Item] = []
    taken: set[int] = set()
    for one in fresh:
        mates = waiting.get(key(one))
        if mates:
            mate = mates.pop()
            taken.add(id(mate))
            found.append((mate, one))
        else:
            left.append(one)
    return [one for one in gone if id(one) not in taken], left, found


def _place(item: Item) -> Hashable:
    return item.path, item.url, item.service


def _options(item: Item) -> bytes:
    return msgspec.json.encode(item.options, order="deterministic")


def _strictly(item: Item) -> Hashable:
    return _place(item), _options(item), item.part, item.result, item.generation


def _by_options(item: Item) -> Hashable:
    return _place(item), _options(item), item.part


def _by_result(item: Item) -> Hashable:
    return _place(item), item.result, item.part


def _by_part(item: Item) -> Hashable:
    return _place(item), (item.part or "").partition("/")[0]


def _by_place(item: Item) -> Hashable:
    return _place(item)


def _by_file(item: Item) -> Hashable:
    return item.path, item.url, item.part


def content(item: Item) -> Hashable:
    """What a line buys, of which sound: lines with the same one are one purchase.

    A length that was read is part of it, since a print looks at 12 KB only; an estimate may be narrowed.
    """
    ms = None if item.grade is Grade.ESTIMATED else item.ms
    return item.print, item.size, ms, item.url is None or item.path, item.span, bought(item)


def bought(item: Item) -> Hashable:
    """What is bought of a line's sound."""
    product = product_of(item)
    options = msgspec.json.encode(submitted(product, item.options), order="deterministic")
    return product.name, options, item.generation, item.needs
