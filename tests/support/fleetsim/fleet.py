"""A simulated fleet: many hosts, one ledger, one wallet, one virtual clock; at the end the books are exact.

`python -m support.fleetsim.fleet HOSTS ITEMS SEED` prints what it came to as JSON.
"""

import json
import random
import resource
import sqlite3
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from manifests.errors import MachineError
from manifests.money import Cents
from runner.engine.timing import Patience
from runner.fleet.beating import Beating
from runner.ledger.fleet_rows import BEAT_EVERY
from runner.ledger.sqlite import opening
from runner.ledger.sqlite.db import SqliteDb
from runner.ledger.sqlite.ledger import SqliteLedger
from runner.ledger.store import LedgerUnwritable
from support.fleetsim import goods
from support.fleetsim.books import Books, Nature
from support.fleetsim.dispatcher import MANIFEST, Dispatcher
from support.fleetsim.far import FarLedger
from support.fleetsim.hands import Counted
from support.fleetsim.machine import IDLE, Machine
from support.fleetsim.sequencer import START, Process, Sequencer
from support.fleetsim.shifts import work
from support.fleetsim.told import Told, told_of
from support.fleetsim.watcher import Watcher
from support.fleetsim.weather import Blow, Climate, Event
from support.fleetsim.wires import Chances, Wire

HORIZON = 3 * 86_400.0
"""Virtual seconds after which a fleet that is not done hangs."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How large, and how rough."""

    hosts: int = 20
    items: int = 2_000
    seed: int = 1
    climate: Climate = field(default_factory=Climate)
    nature: Nature = field(default_factory=Nature)
    chances: Chances = field(default_factory=Chances)
    grain: float = 0.25  # seconds within which a host takes events together
    blind: int = 10  # every so-maniest show is on the disks of every third host alone
    share: float = 1.0  # of the sum of all ceilings that the cap leaves
    patience: Patience = field(default_factory=lambda: Patience(job=6 * 3600.0))


class Fleet:
    """All of it."""

    def __init__(self, folder: Path, scale: Scale) -> None:
        self.folder, self.scale = folder, scale
        self.sequencer = Sequencer()
        self.path = folder / "ledger.db"
        self.db = in_memory(self.path)
        self.rng = random.Random(f"fleet {scale.seed}")
        self.counted = Counted()
        self.fenced = self.blows = 0
        self.machines = [
            Machine(self, number, random.Random(f"host {number} {scale.seed}"))
            for number in range(scale.hosts)
        ]
        total = sum(goods.cents(number, scale.seed) for number in range(scale.items))
        self.cap = int(total * scale.share)
        wallet = 2 * total + 1000
        self.books = Books(
            lambda: self.sequencer.now, wallet, random.Random(f"books {scale.seed}"), scale.nature
        )
        self.watcher = Watcher(self.sequencer, self.books)
        self.dispatcher = Dispatcher(self)

    def run(self) -> Told:
        """All of it, to the end.

        Raises:
            AssertionError: the books are not exact at some moment, or it hangs.
        """
        founding = SqliteLedger(self.path, lambda: self.sequencer.now, self.db)
        with founding.transaction():
            founding.put_manifest(MANIFEST, self.folder / "m.yaml", Cents(self.cap))
        for event in self.scale.climate.blows(self.scale.hosts, self.scale.seed):
            self.sequencer.after(event.at, lambda event=event: self._blow(event))
        for machine in self.machines:
            machine.boot()
        self.sequencer.spawn("dispatcher", self.dispatcher.run)
        self.sequencer.run(START + HORIZON)
        assert self.over, f"seed {self.scale.seed}: not done after {HORIZON:,.0f} virtual seconds"
        return told_of(self)

    @property
    def over(self) -> bool:
        """Whether nothing is left to be done."""
        return self.dispatcher.over

    def _blow(self, event: Event) -> None:
        if self.over:
            return
        self.blows += 1
        match event.blow:
            case Blow.LEDGER_DOWN:
                for machine in self.machines:
                    machine.to_ledger.cut(event.seconds)
            case Blow.SERVICE_DOWN:
                for machine in self.machines:
                    machine.to_service.cut(event.seconds)
            case _:
                self.machines[event.host].suffer(event)

    # -- the ledger

    def ledger(self, process: Process, wire: Wire) -> FarLedger:
        """One more connection."""
        return FarLedger(self.path, self.db, self.sequencer, process, wire, self._check)

    def _check(self, db: SqliteDb) -> None:
        """The cap is never passed, and what the service has taken or may still take is always held."""
        spent, held, cap = db.execute("SELECT spent, reserved + in_doubt, cap FROM manifests").fetchone()
        self.books.settle()
        assert spent + held <= cap, f"seed {self.scale.seed}: {spent} spent and {held} held of {cap}"
        owed = self.books.taken + self.books.held
        assert owed <= spent + held, f"seed {self.scale.seed}: {owed} owed, {spent} spent and {held} held"

    # -- a worker

    def work(self, machine: Machine) -> None:
        """What a host's worker does, as long as it lives."""
        me = self.sequencer.running
        ledger = machine.ledger(me)
        while not self.over:
            try:
                self._serve(machine, me, ledger)
            except MachineError:  # the ledger was out of reach, or took this run for lost
                me.sleep(IDLE)

    def _serve(self, machine: Machine, me: Process, ledger: FarLedger) -> None:
        with ledger.transaction():
            machine.worker_id = ledger.enter(machine.by, [str(self.folder)])
        pulse = self._pulse(machine)
        while not self.over:
            if not work(machine, ledger, machine.hands(me), pulse):
                me.wait(IDLE)

    def _pulse(self, machine: Machine) -> Beating:
        """Signs of life, and a look for those who give none, from a process of their own."""
        for process in machine.crew[1:]:
            process.kill()
        del machine.crew[1:]
        ledgers: list[FarLedger] = []
        pulse = Beating(lambda: ledgers[0], machine.worker_id, clock=lambda: self.sequencer.now)

        def body() -> None:
            me = self.sequencer.running
            ledgers.append(machine.ledger(me))
            ledgers[0].reach = lambda _point: None
            while not self.over:
                pulse.once()
                with suppress(LedgerUnwritable), ledgers[0].transaction():
                    fenced = ledgers[0].fence_dead()
                    self.fenced += len(fenced)
                    self.ring([each.shift_id for each in fenced if each.shift_id is not None])
                me.sleep(BEAT_EVERY)

        machine.spawn("pulse", body)
        return pulse

    def ring(self, shifts: Sequence[int]) -> None:
        """Tell as many hosts as there are shifts that wait, a moment later: they may be idle."""
        for machine in self.rng.sample(self.machines, min(len(shifts), len(self.machines))):
            self.sequencer.after(0.1, machine.ring)

    def size(self, number: int) -> int:
        """Bytes of a recording."""
        return goods.size(number, self.scale.seed)


def in_memory(path: Path) -> SqliteDb:
    """A new ledger, taken out of its file: what a machine that loses its power leaves is tested elsewhere."""
    made = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False, factory=SqliteDb)
    file = opening.connect(path)
    file.backup(made)
    file.close()
    return made


def main(hosts: int, items: int, seed: int) -> None:
    """Print what a fleet came to, how long it took and the peak of memory."""
    shm = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=shm if shm.is_dir() else None) as folder:
        began, cpu = time.monotonic(), time.process_time()
        told = asdict(Fleet(Path(folder), Scale(hosts, items, seed)).run())
    told["seconds"] = round(time.monotonic() - began, 1)
    told["cpu"] = round(time.process_time() - cpu, 1)
    told["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:4]))
