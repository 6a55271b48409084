"""Where a large manifest stands, counted in the ledger: at once, without a look at any line or result.

Right where the manifest is as its last run met it, which its stamp tells (`runner.stamps`).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from manifests.manifest import Head
from manifests.money import ZERO
from manifests.states import State
from runner.fates import FATES, Fate, ItemReport
from runner.ledger.interface import Ledger
from runner.ledger.rows import ItemRow
from runner.ledger.sums import Standing
from runner.stamps import Lines, mark_of, stamp_of
from runner.tally import FEW, End, Money, Tally

FROM = 20_000
"""Lines from which on they are counted rather than looked at: as many are looked at in a second or two."""

_BLOCK = 1 << 20
_ITEM = b"\n- "
_FAILED = frozenset({State.FAILED, State.RELEASED, State.FAILED_CHARGED})


@dataclass(frozen=True, slots=True)
class Counted:
    """Items of which nothing but their sums is known here, and some of those that need somebody."""

    tally: Tally

    def __len__(self) -> int:
        return sum(end.items for end in self.tally.ends)

    def __iter__(self) -> Iterator[ItemReport]:
        return (item for end in self.tally.ends for item in end.first)

    def __contains__(self, item: object) -> bool:
        return any(item == each for each in self)


ON_ITS_WAY = frozenset({State.RESERVED, State.UPLOADING, State.SENDING})
"""States of what goes up while a run is under way."""


def counted(path: Path, head: Head, ledger: Ledger | None, *, busy: bool) -> tuple[Counted, Counted] | None:
    """The items of a manifest, and those on their way up; None where each has to be looked at.

    So it is where they are few, or the manifest was edited since its last run.
    """
    if head.total.items < FROM:
        return None
    if ledger is None or ledger.stored_cap(head.id) is None:
        planned = _as_planned(path, head)
        return None if planned is None else (planned, Counted(Tally()))
    stamp = stamp_of(ledger, head.id)
    if stamp is None or not stamp.plain or mark_of(path) != (stamp.size, stamp.mtime_ns):
        return None
    tally, sending = Tally(), Tally()

    def end_of(state: State) -> End:
        on_its_way = busy and state in ON_ITS_WAY
        return sending.of_fate(Fate.WAITING) if on_its_way else tally.of_fate(FATES[state])

    known = ledger.standings(head.id)
    for each in known:
        _add(end_of(each.state), each)
    _add_unknown(tally.of_fate(Fate.WAITING), stamp.lines, known)
    _take_out_bare(tally, ledger, head.id)
    _add_astir(tally, ledger, head.id)
    return Counted(tally), Counted(sending)


def _as_planned(path: Path, head: Head) -> Counted | None:
    """What no run has met, by the sums that the head names, if it has as many lines as the head says."""
    if _items_in(path) != head.total.items:
        return None
    tally, told = Tally(), head.total
    end = tally.of_fate(Fate.WAITING)
    end.items = told.items
    end.cents = Money(items=told.items, expected=told.cents, ceiling=told.ceiling)
    if told.credits_ceiling:
        end.credits = Money(items=told.items, expected=told.credits, ceiling=told.credits_ceiling)
    return Counted(tally)


def _items_in(path: Path) -> int:
    """How many lines of a file begin like an item."""
    count, tail = 0, b"\n"
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            count += (tail + block).count(_ITEM)
            tail = block[-2:]
    return count


def _add(end: End, told: Standing) -> None:
    money = end.money(told.currency)
    end.items += told.items
    end.unbilled += told.holding
    money.items += told.items
    money.expected += told.expected
    money.ceiling += told.ceiling
    money.charged += told.charged
    money.billed += told.billed
    money.held += told.held


def _add_unknown(end: End, lines: Lines, known: Iterable[Standing]) -> None:
    """The lines that the ledger has not met: all that are not among those it knows."""
    whole = {
        "cents": (lines.items, lines.expected, lines.ceiling),
        "credits": (lines.credit_items, lines.credits, lines.credits_ceiling),
    }
    sums = list(known)
    for currency, money in (("cents", end.cents), ("credits", end.credits)):
        mine = [each for each in sums if each.currency == currency]
        items, expected, ceiling = whole[currency]
        fresh = items - sum(each.items for each in mine)
        if fresh > 0:
            end.items += fresh
            money.items += fresh
            money.expected += expected - sum(each.each_expected for each in mine)
            money.ceiling += ceiling - sum(each.each_ceiling for each in mine)


def _take_out_bare(tally: Tally, ledger: Ledger, manifest_id: str) -> None:
    """Tell apart what was bought for another line or manifest and not brought to this one yet.

    That is a look at each item, so it is asked only where some are saved by no attempt of this manifest.
    """
    saved = tally.end(Fate.SAVED)
    if saved.items <= saved.cents.billed + saved.credits.billed + saved.unbilled:
        return
    bare = tally.of_fate(Fate.NOT_SAVED)
    for currency, items in ledger.bare(manifest_id):
        for end, count in ((saved, -items), (bare, items)):
            end.items += count
            end.money(currency).items += count
    if bare.items and not bare.first:
        rows = ledger.items_of(manifest_id, ledger.some_bare(manifest_id, FEW))
        bare.first += [_named(row, Fate.NOT_SAVED) for row in rows]


def _add_astir(tally: Tally, ledger: Ledger, manifest_id: str) -> None:
    """What the next command depends on, and the first items that need somebody."""
    for each in ledger.astir(manifest_id):
        if each.state in ON_ITS_WAY:
            continue
        end = tally.of_fate(FATES[each.state])
        end.with_reason += each.items if each.has_reason else 0
        if each.state in _FAILED:
            end.tries[each.state is State.FAILED_CHARGED, each.tries] += each.items
        if len(end.first) < FEW:
            keys = ledger.some_astir(manifest_id, each.state, FEW - len(end.first))
            end.first += [_named(row, FATES[row.state]) for row in ledger.items_of(manifest_id, keys)]


def _named(row: ItemRow, fate: Fate) -> ItemReport:
    """An item as far as it is named on a screen."""
    attempt = row.attempt
    return ItemReport(
        file=row.file,
        service=row.product,
        fate=fate,
        reason=row.reason,
        expected=ZERO,
        ceiling=ZERO,
        charged=None,
        held=ZERO,
        shared=False,
        job_id=attempt.job_id if attempt else "",
        results=(),
        state=row.state,
        tries=row.tries,
    )
