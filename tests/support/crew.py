"""A fleet in virtual time: hosts that take shifts of two manifests on one wallet, die, sleep and wake late.

Each host is an engine with a connection of its own; signs of life and the look for the dead go on as time
does, for whoever is awake. What a host sends may arrive long after it is gone.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path

from manifests import catalogue
from manifests.keys import new_token
from manifests.money import Cents
from runner import voices
from runner.api.interface import Cancelled
from runner.collect import Collector
from runner.engine.engine import Engine
from runner.engine.journal import Journal
from runner.engine.messages import Action, Approve, Event, Load, ReadBilled, SubmitEnded, Upload
from runner.engine.task import Source, Task
from runner.engine.world import Terms
from runner.engine.writes import EndAllotment
from runner.fleet.beating import Beating
from runner.fleet.drivers import Drivers
from runner.fleet.proof import keep_answers
from runner.ledger.fleet_rows import BEAT_EVERY, NewShift
from runner.ledger.interface import LeaseLost, Ledger
from runner.ledger.runs import RunBy
from runner.loop import Loop
from runner.prepare import needed_voice
from support.town import BUYABLE, RATES, SHORT, WARES, Door, Street, Ware, WatchedLedger, item_of

SHIFTS = (("voice", "speech"), ("talk", "letter"), ("interview",), ("noise", "hum"))
"""Wares that go to one host together: who speaks with a voice needs its line."""

SLOW = 90.0
"""Seconds that a slow wire takes: longer than any lease."""


class Crew:
    """The ledger, the street, who offers and who works."""

    def __init__(self, folder: Path, street: Street, names: tuple[str, ...], hosts: int, seed: int) -> None:
        self.folder, self.street, self.names, self.seed = folder, street, names, seed
        self.open_ledgers: list[Ledger] = []
        self.ledger, self.watcher = self.open(), self.open()
        self.late: list[tuple[float, Callable[[], None]]] = []  # what is still on the wire
        self.offers: dict[str, Offer] = {}
        self._looked = self._beaten = street.now
        with self.ledger.transaction():
            for name in names:
                self.ledger.put_manifest(name, folder / "m.yaml", Cents(0), 0)
                self.ledger.put_items(name, [item_of(ware) for ware in WARES])
        self.hands = [Hand(self, f"host{number}", seed + number) for number in range(hosts)]

    def open(self) -> Ledger:
        """One more connection."""
        ledger = WatchedLedger(self.folder / "ledger.db", lambda: self.street.now)
        ledger.db.execute("PRAGMA synchronous = OFF")
        self.open_ledgers.append(ledger)
        return ledger

    def close(self) -> None:
        """Close all connections."""
        for hand in self.hands:
            hand.kill()
        for ledger in self.open_ledgers:
            ledger.close()

    def set_caps(self, name: str, cents: int, credits_: int) -> None:
        """As `run --max-spend --max-credits` does."""
        with self.ledger.transaction():
            self.ledger.put_manifest(name, self.folder / "m.yaml", Cents(cents), credits_)

    def offer(self, name: str) -> None:
        """`run` on a manifest: what is in no shift is offered, by the run that lives or by a new one."""
        offer = self.offers.get(name)
        if offer is None or offer.is_over():
            offer = self.offers[name] = Offer(self, name)
        offer.offer()

    def tick(self) -> None:
        """What the time asks of those that are awake: signs of life, a look for the dead, late arrivals."""
        now = self.street.now
        for at, arrive in [each for each in self.late if each[0] <= now]:
            self.late.remove((at, arrive))
            arrive()
        if now >= self._beaten + BEAT_EVERY:
            self._beaten = now
            for each in (*self.hands, *self.offers.values()):
                each.beat()
        if now >= self._looked + BEAT_EVERY:
            self._looked = now
            with self.watcher.transaction():
                self.watcher.fence_dead()

    def pass_time(self, seconds: float) -> None:
        """Time goes by with nobody at work, but with those that are awake alive."""
        until = self.street.now + seconds
        while self.street.now < until:
            self.street.now = min(until, self.street.now + BEAT_EVERY / 2)
            self.tick()


class Offer:
    """A run that offers its manifest's lines."""

    def __init__(self, crew: Crew, name: str) -> None:
        self.crew, self.name, self.ledger, self.dead = crew, name, crew.open(), False
        since = crew.street.now
        with self.ledger.transaction():
            run_id = self.ledger.begin_run(name, RunBy("anna", "desk", 1), 30.0)
            self.dispatch_id = self.ledger.begin_dispatch(name, "{}", "{}", 0)
        self.beating = Beating(crew.open, None, clock=lambda: crew.street.now)
        self.beating.add(run_id, since)
        self.run_id = run_id

    def offer(self) -> None:
        """Let what is in no shift wait for a host."""
        try:
            with self.ledger.transaction():
                for keys in SHIFTS:
                    if not self.ledger.elsewhere(self.name, keys):
                        self.ledger.offer(self.dispatch_id, NewShift("", keys))
        except LeaseLost:
            self.dead = True

    def stop(self) -> None:
        """Ctrl-C: nothing more is bought."""
        with self.crew.ledger.transaction():
            self.crew.ledger.stop_dispatch(self.dispatch_id, "Ctrl-C")
        self.dead = True

    def is_over(self) -> bool:
        """Whether its run is gone: the next `run` makes another."""
        return self.dead or self.beating.is_lost(self.run_id)

    def beat(self) -> None:
        """A sign of life, while it lives."""
        if not self.dead:
            self.beating.once()


class CrewDoor(Door):
    """One host's way to the service; what is on the wire arrives whatever becomes of the host."""

    def __init__(self, crew: Crew, hand: "Hand") -> None:
        super().__init__(crew.street)
        self._crew, self._hand, self._shut = crew, hand, False

    def shut(self) -> None:
        """The process behind it is gone."""
        super().shut()
        self._shut = True

    def _answer(self, attempt_id: int, *, go: bool) -> None:
        if attempt_id in self._uploads and go:
            self._hand.nap()
            if not self._hand.holds():
                upload = self._uploads.pop(attempt_id)
                self.later(0.0, SubmitEnded(upload.part_id, attempt_id, Cancelled()))
                return
            if self.street.faults and self.street.faults[0] == "slow":
                self.street.faults.popleft()
                upload = self._uploads.pop(attempt_id)
                self._crew.late.append((self.now + SLOW, lambda: self._arrive(upload)))
                return
        super()._answer(attempt_id, go=go)

    def _arrive(self, upload: Upload) -> None:
        outcome = self._submitted(upload)
        if not self._shut:
            self.later(0.0, SubmitEnded(upload.part_id, upload.attempt_id, outcome))


class SharedJournal(Journal):
    """What was allotted is for all hosts."""

    def commit(self, writes):
        return super().commit(write for write in writes if not isinstance(write, EndAllotment))


class Hand:
    """A host: at most one shift at a time."""

    def __init__(self, crew: Crew, name: str, seed: int) -> None:
        self.crew, self.name = crew, name
        self.ledger = crew.open()
        self._hex, self._rng = random.Random(f"{name} {seed}"), random.Random(seed)
        self.loop: Loop | None = None
        self.asleep, self.naps = False, 0.0
        self.lost = 0  # shifts that it was taken for lost with
        self._enter()

    def _enter(self) -> None:
        by = RunBy("anna", self.name, 7)
        with self.ledger.transaction():
            self.worker_id = self.ledger.enter(by, [])
        self.beating = Beating(self.crew.open, self.worker_id, clock=lambda: self.crew.street.now)

    @property
    def running(self) -> bool:
        """Whether it has a shift."""
        return self.loop is not None

    # -- signs of life

    def beat(self) -> None:
        """A sign of life, while it is awake."""
        if not self.asleep:
            self.beating.once()

    def holds(self) -> bool:
        """Whether its lease surely goes on."""
        return self.beating.holds(self.run_id)

    def nap(self) -> None:
        """Sleep between the turn that made `sending` durable and the last chunk."""
        seconds, self.naps = self.naps, 0.0
        if seconds:
            self.asleep = True
            self.crew.pass_time(seconds)
            self.asleep = False

    # -- shifts

    def begin(self) -> None:
        """Take a shift, load what is bought of it, and approve the rest."""
        since = self.crew.street.now
        with self.ledger.transaction():
            taken = self.ledger.take_shift(self.worker_id, RunBy("anna", self.name, 7))
        if taken is None:
            return
        self.ledger.drives(taken)
        self.taken, self.run_id = taken, taken.run_id
        self.manifest = taken.shift.manifest_id
        self.beating.add(taken.run_id, since)
        self.ledger.among = sorted(taken.keys)
        self.door = CrewDoor(self.crew, self)
        self.engine = Engine(
            Terms(self.manifest, RATES, SHORT, 3),
            lambda key: new_token(key, lambda size: self._hex.randbytes(size).hex()).text,
            self._rng,
        )
        self.journal = SharedJournal(self.ledger, self.manifest)
        self.loop = Loop(self.engine, self.journal, self, lambda: self.crew.street.now)
        self.others = Drivers(self.ledger, self.manifest)
        with self._leased():
            self._collect_and_approve()

    def _collect_and_approve(self) -> None:
        assert self.loop is not None
        self.others.take_over()
        collector = Collector(
            self.ledger, self.manifest, self.crew.folder / self.manifest, self.others.is_ours
        )
        tasks = collector.tasks(self.ledger.items(self.manifest))
        self.engine.credits.know(self.ledger.done_in_credits(0.0))
        self.loop.run([Load(tuple(tasks))], until=lambda: True)
        rows = self.ledger.items(self.manifest)
        self.engine.voices.know(voices.made(rows))
        wares = {ware.key: ware for ware in WARES}
        buys = []
        for row in rows:
            if row.state in BUYABLE:
                buys.append(to_buy(collector.task(row), wares[row.content_key], self.manifest))
                buys[-1].targets.append(collector.target(row))
        self.engine.world.tasks.update({task.part_id: task for task in buys})
        self.loop.run([Approve(tuple(task.part_id for task in buys))], until=lambda: True)

    def step(self, takes: int) -> None:
        """Go on for a while; a shift that is done ends."""
        if self.loop is None or self.asleep:
            return
        left = count(-takes)
        with self._leased():
            self.loop.run([], until=lambda: self.engine.done or next(left) >= 0)
            if self.engine.done:
                self.loop.finish()
                with self.ledger.transaction():
                    self.ledger.end_shift(self.taken.shift.shift_id, "{}", 0)
                self._over()

    @contextmanager
    def _leased(self) -> Iterator[None]:
        """Whoever is taken for lost writes nothing more, but the proof that he has."""
        try:
            yield
        except LeaseLost:
            keep_answers(self.ledger, self.journal.unsaved)
            self.lost += 1
            self._over()

    def kill(self) -> None:
        """The process is gone; another one begins on its host."""
        if self.loop is not None:
            self._over()
            self._enter()

    def _over(self) -> None:
        self.door.shut()
        self.beating.drop(self.run_id)
        self.ledger.run_id = self.ledger.lease = self.ledger.among = None
        self.loop = None

    # -- the loop's ends

    def perform(self, action: Action) -> None:
        """Start an action."""
        if isinstance(action, ReadBilled):
            action = replace(action, known=action.known | self.ledger.job_ids(action.service))
        self.door.perform(action)

    def take(self, seconds: float) -> list[Event]:
        """What happened, and what other runs have come to."""
        events = self.door.take(seconds)
        self.crew.tick()
        if self.beating.is_lost(self.run_id):
            raise LeaseLost
        return events + self.others.seen(list(self.engine.world.tasks.values()), self.crew.street.now)


def to_buy(task: Task, ware: Ware, manifest_id: str) -> Task:
    """A task as it is let through: not bound to any earlier attempt."""
    return replace(
        task,
        manifest_id=manifest_id,
        expected=Cents(ware.expected),
        ceiling=Cents(ware.ceiling),
        source=Source(Path(f"{ware.name}.wav"), 10, ((0, 10),), ware.sha256),
        needs=needed_voice(catalogue.load().product(ware.product), task.fields),
        attempt_id=0,
        token="",
        job_id="",
        foreign=False,
    )
