"""What became of a manifest's items on all hosts, told from the ledger's history as it grows.

A row may show later than one with a higher number: another host's transaction was still open. So numbers that
are left out are looked for again for a while.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeAlias

from manifests.money import Rate
from manifests.states import State
from runner.bits import Bits
from runner.ledger.interface import Ledger
from runner.ledger.rows import AttemptRow, ItemRow
from runner.teller import CHANGES, FREE, minutes_of
from runner.told import Change, ItemTold, Told

SETTLED_AFTER = 30.0
"""Seconds after which a row that is missed does not show any more: no transaction stays open so long."""

BATCH = 500
"""Rows, or attempts, that are asked for at a time."""

MOST_MISSED = 10_000
"""Numbers left out before a row that are looked for: a sequence that leaps further was set by hand."""

_Row: TypeAlias = tuple[int, int, int | None, str, str]
"""Its number, part, attempt, state and reason."""

_BILLABLE = frozenset({State.FINISHED, State.SAVED, State.LOST, State.FAILED})


class Happenings:
    """Tells each change of an item of one manifest once, whichever host made it."""

    def __init__(
        self,
        ledger: Ledger,
        manifest_id: str,
        rates: Mapping[str, Rate],
        tell: Callable[[Told], None],
        clock: Callable[[], float],
    ) -> None:
        """`rates` are cents a minute by product; `clock` is in seconds."""
        self._ledger, self._id, self._rates = ledger, manifest_id, rates
        self._tell, self._clock = tell, clock
        self._last = self._newest()  # rows up to here were told, but for those that are missing
        self._missing: dict[int, float] = {}  # numbers below it, and when each was first missed
        self._unbilled: set[int] = set()  # attempts
        self._billed = Bits()  # attempts whose charge was told, or that are free

    def follow(self, attempts: Iterable[int]) -> None:
        """Tell what these cost, too, once it is known."""
        self._unbilled.update(each for each in attempts if each not in self._billed)

    def look(self) -> None:
        """Tell what is new."""
        self._tell_all(self._late())
        while rows := self._fresh():
            self._tell_all(rows)
        self._look_at_bills()

    def _newest(self) -> int:
        return int(self._ledger.db.execute("SELECT coalesce(max(id), 0) FROM history").fetchone()[0])

    def _fresh(self) -> list[_Row]:
        """The next rows above the last one; numbers that are left out between them are missed."""
        rows = self._rows("id > ?", [self._last])
        now = self._clock()
        for row in rows:
            first = max(self._last + 1, row[0] - MOST_MISSED)
            self._missing.update(dict.fromkeys(range(first, row[0]), now))
            self._last = row[0]
        return rows

    def _late(self) -> list[_Row]:
        """Rows that were missed and show now; what is missed for long was never made durable."""
        found: list[_Row] = []
        missing = sorted(self._missing)
        for start in range(0, len(missing), BATCH):
            some = missing[start : start + BATCH]
            found += self._rows(f"id IN ({','.join('?' * len(some))})", some)
        given_up = self._clock() - SETTLED_AFTER
        here = {row[0] for row in found}
        self._missing = {
            number: at for number, at in self._missing.items() if number not in here and at > given_up
        }
        return found

    def _rows(self, where: str, values: Sequence[int]) -> list[_Row]:
        return self._ledger.db.execute(
            f"SELECT id, part_id, attempt_id, state, reason FROM history WHERE {where} ORDER BY id LIMIT ?",  # noqa: S608 - marks alone
            (*values, BATCH),
        ).fetchall()

    def _tell_all(self, rows: Sequence[_Row]) -> None:
        items: dict[int, list[ItemRow]] = {}
        for item in self._ledger.items_of_parts(self._id, {row[1] for row in rows}):
            items.setdefault(item.part_id, []).append(item)
        for _, part_id, attempt_id, state, reason in rows:
            wanted = items.get(part_id)
            change = _change(State(state))
            if wanted is None or change is None:
                continue
            attempt = self._attempt(wanted[0], attempt_id)
            self._tell_items(change, wanted, attempt, State(state), reason)
            if attempt is not None and State(state) in _BILLABLE:
                self.follow([attempt.attempt_id])

    def _attempt(self, item: ItemRow, attempt_id: int | None) -> AttemptRow | None:
        if attempt_id is None or (item.attempt is not None and item.attempt.attempt_id == attempt_id):
            return item.attempt
        return self._ledger.attempt(attempt_id)

    def _look_at_bills(self) -> None:
        """Tell what became known of the charges."""
        waiting = sorted(self._unbilled)
        for start in range(0, len(waiting), BATCH):
            some = waiting[start : start + BATCH]
            marks = ",".join("?" * len(some))
            rows = self._ledger.db.execute(
                f"SELECT id FROM attempts WHERE id IN ({marks}) AND hold = 0",  # noqa: S608 - marks alone
                some,
            ).fetchall()
            for (attempt_id,) in rows:
                self._unbilled.discard(attempt_id)
                self._billed.add(attempt_id)
                self._tell_charge(self._ledger.attempt(attempt_id))

    def _tell_charge(self, attempt: AttemptRow) -> None:
        if attempt.charge is None:  # given back: its state tells that
            return
        items = self._ledger.items_of_parts(self._id, [attempt.part_id])
        self._tell_items(Change.CHARGED, items, attempt, attempt.state, "")

    def _tell_items(
        self, change: Change, items: Sequence[ItemRow], attempt: AttemptRow | None, state: State, reason: str
    ) -> None:
        """One for each item that wants the part; the first one pays, where this manifest does."""
        for number, item in enumerate(items):
            pays = attempt is not None and number == 0 and attempt.manifest_id == self._id
            expected = 0 if attempt is None else int(attempt.expected)
            charged = 0 if change in FREE else None if attempt is None else attempt.charge
            self._tell(
                ItemTold(
                    change=change,
                    item=item.item_id,
                    file=item.file,
                    service=item.product,
                    state=state,
                    job_id="" if attempt is None else attempt.job_id,
                    reason=reason,
                    currency="cents" if attempt is None else attempt.currency,
                    expected=expected if pays else 0,
                    ceiling=int(attempt.ceiling) if attempt is not None and pays else 0,
                    charged=charged if pays or charged is None else 0,
                    shared=not pays,
                    results=self._results(item.item_id) if change is Change.SAVED else (),
                    minutes=minutes_of(self._rates, item.product, expected) if number == 0 else 0.0,
                )
            )

    def _results(self, item_id: int) -> tuple[str, ...]:
        return tuple(row.path for row in self._ledger.results(item_id))


def _change(state: State) -> Change | None:
    """What is told of a state; that a failure was charged is told as its charge is."""
    if state is State.FAILED_CHARGED:
        return None
    return Change.SAVED if state is State.SAVED else CHANGES.get(state)
