"""Two plans compared, line by line, with flat memory for what is the same in both."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeAlias

import msgspec

from earmark.diff.pairing import Pair, pairs
from earmark.diff.reasons import SameSound, by_digest, told
from earmark.diff.values import (
    NOTHING,
    Adding,
    Change,
    Comparison,
    Kind,
    Reason,
    Side,
    Sum,
    Unpriced,
    is_shared,
    product_of,
)
from earmark.terminal import printable
from manifests.keys import content_key
from manifests.manifest import Item
from manifests.options import submitted

Paid: TypeAlias = Callable[[Sequence[str]], set[str]]
"""Those of the content keys that were bought before."""

_ORDER = (Kind.ADDED, Kind.CHANGED, Kind.RENAMED, Kind.REMOVED)


def nobody_paid(_keys: Sequence[str]) -> set[str]:
    """What a ledger says that is not there."""
    return set()


def compare(
    old: Side,
    new: Side,
    paid: Paid = nobody_paid,
    same_sound: SameSound = by_digest,
) -> Comparison:
    """What a change does.

    Args:
        old: the plan as it was.
        new: the plan as it is now.
        paid: asks the ledger.
        same_sound: whether two lines' recordings sound alike although their bytes differ.
    """
    marks: dict[int, int] = {}
    before, now = Adding(old), Adding(new)
    for item in before.pass_by():
        mark = _mark(item, old)
        marks[mark] = marks.get(mark, 0) + 1
    fresh: list[Item] = []
    for item in now.pass_by():
        mark = _mark(item, new)
        if marks.get(mark):
            marks[mark] -= 1
        else:
            fresh.append(item)
    gone = list(_left(old, marks)) if any(marks.values()) else []
    bought = _bought(fresh, paid)
    every = [_change(pair, (old, new), bought, same_sound) for pair in pairs(gone, fresh)]
    found = [each for each in every if not _is_same(each)]
    found.sort(key=lambda each: (_ORDER.index(each.kind), -each.to_pay.ceiling, -each.before.cents))
    changes = tuple(found)
    same = now.total.items - len(fresh) + len(every) - len(found)
    return Comparison(before.total, now.total, same, changes, tuple(_unpriced(old, new)))


def _mark(item: Item, side: Side) -> int:
    """The same number of 64 bits for lines about which there is nothing to say."""
    options = msgspec.json.encode(item.options, order="deterministic")
    what = item.file, item.file_bytes, item.url, product_of(item).name, options, item.part, item.span
    rest = item.seconds, item.longest, item.grade.value, item.size, item.print, item.generation, item.needs
    return hash((what, rest, item.result, side.rate(item)))


def _left(old: Side, marks: dict[int, int]) -> Iterator[Item]:
    """The lines of the old plan that the new one has not."""
    for item in old.items():
        mark = _mark(item, old)
        if marks[mark]:
            marks[mark] -= 1
            yield item


def _bought(items: Iterable[Item], paid: Paid) -> set[str]:
    """Content keys of lines that the ledger has bought since they were planned."""
    keys = [key for key in map(_key, items) if key]
    return paid(keys) if keys else set()


def _key(item: Item) -> str:
    if item.sha256 is None or item.needs is not None:
        return ""
    product = product_of(item)
    return content_key(item.sha256, product.name, submitted(product, item.options), item.generation)


def _change(pair: Pair, sides: tuple[Side, Side], bought: set[str], same_sound: SameSound) -> Change:
    before, after = pair
    if after is None:
        assert before is not None
        return Change(
            Kind.REMOVED, before, None, sides[0].sum_of(before), NOTHING, NOTHING, _lost(before, sides)
        )
    now = sides[1].sum_of(after)
    shared = is_shared(after)
    paid_before = not shared and (after.paid or _key(after) in bought)
    free = shared or paid_before
    why = (Reason("same", "", after.note or "", printable(after.note or "")),) if shared else ()
    if before is None:
        return Change(Kind.ADDED, None, after, NOTHING, now, NOTHING if free else now, why, paid_before)
    was = sides[0].sum_of(before)
    found = told(before, after, sides, same_sound)
    dearer = (now - was).positive() if found.same_purchase else now
    to_pay = NOTHING if free or not (dearer.ceiling or dearer.credits_ceiling) else dearer
    kind = Kind.RENAMED if found.same_purchase and before.path != after.path else Kind.CHANGED
    return Change(kind, before, after, was, now, _counted(to_pay), (*found.reasons, *why), paid_before)


def _is_same(change: Change) -> bool:
    """Whether it was only written in another way, such as a default that is given now."""
    return change.kind is Kind.CHANGED and not change.reasons and change.before == change.now


def _counted(sum_: Sum) -> Sum:
    """The sum of one line."""
    return sum_ if not sum_.ceiling and not sum_.credits_ceiling else sum_ + Sum(1 - sum_.items)


def _lost(item: Item, sides: tuple[Side, Side]) -> tuple[Reason, ...]:
    """Why a line is gone although its file is there."""
    why = sides[1].left_out.get(item.file)
    return () if why is None else (Reason("left out", "", why, f"left out now: {printable(why)}"),)


def _unpriced(old: Side, new: Side) -> Iterator[Unpriced]:
    """Recordings that are pointers here, as far as the change touches them; a name may be new only."""
    known = {each.oid for each in old.pointers.values()}
    for file, now in new.pointers.items():
        if now.oid not in known:
            kind = Kind.CHANGED if file in old.pointers else Kind.ADDED
            yield Unpriced(kind, file, now.size)
    kept = {each.oid for each in new.pointers.values()}
    for file, was in old.pointers.items():
        if file not in new.pointers and was.oid not in kept:
            yield Unpriced(Kind.REMOVED, file, was.size)
