"""The run of a shift: a few lines of a manifest, for as long as its lease goes on.

The dispatch was let through as a whole, so it asks no gate and no person; the cap is checked with each
reservation, prices, balance and credits are guarded as ever. It touches nothing but its own lines.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

from msgspec.structs import replace as with_fields

from manifests.manifest import Item, Manifest
from manifests.money import Rate
from manifests.stored import Location, Stored, below
from runner.basket import Basket
from runner.engine.journal import Journal
from runner.engine.messages import Event, Halt, ReadWallet, WalletRead
from runner.engine.task import Task
from runner.engine.writes import EndAllotment, Write
from runner.fleet.drivers import Drivers
from runner.fleet.giving_back import Left, left_of
from runner.fleet.outcome import Outcome, outcome_of
from runner.fleet.packing import base_of, unpack, unpack_head
from runner.fleet.place import Place
from runner.fleet.price_list import PriceList
from runner.fleet.sharing import forget_bills
from runner.fleet.terms import decoded, options_under, results_of
from runner.ledger.fleet_rows import Taken
from runner.ledger.interface import LeaseLost, Ledger
from runner.ledger.paces import Kind
from runner.ledger.rows import ItemRow
from runner.lines import Line, line_of, root_of
from runner.options import RunEnds, no_signals
from runner.prepare import Tries
from runner.readback import Lists, adopt_bought
from runner.report import RunReport
from runner.run import Run


class LeasedRun(Run):
    """One host's part of a run."""

    def __init__(self, taken: Taken, place: Place, ends: RunEnds) -> None:
        """Unpack what there is to do.

        Raises:
            MachineError: it was written by a newer Earmark, or this host does not know where results go.
        """
        self._taken, self._place = taken, place
        terms = decoded(taken.dispatch.options)
        head = with_fields(unpack_head(taken.dispatch.head), rates=dict(terms.priced))
        output = results_of(terms) if place.output is None else place.output
        options = options_under(terms, Path(terms.manifest), output, ends.ledger.moment())
        if place.uploads is not None:
            options = replace(options, uploads=place.uploads)
        roots = place.roots or (root_of(options.manifest.parent, head.root),)
        packed = [(each, root_among(each.item, roots)) for each in unpack(taken.shift.lines)]
        self._lines = [
            pair
            for pair in packed
            if line_of(pair[0].item, pair[1], base_of(pair[0]), head.rates).key in taken.keys
        ]
        items = tuple(each.item for each, _ in self._lines)
        run_id, pulse = taken.run_id, place.pulse
        # Signals go to the process's main thread, and from there to `deliver`.
        mine = replace(
            ends,
            may_send=lambda: pulse.holds(run_id),
            on_signals=no_signals,
            clock=by_the_ledger(ends.ledger, ends.clock),
        )
        super().__init__(Manifest(head, items), options, mine)
        self._ledger.among = list(self._basket.lines)
        self._halted = False
        place.rates.join(Kind.SUBMIT, self._engine.submits.tempo, self._ledger)

    # -- what the shift asks ---------------------------------------------------------------

    @property
    def lines(self) -> list[Line]:
        """Its lines, in their order."""
        return list(self._basket.lines.values())

    @property
    def unsaved(self) -> Sequence[Write]:
        """What could not be made durable."""
        return self._journal.unsaved

    def deliver(self, event: Event) -> None:
        """Something from outside; from any thread."""
        self._inbox.put(event)

    def outcome(self, failed: str = "") -> Outcome:
        """What it came to beside what the ledger tells."""
        changed = {key: each.reason for key, each in self._basket.stale.items()}
        return outcome_of(self._engine, changed, failed)

    def left(self, report: RunReport, unreached: str = "") -> Left:
        """What waits for a host again; `unreached` says why this host alone has no way to the service."""
        parts = {row.line: row.part_id for row in self._ledger.items(self._id)}
        changed = {key: each.reason for key, each in self._basket.stale.items()}
        return left_of(self.lines, report.items, parts, dict(report.stops), unreached, changed)

    def close(self) -> None:
        """Let its threads end: the process outlives it."""
        self._place.rates.leave(self._engine.submits.tempo)
        self._performer.close()

    # -- what is otherwise than in a run by itself -----------------------------------------

    def _new_basket(self, tries: Tries) -> Basket:
        manifest, ends = self._manifest, self._ends
        folder = self._options.manifest.parent
        return Basket(manifest, folder, self._ledger, ends.probes, tries, self._priced)

    def _priced(self, rates: Mapping[str, Rate]) -> list[Line]:
        return [line_of(each.item, root, base_of(each), rates) for each, root in self._lines]

    def _new_others(self) -> Drivers:
        return Drivers(self._ledger, self._id, partial(forget_bills, self._ends.reader))

    def _new_journal(self) -> Journal:
        return _SharedJournal(self._ledger, self._id)

    def _enter(self) -> None:
        """Who offered the shift holds the manifest, and set its cap."""

    def _tidy(self) -> None:
        """The process does that, not each of its shifts."""

    def _left_over(self, rows: Sequence[ItemRow], tasks: Sequence[Task]) -> list[Task]:  # noqa: ARG002
        """All that is left over is for the run that offers."""
        return []

    @property
    def _blocked(self) -> bool:
        """A line whose file is not here keeps no other from being sent."""
        return self._options.only_collects or not self._taken.shift.buys

    def _check_files(self) -> None:
        if not self._blocked:
            super()._check_files()

    def _made_already(self, tasks: Sequence[Task]) -> Sequence[Task]:
        """The receipts are for the run that offers, which has the manifest beside them."""
        lists, note = Lists(self._ends.api(), self._ledger), self._engine.world.note
        return adopt_bought(lists, self._ledger, self._id, tasks, note)

    def _candidates(self) -> list[Task]:
        """Bills that came late are asked for where one of these failed before."""
        found = self._basket.candidates(self._collector)
        return super()._candidates() if any(task.tries for task in found) else found

    def _approve(self, tasks: Sequence[Task]) -> Sequence[Task]:
        """Prices and wallet as they are now, read once for all that ask; all else was decided."""
        api, read = self._ends.api(), self._ends.reader
        wallet = read(api, ReadWallet())
        assert isinstance(wallet, WalletRead)
        if self._at_prices(PriceList(api, read), tasks) is None:
            return []
        self._look_beside()
        self._engine.start_guard(wallet.wallet)
        self._heed()
        return [] if self._stopped else self._reprice(tasks)

    def _again(self) -> bool:
        return bool(self._basket.candidates(self._collector))

    def take(self, seconds: float) -> list[Event]:
        """Wait for events, and for the word of whoever offered the shift.

        Raises:
            LeaseLost: what this run drove goes on elsewhere.
        """
        events = super().take(seconds)
        if self._place.pulse.is_lost(self._taken.run_id):
            raise LeaseLost
        return events + self._word()

    def _overdue(self) -> list[Event]:
        return super()._overdue() + self._word()

    def _word(self) -> list[Event]:
        """That nothing more is to be bought, once."""
        reason = "" if self._halted else self._place.pulse.stopped(self._taken.run_id)
        self._halted = self._halted or bool(reason)
        return [Halt(reason)] if reason else []


class _SharedJournal(Journal):
    """Applies turns for one of several runs: what was allotted is for all of them."""

    def commit(self, writes: Iterable[Write]) -> list[Event]:
        return super().commit(write for write in writes if not isinstance(write, EndAllotment))


def by_the_ledger(ledger: Ledger, clock: Callable[[], float]) -> Callable[[], float]:
    """The ledger's hour, told by this host's clock: what other hosts wrote down counts by it.

    A host that is minutes ahead would give back at once what a job that failed just now may still cost.
    """
    ahead = ledger.moment() - clock()
    return lambda: clock() + ahead


def root_among(item: Item, roots: Sequence[Location]) -> Location:
    """Under which root an item's file lies: one of its size on a disk, else a store, else any of its name.

    Stores are not asked: what they hold is looked at when the file is checked.
    """
    found: list[Location] = []
    for root in roots if len(roots) > 1 else ():
        path = below(root, item.path)
        if isinstance(path, Stored):
            found.insert(0, root)
            continue
        with suppress(OSError):
            if path.stat().st_size == item.size:
                return root
            found.append(root)
    return found[0] if found else roots[0]
