"""The engine: `step(event, now)` takes one event and writes what follows into the turn.

It performs nothing and reads no clock. The loop feeds it events, makes each turn's writes durable
in one transaction, and only then performs the turn's actions.
"""

import random
from dataclasses import dataclass

from manifests.states import IN_FLIGHT, State
from runner.api.interface import Wallet
from runner.engine import timing
from runner.engine.crediting import CreditDesk
from runner.engine.fallback import FallbackDesk
from runner.engine.fetching import FetchDesk
from runner.engine.guarding import GuardDesk
from runner.engine.messages import (
    Approve,
    Billed,
    CallFailed,
    CallProblem,
    Clash,
    CreditsRead,
    Enlarged,
    Event,
    Fetched,
    FetchFailed,
    ForeignSeen,
    Halt,
    LastChunk,
    Listed,
    Load,
    Looked,
    NoRoom,
    RatesRead,
    ReadJob,
    ReadList,
    ReadRates,
    ReadWallet,
    Reserved,
    Signal,
    SubmitEnded,
    Taken,
    Tick,
    Turn,
    UsageRead,
    WalletRead,
)
from runner.engine.settling import SettleDesk
from runner.engine.submitting import SubmitDesk, TokenMaker
from runner.engine.task import Task
from runner.engine.voices import Voices
from runner.engine.watching import WatchDesk
from runner.engine.world import Stop, Terms, World
from runner.engine.writes import EndAllotment

_DONE_AT_SERVICE = frozenset({State.FINISHED, State.SAVED, State.LOST})
_OVER = frozenset({State.SAVED, State.RELEASED, State.FAILED_CHARGED, State.REJECTED})
_BILLABLE = frozenset({State.FINISHED, State.SAVED, State.LOST, State.FAILED})


@dataclass(slots=True)
class Leaving:
    """How an interrupted run leaves."""

    since: float
    at_once: bool = False


class Engine:
    """All decisions of a run; no I/O."""

    def __init__(self, terms: Terms, new_token: TokenMaker, rng: random.Random | None = None) -> None:
        self.world = World(terms, rng or random.Random())
        self.watches = WatchDesk(self.world)
        self.voices = Voices(self.world, self.watches.seeks)
        self.submits = SubmitDesk(self.world, self.voices)
        self.fetches = FetchDesk(self.world)
        self.settles = SettleDesk(self.world)
        self.credits = CreditDesk(self.world)
        self.fallback = FallbackDesk(self.world, self.settles.unbilled)
        self.guard = GuardDesk(self.world)
        self._new_token = new_token
        self._leaving: Leaving | None = None
        self._bad_reads = 0
        self._throttled_since: float | None = None  # when reads began to bring nothing but 429
        self._ahead = 0.0  # seconds that the engine's clock is ahead of the machine's
        self._clashed: set[int] = set()  # attempts that were answered with another's job number

    # -- one turn --------------------------------------------------------------------------

    def step(self, event: Event, now: float) -> None:
        """Take one event.

        Time only goes on: when the machine's clock is set back, the engine's goes on from where it was.
        """
        self._ahead = max(self._ahead, self.world.now - now)
        self.world.now = now + self._ahead
        self._dispatch(event)
        self._hand_on()

    def turn(self) -> Turn:
        """What the events so far ask for: writes, durable together, then actions."""
        self._heed_time()
        if not self.world.sending:
            self.submits.cut()
        self.watches.work()
        self.submits.work(self._new_token, self.fetches)
        self.fetches.work()
        self.settles.work(idle=self._idle)
        self.credits.work()
        self.fallback.work()
        self.guard.work(self.submits.submitted_cents)
        return self.world.take_turn()

    def next_wake(self) -> float | None:
        """When, by the machine's clock, the engine wants a Tick even if nothing happens."""
        desks = (self.watches, self.submits, self.fetches, *self._bill_desks, self.guard)
        times = [at for desk in desks if (at := desk.due()) is not None]
        if self._leaving is not None:
            times.append(self._leaving.since + timing.SENDING_GRACE)
        times += self._ends_of_time()
        return min(times) - self._ahead if times else None

    def start_guard(self, wallet: Wallet) -> None:
        """Watch wallet and prices from what the gate saw."""
        self.guard.start(wallet, self.world.now)

    # -- when to stop ----------------------------------------------------------------------

    def _heed_time(self) -> None:
        """Send nothing more once the time is over, and leave once the grace is, too."""
        world, until = self.world, self.world.terms.until
        if until is None or world.now < until:
            return
        world.stop(Stop.TIME, "the time of --max-time is over")
        if world.now >= until + world.terms.grace:
            world.stop(Stop.TIME_UP, "the time of --max-time is over, and so is the time to bring what runs")

    def _ends_of_time(self) -> list[float]:
        """When time is over, and when what runs is left to the next run."""
        world, until = self.world, self.world.terms.until
        ends = [] if until is None else [until, until + world.terms.grace]
        return [at for at in ends if at > world.now]

    @property
    def collected(self) -> bool:
        """Whether everything that earlier runs left was looked at, and what was done is here."""
        settled = self.settles.read_once or not self.settles.open
        return self.done or (
            self.watches.looked_once and not self.watches.searching and not self.fetches.busy and settled
        )

    @property
    def leaves_at_once(self) -> bool:
        """Whether a second signal said that nothing more is waited for."""
        return self._leaving is not None and self._leaving.at_once

    @property
    def done(self) -> bool:
        """Whether the run has nothing left to do or to wait for."""
        if self._leaving is not None:
            grace_over = self.world.now >= self._leaving.since + timing.SENDING_GRACE
            return self._leaving.at_once or grace_over or not self.submits.sending
        if self.world.leaving:
            return not (self.submits.busy or self.fetches.under_way)
        return self._idle and not any(desk.patient or desk.reading for desk in self._bill_desks)

    @property
    def _bill_desks(self) -> tuple[SettleDesk, CreditDesk, FallbackDesk]:
        return self.settles, self.credits, self.fallback

    @property
    def _idle(self) -> bool:
        """Whether nothing but bills can still come."""
        busy = self.submits.busy or self.watches.running or self.watches.searching or self.fetches.busy
        return not (busy or self.world.foreign)

    def let_go(self) -> None:
        """Forget the tasks of which nothing can become any more; runs of a million need it."""
        world = self.world
        over = [task for task in world.tasks.values() if task.state in _OVER and task.settled]
        for task in over:
            part_id = task.part_id
            if not (task.foreign or self.fetches.has(part_id) or self.watches.looks_at(part_id)):
                world.gone.add(task)
                self.settles.let_go(task)
                del world.tasks[part_id]

    def finish(self) -> Turn:
        """The last turn: nothing is left between two states."""
        self.submits.abandon()
        self.world.write(EndAllotment())
        return self.world.take_turn()

    # -- events ----------------------------------------------------------------------------

    def _dispatch(self, event: Event) -> None:  # noqa: C901, PLR0912 - one line an event
        match event:
            case Tick():
                self.world.unhurried = True
            case Load(tasks):
                for task in tasks:
                    self._load(task)
            case Approve(parts):
                self.submits.approve(parts)
            case Reserved():
                self.submits.reserved(event)
            case NoRoom(part_id, said_by):
                self.submits.no_room_for(part_id, said_by)
            case Taken(part_id):
                self.submits.taken(part_id)
                self.watches.wait_for(self.world.tasks[part_id])
            case LastChunk():
                self.submits.last_chunk(event)
            case SubmitEnded():
                self._submitted(event)
            case Clash():
                self._clash(event)
            case Listed():
                self._answered()
                self.watches.listed(event)
            case Looked():
                self._answered()
                self.watches.looked(event)
            case Fetched():
                self.fetches.fetched(event)
            case FetchFailed():
                self.fetches.failed(event)
            case UsageRead():
                self._answered()
                self.settles.read(event)
            case CreditsRead():
                self._credits_read(event)
            case Billed():
                self.settles.billed(event)
            case Enlarged():
                self.submits.enlarged(event)
            case WalletRead():
                self.guard.wallet_read(event)
            case RatesRead():
                self.guard.rates_read(event)
            case CallFailed():
                self._call_failed(event)
            case ForeignSeen():
                self._foreign(event)
            case Signal() | Halt():
                self._heed_person(event)

    def _load(self, task: Task) -> None:
        self.world.tasks[task.part_id] = task
        task.since = min(task.since, self.world.now)
        if task.foreign:
            self.watches.wait_for(task)
            return
        if task.state in (State.SUBMITTED, State.IN_DOUBT):
            self.watches.load(task)
        if task.state in _DONE_AT_SERVICE and task.targets:
            self.fetches.add(task)
        if task.state in _BILLABLE and not task.settled:
            self._bills(task).add(task, decide=task.state is State.FAILED and bool(task.targets))
        self.world.expect_credits(task)

    def _bills(self, task: Task) -> SettleDesk | CreditDesk:
        """The desk that learns what a task costs."""
        return self.credits if task.currency == "credits" else self.settles

    def _submitted(self, event: SubmitEnded) -> None:
        task = self.submits.ended(event)
        if task is None:
            return
        if task.state is State.SUBMITTED:
            self.watches.watch(task)
        elif task.state is State.IN_DOUBT:
            self.watches.doubt(task)

    def _clash(self, event: Clash) -> None:
        """An answer named the number of another job: no proof of anything, so it is in doubt.

        It is searched for once; a list that shows its token at the other's job is no help.
        """
        task = self.world.tasks[event.part_id]
        self.watches.forget(task)
        self.fetches.forget(task)
        self._bills(task).forget(task)
        task.state, task.job_id, task.reason = State.IN_DOUBT, "", event.reason
        if task.attempt_id not in self._clashed:
            self._clashed.add(task.attempt_id)
            self.watches.doubt(task)

    def _hand_on(self) -> None:
        """Jobs that ended go from the watch desk to the desks that fetch and settle."""
        while self.watches.ended:
            task = self.watches.ended.pop()
            if task.state is State.FINISHED and task.targets:
                self.fetches.add(task)
            self._bills(task).ended(task)

    def _credits_read(self, event: CreditsRead) -> None:
        self._answered()
        self.credits.read(event)
        self.fallback.read(event)

    def _answered(self) -> None:
        """A read of what runs or was billed got its answer."""
        self._bad_reads = 0
        self._throttled_since = None

    def _call_failed(self, event: CallFailed) -> None:
        if event.problem is CallProblem.KEY:
            self.world.stop(Stop.KEY, event.reason)
        elif event.problem is CallProblem.SESSION:
            self._shut_out(event)
        elif event.problem is CallProblem.DOWN:
            self._bad_reads += 1
            if self._bad_reads >= timing.READS_TO_STOP:
                self.world.stop(Stop.UNREACHABLE, event.reason)
        elif event.problem is CallProblem.THROTTLED:
            self._throttled(event)
        self.watches.failed(event)
        self.settles.failed(event)
        self.credits.failed(event)
        self.fallback.failed(event)
        self.guard.failed(event)

    def _shut_out(self, event: CallFailed) -> None:
        """No session token opens a service: its jobs are left to the next run, all else is seen through."""
        self.world.stop(Stop.SESSION, event.reason)
        if isinstance(event.action, ReadList | ReadJob):
            self.watches.leave(event.action.service)

    def _throttled(self, event: CallFailed) -> None:
        """A 429 means that the service is there: the desks ask again later, but not for ever.

        The guard's readings may fail without harm.
        """
        if isinstance(event.action, ReadWallet | ReadRates):
            return
        if self._throttled_since is None:
            self._throttled_since = self.world.now
        waited = self.world.now - self._throttled_since
        if waited >= timing.THROTTLED_TO_STOP:
            self.world.stop(Stop.UNREACHABLE, f"429 to every read for {waited:,.0f} seconds: {event.reason}")

    def _foreign(self, event: ForeignSeen) -> None:
        """What another run's purchase has come to, seen in the ledger."""
        task = self.world.tasks[event.part_id]
        if event.attempt is not None:
            task.bind(event.attempt)
        if task.state is not event.state:
            self.watches.wait_for(task)
        task.state = event.state
        if event.free or event.state not in IN_FLIGHT | {State.PLANNED}:
            task.foreign = False
            self.world.foreign.discard(task.part_id)
            self._load(task)

    def _heed_person(self, event: Signal | Halt) -> None:
        """The first signal stops cleanly, a second one leaves now; signals of one moment are one."""
        now = self.world.now
        if isinstance(event, Halt):
            self.world.stop(Stop.TOLD, event.reason)
            return
        if self._leaving is None:
            self._leaving = Leaving(now)
            self.world.signal = event.number
            self.world.stop(Stop.SIGNAL, "interrupted")
            self.submits.cut()
        elif now - self._leaving.since >= timing.SIGNAL_GAP:
            self._leaving.at_once = True
