"""`run` on a shared ledger: the steps of any run, but what the gate lets through is offered to all hosts.

What earlier runs left is collected here first, as ever; then shifts wait in the ledger for whoever takes
them, this process among others, until all of them are over. The report is the whole manifest's, and read from
the ledger.
"""

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial

from manifests.money import ZERO, Cents
from manifests.states import State
from runner.collect import Collector
from runner.engine.messages import Event
from runner.engine.task import Target, Task
from runner.fleet.beating import Beating
from runner.fleet.carrying import Carrying, CarryingTeller, FreeDrivers
from runner.fleet.crew import Crew
from runner.fleet.drivers import Drivers
from runner.fleet.ends import Hand
from runner.fleet.entering import Entered, enter, lowest
from runner.fleet.happenings import Happenings
from runner.fleet.offering import Offering
from runner.fleet.place import Place
from runner.fleet.progress import shared_progress
from runner.fleet.shares import shares, submitted
from runner.fleet.sharing import forget_bills
from runner.fleet.terms import shift_terms
from runner.fleet.watch import Watch, lowered
from runner.ledger.fleet_rows import LOOK_EVERY
from runner.ledger.interface import LeaseLost, Ledger, LedgerUnwritable
from runner.lines import Line
from runner.report import Fate, RunReport
from runner.run import Run
from runner.teller import Teller

LEAVE = 10.0
"""Seconds that this process's own threads are waited for at the end: as long as answers that are awaited may
take, and the last words to the ledger."""

FAR = 1 << 20
"""Numbers between the newest part that the ledger knew and those that stand for lines bound to none."""

_UNSAVED = (Fate.WAITING, Fate.RUNNING, Fate.NOT_SAVED)


class Dispatching(Run):
    """A run whose lines are worked on by all hosts that can see their files."""

    _teller: CarryingTeller

    def _join_fleet(self) -> None:
        """Made once all else is."""
        fleet = self._ends.fleet
        assert fleet is not None
        self._fleet = fleet
        self._entered: Entered | None = None
        self._happenings: Happenings | None = None
        self._crew = Crew(fleet, self._inbox)
        self._pulse: Beating | None = None
        self._watch = Watch(self._ledger, self._id, self._engine, fleet.ring, self._ends.say, self._name_of)
        self._looked = self._recovered = 0.0
        self._first_unbound = 0
        self._signals: list[int] = []  # that the crew has not heard of
        self._is_stopped = False  # whether the hosts were told that nothing more is bought
        self._since = 0.0  # when the run began, by the ledger's clock

    def _new_others(self) -> Drivers:
        return FreeDrivers(self._ledger, self._id, partial(forget_bills, self._ends.reader))

    def _new_collector(self) -> Collector:
        return Carrying(self._ledger, self._id, self._options.output, self._others.is_ours)

    def _new_teller(self) -> Teller:
        return CarryingTeller(
            self._engine.world, self._ledger, self._id, self._basket.rates, self._ends.watch
        )

    # -- what differs between few lines and many -----------------------------------------------

    @abstractmethod
    def _name_of(self, key: str) -> str:
        """What people call a line."""

    @abstractmethod
    def _shifts_of(self, approved: Sequence[Task]) -> Iterator[list[Line]]:
        """The lines to be offered, in shifts."""

    @abstractmethod
    def _absent(self, lines: Iterable[Line]) -> Mapping[str, str]:
        """Why this process cannot send some of these lines, by their keys."""

    @abstractmethod
    def _give_up(self, reasons: Mapping[str, str]) -> None:
        """Lines, by their keys, are stale for this run: no host has their files as planned."""

    # -- the steps -------------------------------------------------------------------------

    def go(self) -> RunReport:
        """All of it."""
        try:
            return super().go()
        finally:
            self._leave_fleet()

    def _enter(self) -> None:
        """Share the manifest with its other runs, free what lost ones drove, and begin with a lease."""
        self._ledger.host = self._options.by.host
        self._ends.locks.share(self._id)
        self._watch.recover()
        self._since = self._ledger.moment()
        options, rates = self._options, self._basket.rates
        until = None if options.max_time is None else self._since + options.max_time
        terms = shift_terms(options, rates, until)
        head, ceiling = self._manifest.head, self._plan_ceiling
        entered = self._entered = enter(self._ledger, head, options, ceiling, terms, self._fleet.lease)
        self._beat(entered.worker_id)
        if entered.note:
            self._engine.world.note(entered.note)
            self._ends.say(entered.note)
        for dispatch_id in entered.before:
            self._watch.follow(dispatch_id, own=False)
        if entered.dispatch_id is not None:
            self._watch.follow(entered.dispatch_id, own=True)
        self._happenings = Happenings(self._ledger, self._id, rates, self._ends.watch, self._ends.clock)
        self._teller.follow = self._happenings.follow
        self._first_unbound = self._ledger.newest_part() + FAR

    def _beat(self, worker_id: int) -> None:
        """Give signs of life from here on, from a thread with a ledger of its own."""
        assert self._ledger.lease is not None
        fleet = self._fleet
        self._pulse = Beating(fleet.connect, worker_id, lease=fleet.lease, rates=fleet.rates)
        self._pulse.add(self._ledger.lease, self._pulse.now())
        self._pulse.start()

    def _beside(self) -> Cents:
        """What shifts that are not over may still reserve."""
        busy = self._ledger.waiting(self._id).shifts
        return self._ledger.allotted().get(self._id, ZERO) if busy else ZERO

    def _submit(self, approved: Sequence[Task]) -> None:
        """Offer what the gate let through, and see to it until no shift of the manifest is left."""
        self._leave_out(approved)
        self._engine.world.to_come = frozenset(task.product for task in approved)  # its prices are watched
        if approved:
            self._offer(approved)
        elif not self._engine.world.stops:
            self._take_shifts()  # of a run that was killed, perhaps, and no other host may be there
        self._look_at_shifts()
        self._loop.run([], until=self._is_served)
        self._look_at_shifts()
        self._engine.world.to_come = frozenset()

    def _offer(self, approved: Sequence[Task]) -> None:
        entered = self._entered
        assert entered is not None
        assert entered.dispatch_id is not None  # nothing is approved where nothing is bought
        if self._basket.rates != self._manifest.head.rates:  # dearer ones were accepted
            self._agree_on_prices(entered.dispatch_id)
        offering = Offering(self._ledger, self._fleet.ring, self._id, entered.dispatch_id, entered.worker_id)
        self._take_shifts()
        offering.offer(self._heeding(self._shifts_of(approved)), self._absent)

    def _take_shifts(self) -> None:
        """Work on what is offered of this manifest, by whichever run."""
        if self._entered is not None and self._entered.dispatch_id is not None:
            self._crew.start(partial(self._take_shift, self._entered.worker_id))

    def _take_shift(self, worker_id: int, ledger: Ledger) -> Hand | None:
        """A shift of this manifest, for one of this process's own threads."""
        options, pulse = self._options, self._pulse
        assert pulse is not None
        ledger.host = options.by.host
        place = Place(
            worker_id,
            options.by,
            options.output,
            pulse,
            uploads=max(1, options.uploads // max(1, self._fleet.at_once)),
            ring=partial(self._fleet.ring, ledger),
            rates=self._fleet.rates,
        )
        ends = replace(
            self._ends, ledger=ledger, listener=unheard, watch=unheard, on_signals=unheard, fleet=None
        )
        return self._fleet.take(place, ends, manifest_id=self._id)

    def _agree_on_prices(self, dispatch_id: int) -> None:
        options = self._options
        until = None if options.max_time is None else self._since + options.max_time
        terms = shift_terms(options, self._basket.rates, until)
        self._ledger.durably(partial(self._ledger.set_options, dispatch_id, terms.encoded()))

    def _is_served(self) -> bool:
        """Whether nothing is left to see to here: own jobs and shifts, and those of all hosts."""
        if not self._engine.done:
            return False
        if self._engine.world.leaving:
            return self._crew.idle or self._engine.leaves_at_once
        if self._entered is None or self._entered.dispatch_id is None:
            return True
        return not self._watch.waiting.shifts and self._crew.idle

    def _others_live(self) -> bool:
        """Whether another process takes shifts, which may see what this one does not."""
        mine = None if self._entered is None else self._entered.worker_id
        return any(host.alive and host.worker_id != mine for host in self._ledger.hosts())

    # -- the loop's ends -------------------------------------------------------------------

    def take(self, seconds: float) -> list[Event]:
        """Wait for events; see what has become of the shifts."""
        events = super().take(min(seconds, self._fleet.look))
        self._pass_signals()
        self._look()
        return events

    def _look(self) -> None:
        """Look at the shifts, if it is time to."""
        now = self._ends.clock()
        if not 0 <= now - self._recovered < LOOK_EVERY:  # less than 0: the clock was set back
            self._recovered = now
            self._watch.recover()
        if not 0 <= now - self._looked < self._fleet.look:
            self._looked = now
            self._look_at_shifts()

    def _look_at_shifts(self) -> None:
        self._watch.look()
        if self._happenings is not None:
            self._happenings.look()
        if self._watch.given_up or self._watch.changed:
            self._give_up({**self._watch.changed, **self._watch.given_up})
        self._heed_cap()
        self._stop_fleet()

    def _heed_cap(self) -> None:
        """Notice that another run of this manifest came with a smaller cap."""
        entered, stored = self._entered, self._ledger.stored_cap(self._id)
        if entered is not None and stored is not None and stored < entered.cap:
            least = lowest(self._ledger, self._id)
            text = lowered(entered.cap, stored, "" if least is None else least[1])
            self._entered = replace(entered, cap=stored)
            self._engine.world.note(text)
            self._ends.say(text)

    def _stop_fleet(self) -> None:
        """Tell all hosts that nothing more is bought, once that is so."""
        stops, entered = self._engine.world.stops, self._entered
        if not stops or self._is_stopped or entered is None or entered.dispatch_id is None:
            return
        self._is_stopped = True
        why = next(iter(stops.values()))
        self._ledger.durably(partial(self._stop_all, [entered.dispatch_id, *self._watch.orphans()], why))
        self._watch.look()

    def _stop_all(self, dispatches: Iterable[int], why: str) -> None:
        for dispatch_id in dispatches:
            self._ledger.stop_dispatch(dispatch_id, why)

    def _signalled(self, number: int) -> None:
        self._signals.append(number)
        super()._signalled(number)

    def _pass_signals(self) -> None:
        """The crew hears of signals here: a handler must wait for no lock."""
        while self._signals:
            self._crew.interrupt(self._signals.pop(0))

    def _tell(self) -> None:
        now = self._ends.clock()
        if 0 <= now - self._told < self._fleet.look:
            return
        self._told = now
        phase = "finishing" if self._engine.world.stops else self._phase
        self._ends.listener(shared_progress(self._ledger, self._id, phase, self._count))

    # -- the end ---------------------------------------------------------------------------

    def _report(self) -> RunReport:
        if self._ledger.run_id is not None:
            self._engine.world.submitted = submitted(self._ledger, self._ledger.run_id)
        report = replace(super()._report(), hosts=shares(self._ledger, self._id, self._since), is_shared=True)
        troubles = self._watch.troubles
        if troubles and report.count(*_UNSAVED):
            known = dict(report.stops)
            stops = (*report.stops, *(each for each in troubles.items() if each[0] not in known))
            report = replace(report, stops=stops)
        return report

    def _leave_fleet(self) -> None:
        """Take no more shifts; a dispatch of which some are left goes on without this run."""
        self._pass_signals()
        with suppress(LedgerUnwritable, LeaseLost):
            self._stop_fleet()
        self._crew.close(0.0 if self._engine.leaves_at_once else LEAVE)
        if self._pulse is not None:
            self._pulse.stop()
        entered = self._entered
        if entered is None:
            return
        with suppress(LedgerUnwritable, LeaseLost):
            self._ledger.durably(partial(self._end, entered))

    def _end(self, entered: Entered) -> None:
        if entered.dispatch_id is not None and not self._ledger.waiting(self._id).shifts:
            for dispatch_id in (entered.dispatch_id, *self._watch.orphans()):
                self._ledger.end_dispatch(dispatch_id)
        self._ledger.leave(entered.worker_id)


def unheard(_told: object) -> None:
    """What a thread's shift tells, the ledger tells."""


def unbound_task(number: int, line: Line, manifest_id: str) -> Task:
    """What stands for a line that nobody has looked at yet, so that the gate counts it; it is never sent.

    What the plan says is paid already costs nothing: whoever sends it asks the cap again.
    """
    paid = line.item.paid
    return Task(
        part_id=number,
        manifest_id=manifest_id,
        product=line.product.name,
        service=line.product.service.name,
        key="",
        fields={},
        expected=ZERO if paid else line.expected,
        ceiling=ZERO if paid else line.ceiling,
        state=State.PLANNED,
        targets=[Target(0, line.item.path, line.base, {})],
    )
