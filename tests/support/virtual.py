"""A service in virtual time: performs the engine's actions on a heap of (time, event), keeps its own books.

The engine, the journal and a real ledger run against it; nothing sleeps, a day takes a blink.
"""

import heapq
import itertools
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

from manifests.keys import Token, new_token
from manifests.money import Cents
from manifests.states import State
from runner.api.interface import (
    Accepted,
    Balance,
    Cancelled,
    CreditRow,
    Doubtful,
    Job,
    JobStatus,
    OutOfMoney,
    SubmitOutcome,
    UsageRow,
    Wallet,
)
from runner.collect import Collector, recover
from runner.engine.engine import Engine
from runner.engine.journal import Journal
from runner.engine.messages import (
    Action,
    Answer,
    Approve,
    CallFailed,
    CreditsRead,
    Event,
    Fetch,
    Fetched,
    LastChunk,
    Listed,
    Load,
    Looked,
    RatesRead,
    ReadCredits,
    ReadJob,
    ReadList,
    ReadRates,
    ReadUsage,
    ReadWallet,
    SubmitEnded,
    Upload,
    UsageRead,
    WalletRead,
)
from runner.engine.task import Source, Target, Task
from runner.engine.timing import Patience
from runner.engine.world import Terms
from runner.ledger.rows import NewItem, ResultRow
from runner.ledger.sqlite.ledger import SqliteLedger
from runner.loop import Loop

START = 1_000_000.0
SERVICE = "transcription"


@dataclass
class FakeJob:
    """A job in the fake service's books."""

    job_id: str
    token: Token
    ends: float
    fate: JobStatus = JobStatus.COMPLETED
    cents: int = 0
    charged: bool = False
    billed_at: float = 0.0
    hidden_until: float = 0.0
    listed: bool = True
    gone: bool = False


@dataclass
class Behaviour:
    """What the service does; tests change it."""

    upload_seconds: float = 1.0
    answer_seconds: float = 0.5
    job_seconds: float = 30.0
    call_seconds: float = 0.1
    wallet: int = 100_000
    credits: int | None = None
    credit_rows: Callable[[float], tuple[CreditRow, ...] | None] = lambda _now: None
    price: Callable[[Upload], int] = lambda _upload: 5
    outcome: Callable[[Upload, int], SubmitOutcome | None] = lambda _upload, _nth: None  # None: a job is made
    lose_answer: Callable[[Upload, int], str] = lambda _upload, _nth: ""  # text: job made, answer lost
    fate: Callable[[int], JobStatus] = lambda _nth: JobStatus.COMPLETED
    charge_failed: bool = False
    usage_delay: float = 0.0
    usage_rows: Callable[[FakeJob], list[UsageRow]] | None = None
    list_delay: float = 0.0
    list_names: bool = True
    fetch: Callable[[Fetch, int], Event | None] = lambda _fetch, _nth: None
    call: Callable[[Action, int], CallFailed | None] = lambda _action, _nth: None
    rates: Callable[[float], dict[str, Fraction]] = lambda _now: {SERVICE: Fraction(1)}


class VirtualService:
    """The loop's ends in virtual time, and the service behind them."""

    def __init__(self, behaviour: Behaviour | None = None, seed: int = 0) -> None:
        self.does = behaviour or Behaviour()
        self.now = START
        self.rng = random.Random(seed)
        self.jobs: list[FakeJob] = []
        self.submits: list[Upload] = []  # every submit whose last chunk arrived, or that was refused
        self.actions: list[Action] = []
        self.fetches = 0
        self.on_take: Callable[[], None] = lambda: None
        self._heap: list[tuple[float, int, Callable[[], Event | None]]] = []
        self._order = itertools.count()
        self._uploads: dict[int, Upload] = {}
        self._calls = 0
        self._numbers = itertools.count(1)

    # -- books ---------------------------------------------------------------------------

    @property
    def charged(self) -> int:
        """Cents taken so far, as the service's clock stands."""
        self._settle()
        return sum(job.cents for job in self.jobs if job.charged)

    def charges_by_key(self) -> dict[str, int]:
        """Charged jobs by the key part of their token."""
        self._settle()
        found: dict[str, int] = {}
        for job in self.jobs:
            if job.charged:
                found[job.token.key_part] = found.get(job.token.key_part, 0) + 1
        return found

    def _settle(self) -> None:
        for job in self.jobs:
            if job.ends <= self.now and not job.charged:
                job.charged = job.fate is JobStatus.COMPLETED or self.does.charge_failed
                job.billed_at = job.ends + self.does.usage_delay

    # -- the loop's ends -----------------------------------------------------------------

    def clock(self) -> float:
        """Virtual seconds."""
        return self.now

    def perform(self, action: Action) -> None:
        """Schedule what an action will answer."""
        self.actions.append(action)
        match action:
            case Upload():
                self._uploads[action.attempt_id] = action
                self._upload(action)
            case Answer(attempt_id, go):
                self._answer(attempt_id, go=go)
            case Fetch():
                self.fetches += 1
                nth = self.fetches
                self._later(self.does.call_seconds, lambda: self._fetched(action, nth))
            case _:
                self._calls += 1
                nth = self._calls
                self._later(self.does.call_seconds, lambda: self.does.call(action, nth) or self._read(action))

    def take(self, seconds: float) -> list[Event]:
        """The next events; the clock moves to them, or on by the nap."""
        self.on_take()
        until = self.now + seconds
        events: list[Event] = []
        while self._heap and self._heap[0][0] <= until:
            at, _, make = heapq.heappop(self._heap)
            self.now = max(self.now, at)
            event = make()
            if event is not None:
                events.append(event)
                return events
        self.now = max(self.now, until)
        return events

    def later(self, seconds: float, event: Event) -> None:
        """Let something happen after a while."""
        self._later(seconds, lambda: event)

    def _later(self, seconds: float, make: Callable[[], Event | None]) -> None:
        heapq.heappush(self._heap, (self.now + seconds, next(self._order), make))

    # -- submits -------------------------------------------------------------------------

    def _upload(self, upload: Upload) -> None:
        self._later(self.does.upload_seconds, lambda: LastChunk(upload.part_id, upload.attempt_id))

    def _answer(self, attempt_id: int, *, go: bool) -> None:
        upload = self._uploads.pop(attempt_id, None)
        if upload is None:
            return
        outcome: SubmitOutcome = Cancelled() if not go else self._submitted(upload)
        self._later(self.does.answer_seconds, lambda: SubmitEnded(upload.part_id, upload.attempt_id, outcome))

    def _submitted(self, upload: Upload) -> SubmitOutcome:
        self.submits.append(upload)
        nth = len(self.submits)
        refused = self.does.outcome(upload, nth)
        if refused is not None:
            return refused
        cents = self.does.price(upload)
        held = sum(job.cents for job in self.jobs if not job.charged and job.ends > self.now)
        if self.charged + held + cents > self.does.wallet:
            return OutOfMoney("402", Cents(cents), Cents(self.does.wallet - self.charged - held))
        job = self._make(upload, cents)
        lost = self.does.lose_answer(upload, nth)
        return Doubtful(lost) if lost else Accepted(job.job_id)

    def _make(self, upload: Upload, cents: int) -> FakeJob:
        from manifests.keys import find_tokens

        (token,) = find_tokens([upload.order.upload_name])
        job = FakeJob(
            job_id=str(next(self._numbers)),
            token=token,
            ends=self.now + self.does.job_seconds,
            fate=self.does.fate(len(self.jobs) + 1),
            cents=cents,
            hidden_until=self.now + self.does.list_delay,
        )
        self.jobs.append(job)
        return job

    # -- reads ---------------------------------------------------------------------------

    def _read(self, action: Action) -> Event:
        match action:
            case ReadList(service, job_ids, tokens):
                seen = [job for job in reversed(self.jobs) if job.listed and job.hidden_until <= self.now]
                wanted = [
                    j for j in seen if j.job_id in job_ids or (j.token in tokens and self.does.list_names)
                ]
                return Listed(service, tuple(map(self._view, wanted)), job_ids)
            case ReadJob(part_id, _, job_id):
                job = next((job for job in self.jobs if job.job_id == job_id and not job.gone), None)
                return Looked(part_id, None if job is None else self._view(job))
            case ReadUsage():
                return UsageRead(tuple(self._rows()))
            case ReadCredits():
                return CreditsRead(self.does.credit_rows(self.now))
            case ReadWallet():
                balance = Balance(Cents(self.does.wallet - self.charged), Cents(self.charged))
                return WalletRead(Wallet(balance, self.does.credits))
            case ReadRates():
                return RatesRead(self.does.rates(self.now))
            case _:
                raise AssertionError(action)

    def _view(self, job: FakeJob) -> Job:
        status = job.fate if job.ends <= self.now else JobStatus.RUNNING
        tokens = frozenset({job.token}) if self.does.list_names else frozenset()
        return Job(job.job_id, status, tokens, error="broken" if status is JobStatus.FAILED else "")

    def _rows(self) -> Iterable[UsageRow]:
        self._settle()
        for job in reversed(self.jobs):
            if job.charged and job.billed_at <= self.now:
                if self.does.usage_rows is not None:
                    yield from self.does.usage_rows(job)
                else:
                    yield usage_row(job)

    def _fetched(self, action: Fetch, nth: int) -> Event:
        problem = self.does.fetch(action, nth)
        if problem is not None:
            return problem
        rows = [
            ResultRow(target.item_id, name, f"/results/{target.base}.{name}", 3, "0" * 64)
            for target in action.targets
            for name in ("json", "txt")
        ]
        return Fetched(action.part_id, tuple(rows))


def usage_row(job: FakeJob, **changes: object) -> UsageRow:
    """The usage row of a job."""
    fields = {
        "row_id": f"row-{job.job_id}",
        "service_type": SERVICE,
        "cents": Cents(job.cents),
        "job_id": job.job_id,
    }
    return UsageRow(**{**fields, **changes})  # type: ignore[arg-type]


@dataclass
class House:
    """A ledger, an engine and a virtual service for one manifest."""

    folder: Path
    service: VirtualService = field(default_factory=VirtualService)
    manifest_id: str = "m1"
    cap: int = 10_000
    credits_cap: int = 0
    patience: Patience = field(default_factory=Patience)
    seed: int = 0
    terms: dict[str, Any] = field(default_factory=dict)  # further terms of its runs

    def __post_init__(self) -> None:
        self.ledger = SqliteLedger(self.folder / "ledger.db", self.service.clock)
        self.ledger.db.execute("PRAGMA synchronous = OFF")  # durability is tested by killing real processes
        self.hex = random.Random(self.seed)
        with self.ledger.transaction():
            self.ledger.put_manifest(
                self.manifest_id, self.folder / "m.yaml", Cents(self.cap), self.credits_cap
            )
        self.start()

    def start(self) -> None:
        """A new run: a new engine on the same ledger."""
        terms = Terms(self.manifest_id, {SERVICE: Fraction(1)}, self.patience, **self.terms)
        self.engine = Engine(
            terms, lambda key: new_token(key, self.random_hex).text, random.Random(self.seed)
        )
        self.loop = Loop(
            self.engine, Journal(self.ledger, self.manifest_id), self.service, self.service.clock
        )

    def random_hex(self, count: int) -> str:
        """Random bytes as hex, from the seed."""
        return self.hex.randbytes(count).hex()

    def add(
        self, count: int, *, cents: int = 5, ceiling: int = 6, first: int = 0, product: str = SERVICE
    ) -> list[Task]:
        """Items to buy, each with its own audio; `cents` are credits where those pay."""
        keys = [f"{first + number:032x}" * 2 for number in range(count)]
        new = [
            NewItem(
                line=f"line{first + number}",
                file=f"ep{first + number}.mp3",
                size=10,
                print="p",
                base=f"ep{first + number}",
                wanted='{"formats":["json","txt"]}',
                content_key=key[::-1],
                sha256=key,
                product=product,
                options="{}",
                generation=0,
                audio_bytes=10,
            )
            for number, key in enumerate(keys)
        ]
        with self.ledger.transaction():
            self.ledger.put_items(self.manifest_id, new)
        return self.candidates(cents, ceiling)

    def candidates(self, cents: int = 5, ceiling: int = 6) -> list[Task]:
        """What is not bought yet."""
        buyable = (State.PLANNED, State.RELEASED)
        return [
            Task(
                part_id=row.part_id,
                manifest_id=self.manifest_id,
                product=row.product,
                service=row.product.partition(":")[0],
                key=row.content_key,
                fields={},
                state=row.state,
                expected=Cents(cents),
                ceiling=Cents(ceiling),
                targets=[Target(row.item_id, row.file, row.base, {"formats": ["json", "txt"]})],
                source=Source(Path(row.file), 10, ((0, 10),), row.sha256),
            )
            for row in self.ledger.items(self.manifest_id)
            if row.state in buyable
        ]

    def buy(self, tasks: list[Task]) -> None:
        """Approve and run to the end."""
        self.approve(tasks)
        self.loop.run([], until=lambda: self.engine.done)
        self.loop.finish()

    def approve(self, tasks: list[Task]) -> None:
        """Let these be bought, without running on."""
        self.engine.world.tasks.update({task.part_id: task for task in tasks})
        self.loop.run([Approve(tuple(task.part_id for task in tasks))], until=lambda: True)

    def resume(self) -> None:
        """What a next run does first: recover, load, collect."""
        recover(self.ledger, self.manifest_id)
        self.start()
        collector = Collector(self.ledger, self.manifest_id, self.folder / "results", lambda _other: True)
        tasks = collector.tasks(self.ledger.items(self.manifest_id))
        tasks += collector.unsettled(tasks)
        self.loop.run([Load(tuple(tasks))], until=lambda: self.engine.collected)

    def finish(self) -> None:
        """See everything through that is under way."""
        self.loop.run([], until=lambda: self.engine.done)
        self.loop.finish()

    def states(self) -> dict[str, State]:
        """File -> state, from the ledger."""
        return {row.file: row.state for row in self.ledger.items(self.manifest_id)}

    @property
    def credits(self) -> tuple[int, int, int]:
        """Spent, reserved, in doubt, of the account's credits."""
        found = self.ledger.credits(self.manifest_id)
        return found.spent, found.reserved, found.in_doubt

    @property
    def amounts(self) -> tuple[int, int, int]:
        """Spent, reserved, in doubt."""
        found = self.ledger.amounts(self.manifest_id)
        return found.spent, found.reserved, found.in_doubt
