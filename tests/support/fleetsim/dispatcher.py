"""What offers the work of a simulated fleet: round by round, until nothing of it changes any more."""

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from manifests.keys import new_token
from manifests.manifest import Head, Item, Sums
from manifests.naming import default_base
from runner.collect import Collector
from runner.engine.engine import Engine
from runner.engine.journal import Journal
from runner.engine.messages import Event, Load
from runner.engine.world import Terms
from runner.fleet.outcome import decoded
from runner.fleet.packing import pack, pack_head
from runner.fleet.terms import shift_terms
from runner.ledger.fleet_rows import BEAT_EVERY, LEASE, NewShift, Waiting
from runner.ledger.runs import RunBy
from runner.lines import Line, line_of
from runner.loop import Loop, take
from runner.options import RunOptions
from support.fleetsim import goods
from support.fleetsim.books import SERVICE
from support.fleetsim.far import FarLedger
from support.fleetsim.hands import RATE
from support.fleetsim.machine import Machine
from support.fleetsim.sequencer import Process

if TYPE_CHECKING:
    from support.fleetsim.fleet import Fleet

MANIFEST = "fleet"
RATES = {SERVICE: RATE}
SHIFT = 50
"""Lines of a shift."""

REST = 120.0
"""Seconds after which a person types the same command again."""

AHEAD = 3
"""Shifts that wait for each host at most."""

ROUNDS = 1_000
"""Dispatches after which a fleet that still changes is taken for one that never ends."""


class Dispatcher:
    """Runs on a host of its own, which does not fail; its wires do."""

    def __init__(self, fleet: "Fleet") -> None:
        self._fleet = fleet
        self.rounds = 0
        self.over = False

    def run(self) -> None:
        """Offer what is not done, again and again; then nothing more happens."""
        fleet = self._fleet
        me = fleet.sequencer.running
        machine = Machine(fleet, len(fleet.machines), fleet.rng)
        ledger, before = machine.ledger(me), None
        while before != (before := self._standing()) or self._is_open():
            self.rounds += 1
            assert self.rounds <= ROUNDS, f"seed {fleet.scale.seed}: {before}"
            self._offer(me, ledger)
            self._settle(me, machine, ledger)
            me.sleep(REST)
        self.over = True
        fleet.sequencer.stop()

    def _standing(self) -> object:
        """How far the fleet is: a round that changes nothing of it was the last one."""
        states = "SELECT state, count(*), sum(hold) FROM attempts GROUP BY state ORDER BY state"
        return self._fleet.db.execute(states).fetchall()

    def _is_open(self) -> bool:
        """Whether some job is neither settled nor in doubt, or a host was cut off in the last round."""
        held = "SELECT count(*) FROM attempts WHERE hold > 0 AND state <> 'in doubt'"
        outcomes = self._fleet.db.execute(
            "SELECT outcome FROM shifts WHERE dispatch_id = (SELECT max(id) FROM dispatches)"
        )
        cut_off = any({"down", "unreachable"} & decoded(text).met for (text,) in outcomes)
        return cut_off or self._fleet.db.execute(held).fetchone()[0] > 0

    def _offer(self, me: Process, ledger: FarLedger) -> None:
        """One dispatch: a few shifts at a time, until all of them are over."""
        fleet = self._fleet
        head = pack_head(Head(MANIFEST, "2026-01-01T00:00:00Z", ".", "2026-05-22", RATES, Sums().total()))
        options = RunOptions(fleet.folder / "m.yaml", fleet.folder, patience=fleet.scale.patience)
        with ledger.transaction():
            run_id = ledger.begin_run(MANIFEST, RunBy(host="dispatcher"))
            terms = shift_terms(options, RATES, None).encoded()
            dispatch = ledger.begin_dispatch(MANIFEST, head, terms, fleet.cap)
            ledger.beat(None, [run_id], LEASE)
        shifts, more = self._shifts(), True
        while True:
            with ledger.transaction():
                ledger.beat(None, [run_id], LEASE)
                open_ = ledger.waiting(MANIFEST)
                more = more and ledger.dispatch(dispatch).stopped is None  # the service is down, it seems
                offered = self._refill(ledger, dispatch, shifts, open_) if more else 0
            more = more and open_.waiting + offered >= AHEAD * fleet.scale.hosts
            fleet.ring(range(offered))
            if not (more or offered or open_.shifts):
                break
            me.sleep(BEAT_EVERY)
        with ledger.transaction():
            ledger.end_dispatch(dispatch)
            ledger.end_run(0)

    def _refill(self, ledger: FarLedger, dispatch: int, shifts: Iterator[list[Line]], open_: Waiting) -> int:
        offered = 0
        for lines in islice(shifts, max(0, AHEAD * self._fleet.scale.hosts - open_.waiting)):
            made = ledger.offer(dispatch, NewShift(pack(lines), [line.key for line in lines]))
            offered += made is not None
        return offered

    def _shifts(self) -> Iterator[list[Line]]:
        """The lines that are not done, in shifts."""
        lines = (line_of(item, self._fleet.folder, default_base(item), RATES) for item in self._items())
        while shift := list(islice(lines, SHIFT)):
            yield shift

    def _items(self) -> Iterator[Item]:
        scale = self._fleet.scale
        over = self._over() if self.rounds > 1 else frozenset()
        for number in range(scale.items):
            if number not in over:
                yield from goods.items(1, scale.seed, first=number)

    def _over(self) -> frozenset[int]:
        """The recordings that nobody can bring any more, or that are here."""
        rows = self._fleet.db.execute(
            "SELECT i.file FROM items i JOIN parts t ON t.purchase_id = i.purchase_id"
            " WHERE t.state IN ('saved', 'failed charged', 'lost', 'rejected')"
        )
        return frozenset(goods.number_of(bytes(file).decode()) for (file,) in rows)

    def _settle(self, me: Process, machine: Machine, ledger: FarLedger) -> None:
        """Bills that came after their shifts were over: for the run that offers."""
        hands, fleet = machine.hands(me), self._fleet
        engine = Engine(
            Terms(MANIFEST, RATES, fleet.scale.patience),
            lambda key: new_token(key, lambda size: fleet.rng.randbytes(size).hex()).text,
            fleet.rng,
        )

        class Ends:
            perform = staticmethod(hands.perform)

            @staticmethod
            def take(seconds: float) -> list[Event]:
                return take(hands.inbox, seconds)

        loop = Loop(engine, Journal(ledger, MANIFEST), Ends(), machine.clock)
        tasks = Collector(ledger, MANIFEST, machine.output, lambda _attempt: True).unsettled(())
        loop.run([Load(tuple(tasks))], until=lambda: engine.done)
        loop.finish()
        hands.close()
