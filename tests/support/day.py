"""A day of a large archive in virtual time: thousands of hours of sound, a service that limits and breaks.

The service keeps books of its own and shows them page by page, as the real one does; the run reads them
with the program's own readers. Nothing is sent, nothing sleeps.
"""

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import islice
from typing import Any

from manifests.keys import find_tokens
from manifests.money import Cents
from manifests.states import State
from runner.api.interface import (
    Accepted,
    Balance,
    Doubtful,
    Job,
    JobsPage,
    JobStatus,
    NotSent,
    OutOfMoney,
    SubmitOutcome,
    Throttled,
    UsageRow,
    Wallet,
)
from runner.collect import Collector, recover
from runner.engine.messages import (
    Action,
    CallFailed,
    CallProblem,
    Event,
    Load,
    ReadJob,
    ReadList,
    ReadUsage,
    ReadWallet,
    Upload,
    WalletRead,
)
from runner.engine.task import Target
from runner.ledger.rows import ItemRow
from runner.reading import read_job, read_list, read_usage
from support.virtual import SERVICE, START, Behaviour, FakeJob, House, VirtualService

HOUR = 3600.0
PAGE = 100
MINUTE = 60.0

MINUTES = 60
"""Length of each recording."""


@dataclass(frozen=True)
class Weather:
    """What goes wrong on this day; times in seconds since its start."""

    outages: tuple[tuple[float, float], ...] = ((2 * HOUR, 2.4 * HOUR), (7 * HOUR, 7.1 * HOUR))
    dearer_at: float = 4 * HOUR
    limit: int = 15  # submits a minute that the service takes
    lost: float = 0.002  # shares of submits
    failing: float = 0.01

    def is_out(self, now: float) -> bool:
        """Whether nothing answers."""
        return any(start <= now - START < end for start, end in self.outages)

    def rate(self, now: float) -> Fraction:
        """Cents a minute."""
        return Fraction(1) if now - START < self.dearer_at else Fraction(2)


class Archive(VirtualService):
    """The service, with books that large runs can afford."""

    def __init__(self, weather: Weather, wallet: int, seed: int) -> None:
        quick = Behaviour(upload_seconds=20.0, answer_seconds=5.0, call_seconds=0.2, wallet=wallet)
        quick.rates = lambda now: {SERVICE: weather.rate(now)}
        quick.call = self._unanswered
        super().__init__(quick, seed)
        self.weather = weather
        self.by_id: dict[str, FakeJob] = {}
        self.rows: list[UsageRow] = []  # oldest first
        self.taken = self.held = 0
        self.refused: dict[str, int] = {"429": 0, "lost": 0, "unsent": 0}
        self._ends: list[tuple[float, int, FakeJob]] = []
        self._minute: list[float] = []
        self._paid: dict[str, int] = {}

    # -- its books

    @property
    def charged(self) -> int:
        """Cents taken by now."""
        self._settle()
        return self.taken

    def charges_by_key(self) -> dict[str, int]:
        """Charged jobs by the key part of their token."""
        self._settle()
        return self._paid

    def _settle(self) -> None:
        while self._ends and self._ends[0][0] <= self.now:
            job = heapq.heappop(self._ends)[2]
            self.held -= job.cents
            if job.fate is not JobStatus.COMPLETED:
                continue
            job.charged = True
            self.taken += job.cents
            self._paid[job.token.key_part] = self._paid.get(job.token.key_part, 0) + 1
            self.rows.append(UsageRow(f"row {job.job_id}", SERVICE, Cents(job.cents), 3600, job.job_id))

    # -- submits

    def _submitted(self, upload: Upload) -> SubmitOutcome:
        self._settle()
        self.submits.append(upload)
        if self.weather.is_out(self.now):
            self.refused["unsent"] += 1
            return NotSent("no connection")
        self._minute = [at for at in self._minute if at > self.now - MINUTE]
        if len(self._minute) >= self.weather.limit:
            self.refused["429"] += 1
            return Throttled(self._minute[0] + MINUTE - self.now)
        self._minute.append(self.now)
        cents = int(self.weather.rate(self.now) * MINUTES)
        if self.taken + self.held + cents > self.does.wallet:
            return OutOfMoney("402", Cents(cents), Cents(self.does.wallet - self.taken - self.held))
        job = self._made(upload, cents)
        if self.rng.random() < self.weather.lost:
            self.refused["lost"] += 1
            return Doubtful("reset")
        return Accepted(job.job_id)

    def _made(self, upload: Upload, cents: int) -> FakeJob:
        (token,) = find_tokens([upload.order.upload_name])
        fails = self.rng.random() < self.weather.failing
        job = FakeJob(
            job_id=str(len(self.jobs) + 1),
            token=token,
            ends=self.now + self.rng.uniform(60, 400),
            fate=JobStatus.FAILED if fails else JobStatus.COMPLETED,
            cents=cents,
        )
        self.jobs.append(job)
        self.by_id[job.job_id] = job
        self.held += cents
        heapq.heappush(self._ends, (job.ends, len(self.jobs), job))
        return job

    # -- reads

    def _unanswered(self, action: Action, _nth: int) -> CallFailed | None:
        return CallFailed(action, CallProblem.DOWN, "no answer") if self.weather.is_out(self.now) else None

    def _read(self, action: Action) -> Event:
        self._settle()
        api: Any = self  # the few calls of it that the readers use
        match action:
            case ReadList():
                return read_list(api, action)
            case ReadUsage():
                return read_usage(api, action)
            case ReadJob(part_id, service, job_id):
                return read_job(api, part_id, service, job_id)
            case ReadWallet():
                balance = Balance(Cents(self.does.wallet - self.taken), Cents(self.taken))
                return WalletRead(Wallet(balance, None))
        return super()._read(action)

    def pages(self, _service: str) -> Iterator[JobsPage]:
        """The job list, newest first."""
        newest = reversed(self.jobs)
        while page := tuple(self._view(job) for job in islice(newest, PAGE)):
            yield JobsPage(page)

    def job(self, _service: str, job_id: str) -> Job:
        """One job."""
        return self._view(self.by_id[job_id])

    def usage_pages(self) -> Iterator[tuple[UsageRow, ...]]:
        """The charges, newest first."""
        newest = reversed(self.rows)
        while page := tuple(islice(newest, PAGE)):
            yield page

    # -- time

    def rest(self, seconds: float) -> None:
        """The run is over, and with it its connections; the next one comes so much later."""
        self._heap.clear()
        self._uploads.clear()
        self.now += seconds

    def take(self, seconds: float) -> list[Event]:
        """All events of one instant, as a busy loop finds them."""
        events = super().take(seconds)
        while events and self._heap and self._heap[0][0] <= self.now:
            events += super().take(0.0)
        return events


class Trusting(Collector):
    """Takes the ledger's word for what is on disk: nothing is written here."""

    def target(self, row: ItemRow) -> Target:
        """Where an item wants its results, and what of them was recorded."""
        have = frozenset(result.name for result in self._ledger.results(row.item_id))
        return Target(row.item_id, row.file, row.base, {"formats": ["json", "txt"]}, have)


@dataclass
class Day:
    """A manifest of so many hours, run again and again until all of it is here."""

    house: House
    weather: Weather
    archive: Archive
    runs: int = 0
    stops: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, folder: Any, hours: int, seed: int, weather: Weather | None = None) -> "Day":
        """A recording an hour; the wallet and the cap hold all of it at the dearer price."""
        chosen = weather or Weather()
        most = hours * MINUTES * 2 + 1000
        archive = Archive(chosen, most, seed)
        return cls(House(folder, archive, cap=most, seed=seed), chosen, archive)

    def go(self, hours: int, check: Callable[[], None] = lambda: None) -> None:
        """Run until nothing is left; after each run comes a pause, as a person makes it."""
        self.house.add(hours, cents=MINUTES, ceiling=MINUTES + 1)
        while self.runs == 0 or self._left():
            self.runs += 1
            assert self.runs < 60, (self.stops, self.house.states())
            if self.runs > 1:
                self._resume()
            self._buy()
            self.stops += [str(stop) for stop in self.house.engine.world.stops]
            check()
            self.archive.rest(600.0)

    def _resume(self) -> None:
        """As `House.resume`, with results that are where the ledger says."""
        house = self.house
        recover(house.ledger, house.manifest_id)
        house.start()
        collector = Trusting(house.ledger, house.manifest_id, house.folder / "results", lambda _other: True)
        tasks = collector.tasks(house.ledger.items(house.manifest_id))
        house.loop.run([Load(tuple(tasks))], until=lambda: house.engine.collected)

    def _left(self) -> bool:
        return set(self.house.states().values()) != {State.SAVED}

    def _buy(self) -> None:
        """At the price of the moment, which a person accepts."""
        if self.house.engine.world.stops:
            self.house.finish()
            return
        rate = self.weather.rate(self.archive.now)
        world = self.house.engine.world
        world.terms = replace(world.terms, rates={SERVICE: rate})
        cents = int(rate * MINUTES)
        self.house.engine.start_guard(Wallet(Balance(Cents(self.archive.does.wallet), Cents(0)), None))
        self.house.buy(self.house.candidates(cents, cents + 1))
