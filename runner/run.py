"""A run, in its fixed order: lock, recover, collect; only then check, gate, submit; then see it through."""

import time
from collections.abc import Iterable, Mapping, Sequence

from manifests.errors import ManifestError
from manifests.keys import new_token
from manifests.manifest import Item, Manifest
from manifests.money import ZERO, Cents
from manifests.states import State
from runner.api.errors import ApiError, KeyRefused, SessionRefused
from runner.api.interface import Wallet
from runner.api.service_types import Priced
from runner.attentive import Interrupted
from runner.basket import Basket
from runner.binding import bind_paid, stamp
from runner.buying import Buying
from runner.choosing import Lot
from runner.collect import Collector, in_force, recover
from runner.ending import Course, joined, report_of, reports_of
from runner.engine.engine import Engine
from runner.engine.journal import Journal
from runner.engine.messages import Action, Approve, Event, Load, WalletRead
from runner.engine.settling import CLOCKS_DIFFER
from runner.engine.task import Task
from runner.engine.world import Stop
from runner.gate import Gate, Prices, check_prices
from runner.ledger.billing import used_credit_rows
from runner.ledger.interface import LedgerUnwritable
from runner.ledger.rows import ItemRow
from runner.lines import Line
from runner.loop import Loop, take
from runner.options import RunEnds, RunOptions, terms_of
from runner.others import Beside, Others
from runner.performer import Performer
from runner.prepare import Tries
from runner.receipting import journal_of
from runner.recording import begin
from runner.report import Before, ItemReport, RunReport
from runner.results import check_writable, sweep
from runner.second_opinion import asking
from runner.sessions import paid_in_credits
from runner.teller import Teller
from runner.telling import alarms, progress, saved_items
from stores.interface import NoKeys, StoreDown

TELL_EVERY = 0.1
"""Seconds between two reports of progress: counting a large run costs more than a turn."""

_AWAY = frozenset({Stop.SIGNAL, Stop.KEY, Stop.UNREACHABLE})
"""Stops after which the wallet cannot, or need not, be read once more."""


class Run(Buying):
    """One run; its steps read from top to bottom."""

    def __init__(self, manifest: Manifest, options: RunOptions, ends: RunEnds) -> None:
        super().__init__(options, ends)
        self._manifest = manifest
        self._id, self._ledger = manifest.head.id, ends.ledger
        self._ledger.reach = ends.reach
        tries = Tries(options.max_tries, rejected=options.retry_failed, charged=options.retry_charged)
        self._basket = self._new_basket(tries)
        self._left_by_fit = 0
        self._phase = "collecting"
        self._told = 0.0
        self._count, self._plan_ceiling = len(manifest.items), manifest.ceiling
        self._here = 0  # items whose results were on disk before this run
        self._before: Before | None = None
        self._started = ends.clock()
        terms = terms_of(self._id, self._basket.rates, options, self._started)
        self._engine = Engine(terms, lambda key: new_token(key, ends.random_hex).text, ends.rng)
        self._performer = self._new_performer()
        self._others = self._new_others()
        self._collector = self._new_collector()
        self._gate = Gate(
            ends.ledger,
            ends.locks,
            self._id,
            fits=options.fit,
            max_credits=options.max_credits or 0,
            limits=options.limits,
            clock=ends.clock,
            beside=self._beside,
        )
        self._journal = self._new_journal()
        self._teller = self._new_teller()
        self._loop = Loop(
            self._engine, self._journal, self, ends.clock, self._tell, witness=self._teller.turned
        )

    def _new_basket(self, tries: Tries) -> Basket:
        folder = self._options.manifest.absolute().parent
        return Basket(self._manifest, folder, self._ledger, self._ends.probes, tries)

    def _new_others(self) -> Beside:
        return Others(self._ledger, self._ends.locks, self._id)

    def _new_collector(self) -> Collector:
        return Collector(self._ledger, self._id, self._options.output, self._others.is_ours)

    def _new_journal(self) -> Journal:
        note = self._engine.world.note
        return journal_of(self._ends, self._options, self._id, note, self._gate.room, self._beside)

    def _new_teller(self) -> Teller:
        return Teller(self._engine.world, self._ledger, self._id, self._basket.rates, self._ends.watch)

    def _beside(self) -> Cents:
        """What other runs of this manifest were let through: there is none, as its lock is ours."""
        return ZERO

    def _new_performer(self) -> Performer:
        return Performer.of(self._ends, self._options, self._inbox)

    def go(self) -> RunReport:
        """All of it."""
        check_writable(self._options.output)
        self._enter()
        self._teller.began(self._count)
        self._tidy()
        self._ends.on_signals(self._signalled)
        try:
            self._collect()
            if not self._options.one_look:
                self._choose()
                self._check_files()
                self._buy()
                if self._goes_on():
                    self._check_files()
                    self._buy()
                with self._interruptible():
                    self._look_at_wallet()
        except ApiError as error:
            self._service_failed(error)
        except Interrupted:
            self._leave()
        except (ManifestError, StoreDown, NoKeys) as error:  # a large one, changed in place; a store
            # that went down: what is out is heard all the same
            self._engine.world.stop(Stop.DISK, str(error))
            self._leave()
            raise
        except LedgerUnwritable:
            self._raise_alarm()
            raise
        finally:
            if not self._journal.unsaved:
                self._loop.finish()
        return self._report()

    # -- the steps -------------------------------------------------------------------------

    def _enter(self) -> None:
        """Take the manifest's lock, clear what a killed run left, and begin."""
        self._ends.locks.take(self._id)
        recover(self._ledger, self._id)
        begin(self._ledger, self._manifest.head, self._options, self._plan_ceiling)

    def _tidy(self) -> None:
        """Remove what killed runs left half written."""
        sweep(self._options.output, time.time())  # files have this machine's hour

    def _collect(self) -> None:
        """Look for what is in doubt, fetch and settle what earlier runs bought."""
        lines = self._basket.lines
        self._ledger.retried(lambda: self._refresh(lines))
        self._others.take_over()
        rows = in_force(self._ledger.items(self._id), lines)
        tasks = self._collector.tasks(rows)
        self._here = sum(row.state is State.SAVED for row in rows) - saved_items(tasks)
        tasks += self._left_over(rows, tasks)
        self._know_credits(tasks)
        if tasks:
            self._ends.api()
        self._loop.run([Load(tuple(tasks))], until=lambda: self._engine.collected)

    def _refresh(self, lines: Mapping[str, Line]) -> None:
        """Bring what the ledger knows of the lines up to date."""
        self._ledger.refresh_items(self._id, (each.refreshed for each in lines.values()))
        if self._options.one_look or self._options.portion:
            bind_paid(self._ledger, self._id, lines)
        if self._options.as_read is not None:
            stamp(self._ledger, self._id, lines, self._options.as_read)

    def _left_over(self, rows: Sequence[ItemRow], tasks: Sequence[Task]) -> list[Task]:
        """Jobs that no line wants any more, and bills that are open of other manifests."""
        orphans = self._collector.orphans(rows)
        return orphans + self._collector.unsettled([*tasks, *orphans])

    def _know_credits(self, tasks: Sequence[Task]) -> None:
        """What of the account's credits was spent before, by jobs that these are, or that ended since."""
        since = min([self._ends.clock(), *(task.reserved for task in paid_in_credits(tasks))])
        self._engine.credits.know(self._ledger.done_in_credits(since - CLOCKS_DIFFER))
        self._engine.world.credit_falls = int(self._ledger.has_extra_charges(self._id))
        self._engine.fallback.used |= used_credit_rows(self._ledger)

    def _numbered(self) -> Iterable[tuple[int, Item, bool]]:
        return self._basket.numbered()

    def _limit(self, lot: Lot | None) -> None:
        self._basket.choose(lot)

    def _item_reports(self) -> Iterable[ItemReport]:
        return reports_of(self._id, self._options, self._ledger, self._basket)

    def _check_files(self) -> None:
        """Probe what is not bought yet, and bind it to purchases by the digest of its audio."""
        if self._stopped:
            return
        self._phase = "reading files"
        fresh = self._basket.check(self._heeding)
        self._ledger.retried(lambda: self._ledger.put_items(self._id, fresh))
        self._others.take_over()
        self._load({item.line for item in fresh})

    def _buy(self) -> None:
        """Gate and submit; again for what became free, or affordable, while waiting."""
        while True:
            with self._interruptible():
                tasks = [] if self._stopped or self._blocked else self._to_buy()
                approved = self._approve(tasks) if tasks else []
            self._phase = "running"
            self._submit(approved)
            self._attach(tasks, approved)
            if self._stopped or self._declined or self._blocked:
                return
            self._check_files()  # failed jobs that were released meanwhile may be tried again
            if not self._again():
                return

    def _submit(self, approved: Sequence[Task]) -> None:
        """Hand what the gate let through to the engine, and see it through."""
        self._engine.world.tasks.update({task.part_id: task for task in approved})
        self._loop.run([Approve(tuple(t.part_id for t in approved))], until=lambda: self._engine.done)
        self._basket.tried(task for task in approved if task.manifest_id == self._id)

    def _attach(self, tasks: Sequence[Task], approved: Sequence[Task]) -> None:
        """What the gate kept from us, another run may have bought meanwhile: then it costs nothing."""
        refused = {task.part_id for task in tasks} - {task.part_id for task in approved}
        if refused and not self._stopped:
            self._load({row.line for row in self._ledger.items(self._id) if row.part_id in refused})
            self._loop.run([], until=lambda: self._engine.done)

    def _again(self) -> bool:
        """Whether another round could buy more: new candidates, or money that running jobs had held."""
        passage = self._passage
        if not self._basket.candidates(self._collector):
            return False
        return passage is None or passage.passes or self._gate.may_have_freed(passage)

    def _look_at_wallet(self) -> None:
        """Balance and credits at the end: what credits paid counts, too."""
        if self._engine.guard.balance is None or not _AWAY.isdisjoint(self._engine.world.stops):
            return
        api = self._ends.api()
        try:
            wallet = Wallet(api.balance(), api.credits())
        except ApiError as error:  # all is done: no reason to call the run a failure
            self._engine.world.note(f"the wallet could not be read at the end: {error}")
            return
        self._look_beside()
        self._loop.run([WalletRead(wallet)], until=lambda: self._engine.done)

    def _look_beside(self) -> None:
        """What other runs on this ledger may have taken of the credits: no alarm of ours."""
        self._engine.world.credits_beside = self._ledger.credits_beside(self._id, self._started)

    # -- what may be bought ----------------------------------------------------------------

    @property
    def _stopped(self) -> bool:
        return bool(self._engine.world.stops)

    @property
    def _blocked(self) -> bool:
        """Whether nothing may be bought: files are stale, or the run only collects."""
        return self._options.only_collects or (self._has_stale and not self._options.skip_changed)

    @property
    def _has_stale(self) -> bool:
        return bool(self._basket.stale)

    def _load(self, lines: set[str]) -> None:
        """Drive what is bought already: watched, fetched, settled, not paid again.

        A task without targets was loaded for its bill only; now somebody wants its results.
        """
        rows = [row for row in self._ledger.items(self._id) if row.line in lines]
        known = {part_id for part_id, task in self._engine.world.tasks.items() if task.targets}
        tasks = tuple(task for task in self._collector.tasks(rows) if task.part_id not in known)
        if tasks:
            self._loop.run([Load(tasks)], until=lambda: True)

    def _approve(self, tasks: Sequence[Task]) -> Sequence[Task]:
        """Prices, cap, wallet, the user's word."""
        api = self._ends.api()
        held = self._gate.held()
        wallet = Wallet(api.balance(), api.credits())
        self._before = self._before or Before(
            wallet.balance, self._ledger.amounts(self._id).spent, self._ends.clock()
        )
        prices = self._at_prices(api, tasks)
        if prices is None:
            return []
        second = asking(api, self._basket.rates, prices.types, prices.live, self._engine.world.note)
        passage = self._passage = self._gate.ask(self._reprice(tasks), wallet, held, second)
        self._left_by_fit += len(passage.left_out)
        self._leave_out(passage.left_out)
        self._teller.gate(passage, wallet)
        self._look_beside()
        self._engine.start_guard(wallet)
        approved = passage.tasks
        self._heed()
        if approved and (self._stopped or not self._wants(self._gate.offer(approved, wallet))):
            self._declined = not self._stopped
            self._gate.withdraw()
            return []
        return approved

    def _at_prices(self, api: Priced, tasks: Sequence[Task]) -> Prices | None:
        """The live prices, by which the lines are priced from now on; None, and a stop, where they rose."""
        prices = check_prices(api, self._basket.rates_of(tasks), accept=self._options.accept_prices)
        if prices.note:
            self._engine.world.note(prices.note)
        if prices.problems:
            self._engine.world.stop(Stop.PRICES, "; ".join(prices.problems))
            self._engine.guard.risen = {**self._basket.rates, **prices.risen}
            return None
        self._basket.rates.update(prices.rates)
        return prices

    def _reprice(self, tasks: Sequence[Task]) -> Sequence[Task]:
        """The tasks at the prices in force."""
        return self._basket.reprice(list(tasks))

    def _leave_out(self, tasks: Sequence[Task]) -> None:
        """These do not fit: this run does not try them again."""
        self._basket.tried(tasks)

    # -- the loop's ends -------------------------------------------------------------------

    def perform(self, action: Action) -> None:
        """Start an action."""
        self._performer.perform(action)

    def take(self, seconds: float) -> list[Event]:
        """Wait for events; look what other runs have come to."""
        events = take(self._inbox, seconds)
        if any(isinstance(event, WalletRead) for event in events):
            self._look_beside()
        return events + self._others.seen(self._engine.world.tasks.values(), self._ends.clock())

    def _tell(self) -> None:
        now = self._ends.clock()
        if 0 <= now - self._told < TELL_EVERY:  # less than 0: the clock was set back
            return
        self._told = now
        self._ends.listener(
            progress(self._engine, self._ledger, self._id, self._phase, self._count, self._here)
        )

    # -- the end ---------------------------------------------------------------------------

    def _service_failed(self, error: ApiError) -> None:
        """A call outside the engine failed for good: leave as if the engine had met it."""
        kind = Stop.UNREACHABLE
        if isinstance(error, KeyRefused):
            kind = Stop.SESSION if isinstance(error, SessionRefused) else Stop.KEY
        self._engine.world.stop(kind, str(error))
        self._leave()

    def _leave(self) -> None:
        """See through what is under way, and no more."""
        self._heed()
        self._loop.run([], until=lambda: self._engine.done)

    def _raise_alarm(self) -> None:
        """The ledger can no longer be written: say what it would have held, so that nothing is lost."""
        for line in alarms(self._engine, self._journal.unsaved):
            self._ends.alarm(line)

    def _report(self) -> RunReport:
        gate = (self._passage, self._before, self._left_by_fit, self._declined)
        seconds = self._ends.clock() - self._started
        course = Course(self._id, self._options, *gate, self._here, seconds, self._pilot)
        report = report_of(course, self._engine, self._ledger, self._basket)
        return joined(report, self._basket.lines.values(), self._ends.join, self._ends.reach)
