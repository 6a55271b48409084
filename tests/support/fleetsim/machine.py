"""One simulated host: a worker that takes shifts, its signs of life, and whatever befalls it."""

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from runner.ledger.runs import RunBy
from runner.points import Point
from support.fleetsim.far import FarLedger
from support.fleetsim.hands import Hands, Inbox
from support.fleetsim.sequencer import Process
from support.fleetsim.weather import Blow
from support.fleetsim.weather import Event as Blown
from support.fleetsim.wires import Wire

if TYPE_CHECKING:
    from support.fleetsim.fleet import Fleet

IDLE = 15.0
"""Seconds after which a worker asks again whether a shift waits, if nobody rings."""


@dataclass
class Doom:
    """What happens at the n-th durable step from now."""

    steps: int
    blow: Blow
    seconds: float


@dataclass
class Machine:
    """A host with its own clock, disks and wires."""

    fleet: "Fleet"
    number: int
    rng: random.Random
    gone: bool = False  # for good
    up_at: float = 0.0
    lives: int = 0
    worker_id: int = 0
    shifts: int = 0  # that it took in all its lives
    doom: Doom | None = None
    crew: list[Process] = field(default_factory=list)

    def __post_init__(self) -> None:
        clock, chances = self.fleet.sequencer, self.fleet.scale.chances
        self.name = f"host-{self.number:03}"
        self.offset = self.rng.uniform(-600.0, 600.0)
        self.output = self.fleet.folder / "results" / self.name
        self.to_service = Wire(lambda: clock.now, self.rng, chances.trip)
        self.to_ledger = Wire(lambda: clock.now, self.rng, (0.0005, 0.005))

    # -- its life

    @property
    def up(self) -> bool:
        """Whether it runs."""
        return bool(self.crew) and not self.gone

    def clock(self) -> float:
        """What it takes for the time."""
        return self.fleet.sequencer.now + self.offset

    def boot(self) -> None:
        """Start a worker, unless one runs or the host is gone."""
        if self.gone or self.crew:
            return
        self.lives += 1
        spawn = self.fleet.sequencer.spawn
        self.crew = [spawn(f"{self.name} worker {self.lives}", lambda: self.fleet.work(self))]

    def spawn(self, name: str, body: "object") -> Process:
        """Another process that ends with the host."""
        process = self.fleet.sequencer.spawn(f"{self.name} {name} {self.lives}", body)  # type: ignore[arg-type]
        self.crew.append(process)
        return process

    def die(self, seconds: float | None) -> None:
        """All its processes are gone at once; it comes back after so many seconds, or never."""
        self.doom = None
        for process in self.crew:
            process.kill()
        self.crew = []
        self.gone = self.gone or seconds is None
        if seconds is not None:
            self.fleet.sequencer.after(seconds, self.boot)

    def ring(self) -> None:
        """A shift may wait: the doorbell."""
        for process in self.crew[:1]:
            process.wake()

    def stand_still(self, seconds: float) -> None:
        """Nothing on it goes on for a while, and it does not notice."""
        until = self.fleet.sequencer.now + seconds
        for process in self.crew:
            process.freeze(until)

    def suffer(self, blown: Blown) -> None:
        """A blow falls."""
        match blown.blow:
            case Blow.KILL:
                self.die(blown.seconds)
            case Blow.VANISH:
                self.die(None)
            case Blow.PAUSE:
                self.stand_still(blown.seconds)
            case Blow.DOOM | Blow.NAP:
                self.doom = Doom(blown.steps, blown.blow, blown.seconds)
            case Blow.CUT_LEDGER:
                self.to_ledger.cut(blown.seconds)
            case Blow.CUT_SERVICE:
                self.to_service.cut(blown.seconds)

    def reach(self, _point: Point) -> None:
        """A durable step of its worker."""
        if self.doom is None:
            return
        self.doom.steps -= 1
        if self.doom.steps > 0:
            return
        doom, self.doom = self.doom, None
        if doom.blow is Blow.NAP:
            self.stand_still(doom.seconds)
            return
        me = self.crew[0]
        self.die(doom.seconds)
        me.check()

    # -- what it has

    def sees(self, number: int) -> bool:
        """Whether a recording is on its disks: some shows are on those of every third host alone."""
        show = number // 1000 if self.fleet.scale.items > 1000 * self.fleet.scale.hosts else number // 20
        return show % self.fleet.scale.blind != 0 or self.number % 3 == 0

    def ledger(self, process: Process) -> FarLedger:
        """A connection of one of its processes."""
        made = self.fleet.ledger(process, self.to_ledger)
        made.host = self.name
        made.reach = self.reach
        return made

    def hands(self, process: Process) -> Hands:
        """A process's way to the service."""
        fleet, inbox = self.fleet, Inbox()
        inbox.process = process
        return Hands(
            clock=fleet.sequencer,
            process=process,
            wire=self.to_service,
            books=fleet.books,
            watcher=fleet.watcher,
            chances=fleet.scale.chances,
            rng=self.rng,
            counted=fleet.counted,
            inbox=inbox,
            grain=fleet.scale.grain,
            output=self.output,
        )

    @property
    def by(self) -> RunBy:
        """Who works here."""
        return RunBy(who="somebody", host=self.name, pid=self.lives, version="0")
