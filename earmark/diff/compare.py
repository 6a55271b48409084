"""Two plans compared, line by line, with flat memory for what is the same in both."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import msgspec

from earmark.diff.pairing import content, pairs
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
        same_sound: whether two lines' recordings sound alike, whatever their prints say.
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
    gone, known = _left(old, marks, fresh) if fresh or any(marks.values()) else ([], {})
    judge = _Judge((old, new), known, _bought(fresh, paid), same_sound)
    every = [judge.change(*pair) for pair in pairs(gone, fresh)]
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
    return hash((what, rest, item.result, side.rate(item), item.path in side.touched))


def _left(old: Side, marks: dict[int, int], fresh: Sequence[Item]) -> tuple[list[Item], dict[Hashable, Item]]:
    """The lines of the old plan that the new one has not; and those that buy what a fresh line would buy."""
    prints = {(item.print, item.size) for item in fresh}
    wanted = {content(item) for item in fresh}
    gone: list[Item] = []
    known: dict[Hashable, Item] = {}
    for item in old.items():
        mark = _mark(item, old)
        if marks[mark]:
            marks[mark] -= 1
            gone.append(item)
        if (item.print, item.size) in prints and (what := content(item)) in wanted:
            known.setdefault(what, item)
    return gone, known


def _bought(items: Iterable[Item], paid: Paid) -> set[str]:
    """Content keys of lines that the ledger has bought since they were planned."""
    keys = [key for key in map(_key, items) if key]
    return paid(keys) if keys else set()


def _key(item: Item) -> str:
    if item.sha256 is None or item.needs is not None:
        return ""
    product = product_of(item)
    return content_key(item.sha256, product.name, submitted(product, item.options), item.generation)


@dataclass(frozen=True, slots=True)
class _Judge:
    """Says what became of a line, and what it costs.

    `known` are lines of the old plan by what they buy, `bought` content keys of the ledger.
    """

    sides: tuple[Side, Side]
    known: dict[Hashable, Item]
    bought: set[str]
    same_sound: SameSound

    def change(self, before: Item | None, after: Item | None) -> Change:
        """What became of a line."""
        if after is None:
            assert before is not None
            was = self.sides[0].sum_of(before)
            return Change(Kind.REMOVED, before, None, was, NOTHING, NOTHING, _lost(before, self.sides))
        now = self.sides[1].sum_of(after)
        paid_before = not is_shared(after) and (after.paid or _key(after) in self.bought)
        free = after.paid or paid_before
        if before is None:
            twin = self._twin(after)
            to_pay = NOTHING if free or twin else now
            return Change(Kind.ADDED, None, after, NOTHING, now, to_pay, twin, paid_before)
        was = self.sides[0].sum_of(before)
        found = told(before, after, self.sides, self.same_sound)
        twin = () if found.same_purchase else self._twin(after)
        dearer = (now - was).positive() if found.same_purchase else now
        to_pay = NOTHING if free or twin else _counted(dearer)
        kind = Kind.RENAMED if found.same_purchase and before.path != after.path else Kind.CHANGED
        return Change(kind, before, after, was, now, to_pay, (*found.reasons, *twin), paid_before)

    def _twin(self, item: Item) -> tuple[Reason, ...]:
        """Which other line pays for the same, in this plan or in the old one."""
        if is_shared(item):
            return (Reason("same", "", item.note or "", printable(item.note or "")),)
        twin = self.known.get(content(item))
        if twin is None or self.same_sound(twin, item) is False:
            return ()
        return (Reason("same", "", twin.file, f"the same as {printable(twin.file)} before"),)


def _is_same(change: Change) -> bool:
    """Whether it was only written in another way, such as a default that is given now."""
    return change.kind is Kind.CHANGED and not change.reasons and change.before == change.now


def _counted(dearer: Sum) -> Sum:
    """What one line became dearer; nothing if it did not."""
    return dearer + Sum(1 - dearer.items) if dearer.ceiling or dearer.credits_ceiling else NOTHING


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
