"""A worker: sees the shifts through that this host is rung for, and recovers what lost hosts left.

Each shift has a thread and a connection of its own, and so has the recovery. What a shift meets is told by
the dispatch that offered it; a worker ends by itself only where it could do nothing any more.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeAlias

from manifests.errors import EarmarkError, MachineError
from runner.api.errors import KeyRefused
from runner.engine.world import Stop
from runner.executors.doorbell import Tell
from runner.fleet.outcome import Outcome
from runner.fleet.place import Place
from runner.fleet.shift import ShiftRun, take
from runner.ledger.fleet_rows import Fenced
from runner.ledger.interface import Ledger
from runner.options import RunEnds
from runner.results import check_writable
from runner.told import Change, ItemTold, Told

OVERDUE = 5.0
"""Seconds that a shift may wait before it is rung for again: whoever was told may be gone."""

MOST = 200
"""Shifts that are rung for again at a time."""

_COUNTED = (Change.SAVED, Change.FAILED, Change.REJECTED, Change.IN_DOUBT, Change.LOST)
_BESIDE = (Change.CHARGED, Change.RELEASED)
"""Changes of an item's money alone, which may come after what became of it."""


Ring: TypeAlias = Callable[[Ledger, Sequence[int]], None]
"""Tells hosts of shifts that wait, in a ledger's transaction (`runner.executors.ringing`)."""


@dataclass(frozen=True, slots=True)
class Tools:
    """The outside of a worker; tests put fakes here."""

    connect: Callable[[], Ledger]  # one more connection; raises MachineError where none can be had
    ends: Callable[[Ledger, Callable[[Told], None]], RunEnds]  # of a shift's run, and who watches it
    ring: Ring
    tell: Tell  # hears a sentence for people


class Worker:
    """One process that takes shifts."""

    def __init__(self, place: Place, tools: Tools) -> None:
        self._place, self._tools = place, tools
        self._under_way: list[ShiftRun] = []
        self._signals: list[int] = []
        self._looks: Ledger | None = None
        self._lock = threading.Lock()

    @property
    def under_way(self) -> int:
        """Shifts that it works on."""
        return len(self._under_way)

    def interrupt(self, number: int) -> None:
        """Let all shifts end as runs do on a signal, which a second one hurries; from any thread."""
        self._signals.append(number)
        for shift in list(self._under_way):
            shift.interrupt(number)

    # -- a shift

    def handle(self, shift_id: int | None = None) -> None:
        """Take a shift and see it through: this one; any where another host was quicker, or none is named.

        Raises:
            KeyRefused: the service does not take this host's key.
            MachineError: this host cannot keep results.
        """
        try:
            with self._connected() as ledger:
                outcome = self._work(ledger, shift_id)
        except MachineError as error:  # of the ledger: its lease is lost, or the server is away
            self._tools.tell(f"a shift was left: {error}")
            return
        if outcome is not None:
            self._judge(outcome)

    def _work(self, ledger: Ledger, wanted: int | None) -> Outcome | None:
        seen = _Seen()
        place = replace(self._place, ring=partial(self._tools.ring, ledger))
        ends = self._tools.ends(ledger, seen.watch)
        shift = take(place, ends, wanted) or (None if wanted is None else take(place, ends))
        if shift is None:
            return None
        shift_id = shift.taken.shift.shift_id
        with self._listed(shift):
            self._tools.tell(f"shift {shift_id} begun: {_items(shift.taken.shift.size)}")
            outcome = shift.work()
        self._tools.tell(f"shift {shift_id} ended: {seen.told(outcome)}")
        return outcome

    @contextmanager
    def _listed(self, shift: ShiftRun) -> Iterator[None]:
        self._under_way.append(shift)
        for number in self._signals:  # that came before it was listed
            shift.interrupt(number)
        try:
            yield
        finally:
            self._under_way.remove(shift)

    def _judge(self, outcome: Outcome) -> None:
        """End this host where each next shift would come to nothing in the same way."""
        if Stop.KEY in outcome.stops:
            raise KeyRefused(outcome.stops[Stop.KEY])
        if Stop.DISK in outcome.stops:
            raise MachineError(f"{outcome.stops[Stop.DISK]}; make room, then start this worker again")
        if outcome.failed and self._place.output is not None:
            check_writable(self._place.output)

    # -- recovery

    def recover(self) -> list[int]:
        """Fence runs that gave no sign of life; the shifts that wait for a host.

        Raises:
            MachineError: the ledger cannot be reached.
        """
        with self._looking() as ledger:
            with ledger.transaction():
                fenced = ledger.fence_dead()
            for each in fenced:
                self._tools.tell(_lost(each))
            waiting = ledger.waiting_shifts(ledger.moment() - OVERDUE, MOST)
        again = [each.shift_id for each in fenced if each.shift_id is not None]
        return list(dict.fromkeys([*again, *waiting]))

    def may_take(self) -> bool:
        """Whether a shift waits that this host may take.

        Raises:
            MachineError: the ledger cannot be reached.
        """
        with self._looking() as ledger:
            return ledger.may_take(self._place.worker_id)

    def is_idle(self) -> bool:
        """Whether it works on nothing, and no run offers anything any more."""
        if self._under_way:
            return False
        try:
            with self._connected() as ledger:
                return not ledger.is_dispatching() and not self._under_way
        except MachineError:
            return False

    # -- connections

    @contextmanager
    def _connected(self) -> Iterator[Ledger]:
        ledger = self._tools.connect()
        try:
            yield ledger
        finally:
            with suppress(EarmarkError):
                ledger.close()

    @contextmanager
    def _looking(self) -> Iterator[Ledger]:
        """One connection for all looks, one after the other; another one once it failed."""
        with self._lock:
            try:
                self._looks = self._looks or self._tools.connect()
                yield self._looks
            except BaseException:
                self._close_looks()
                raise

    def close(self) -> None:
        """Give back what the looks kept open."""
        with self._lock:
            self._close_looks()

    def _close_looks(self) -> None:
        ledger, self._looks = self._looks, None
        if ledger is not None:
            with suppress(EarmarkError):
                ledger.close()


class _Seen:
    """What became of a shift's items, counted."""

    def __init__(self) -> None:
        self._became: dict[int, Change] = {}  # by the item's number: a doubt may be told twice, and cleared

    def watch(self, told: Told) -> None:
        if isinstance(told, ItemTold) and told.change not in _BESIDE:
            self._became[told.item] = told.change

    def told(self, outcome: Outcome) -> str:
        """`48 saved, 1 rejected, 1 for another host; stopped: ...`."""
        became = Counter(self._became.values())
        counts = [f"{became[each]} {each.replace('_', ' ')}" for each in _COUNTED if became[each]]
        if outcome.changed:
            counts.append(f"{len(outcome.changed)} for another host")
        words = [", ".join(counts) or "nothing new"]
        words += [f"stopped: {text or stop}" for stop, text in outcome.stops.items()]
        words += [outcome.failed] if outcome.failed else []
        return "; ".join(words)


def _items(count: int) -> str:
    return f"{count} item{'' if count == 1 else 's'}"


def _lost(fenced: Fenced) -> str:
    """`host b gave no sign of life: its shift 12 waits again, 3 items were not sent, 1 is in doubt`."""
    words = [] if fenced.shift_id is None else [f"its shift {fenced.shift_id} waits again"]
    words += [f"{fenced.planned} not sent"] if fenced.planned else []
    words += [f"{fenced.in_doubt} in doubt"] if fenced.in_doubt else []
    return f"host {fenced.host} gave no sign of life: {', '.join(words) or 'nothing was under way'}"
