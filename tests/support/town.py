"""Several manifests on one wallet and one ledger in virtual time, each run by an engine of its own.

The service sells recordings, speech, voices and noise reduction; it keeps cents and credits apart, and
does wrong what it is told next. A run can be stepped, killed and begun again while others go on.
"""

import random
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path

from manifests import catalogue
from manifests.keys import Token, content_key, find_tokens, new_token, voiced
from manifests.money import Cents
from manifests.states import State
from runner import voices
from runner.api.interface import (
    Accepted,
    CreditRow,
    Doubtful,
    Job,
    JobStatus,
    NotSent,
    OutOfMoney,
    Rejected,
    SubmitOutcome,
    Throttled,
    UsageRow,
)
from runner.collect import Collector, recover
from runner.engine.engine import Engine
from runner.engine.journal import Journal
from runner.engine.messages import (
    Action,
    Approve,
    CreditsRead,
    Event,
    Listed,
    Load,
    ReadBilled,
    ReadCredits,
    Upload,
)
from runner.engine.task import Source, Task
from runner.engine.timing import Patience
from runner.engine.world import Terms
from runner.file_locks import FileLocks
from runner.ledger.rows import NewItem, Reservation
from runner.ledger.sqlite.ledger import SqliteLedger
from runner.lines import as_text
from runner.loop import Loop
from runner.others import Others
from runner.prepare import needed_voice
from support.virtual import START, Behaviour, FakeJob, VirtualService

SHORT = Patience(
    job=3600.0, settle=20.0, bill=30.0, doubt_looks=(0.0, 2.0, 6.0), first_look=1.0, longest_look=5.0
)
RATES = {
    product.name: product.rate
    for service in catalogue.load().services
    for product in (catalogue.Product(service, variant) for variant in service.variants)
}
BUYABLE = frozenset({State.PLANNED, State.RELEASED})


@dataclass(frozen=True)
class Ware:
    """Something that every manifest of the town wants, under one content key."""

    name: str
    product: str
    expected: int
    ceiling: int
    speaks_with: str = ""  # the name of a clone

    @property
    def service(self) -> str:
        """Of the catalogue."""
        return self.product.partition(":")[0]

    @property
    def sha256(self) -> str:
        """The digest of what is sent."""
        return self.name.encode().hex().ljust(64, "0")

    @property
    def key(self) -> str:
        """Its content key."""
        return content_key(self.sha256, self.product, self.options)

    @property
    def options(self) -> dict[str, object]:
        """Submit options."""
        if self.speaks_with:
            return voiced({}, "voice", next(w.key for w in WARES if w.name == self.speaks_with))
        return {"voice": "aura"} if self.service == "tts" else {}


WARES = (
    Ware("voice", "clone", 0, 3),
    Ware("talk", "transcription", 5, 6),
    Ware("interview", "transcription", 2, 2),
    Ware("letter", "tts", 5, 8),
    Ware("speech", "tts", 4, 7, speaks_with="voice"),
    Ware("noise", "denoise:balanced", 660, 667),
    Ware("hum", "denoise:balanced", 100, 120),
)


@dataclass
class Made(FakeJob):
    """A job, with what it was made of."""

    service: str = ""
    words: str = ""

    @property
    def currency(self) -> str:
        """What it is paid in."""
        return catalogue.load().service(self.service).currency

    @property
    def owed(self) -> int:
        """What it costs if it is done, or was."""
        return self.cents if self.fate is JobStatus.COMPLETED else 0


@dataclass
class Street:
    """What all runs see alike: the time, the jobs, and what goes wrong next."""

    does: Behaviour = field(default_factory=lambda: Behaviour(job_seconds=8.0, list_delay=1.0))
    now: float = START
    jobs: list[Made] = field(default_factory=list)
    submits: list[Upload] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    faults: deque[str] = field(default_factory=deque)

    def next_fault(self) -> str:
        """What happens to the next submit."""
        return self.faults.popleft() if self.faults else "well"


REFUSALS: dict[str, SubmitOutcome] = {
    "throttled": Throttled(1.0),
    "not sent": NotSent("cut"),
    "rejected": Rejected("no"),
    "short of money": OutOfMoney("402"),
    "lost before a job": Doubtful("504"),
}
FAULTS = ("lost", "well", "failed", "dear", "cheap", "longer", *REFUSALS)


class Door(VirtualService):
    """One run's way to the street's service."""

    def __init__(self, street: Street) -> None:
        self.street = street
        super().__init__(street.does)
        self.jobs, self.submits, self._numbers = street.jobs, street.submits, street.numbers  # type: ignore[assignment]

    @property
    def now(self) -> float:  # type: ignore[override]
        """The street's time, which only goes on."""
        return self.street.now

    @now.setter
    def now(self, value: float) -> None:
        self.street.now = max(self.street.now, value)

    def shut(self) -> None:
        """The process behind it is gone, with its connections."""
        self._heap.clear()
        self._uploads.clear()

    def _submitted(self, upload: Upload) -> SubmitOutcome:
        fault = self.street.next_fault()
        self.submits.append(upload)
        if fault in REFUSALS:
            return REFUSALS[fault]
        job = self._made(upload, fault)
        if fault == "lost":
            return Doubtful("reset")
        longer = 170_000 if fault == "longer" and job.service == "tts" else None
        return Accepted(job.job_id, longer)

    def _made(self, upload: Upload, fault: str) -> Made:
        (token,) = find_tokens([upload.order.upload_name])
        ware = next(ware for ware in WARES if ware.key.startswith(token.key_part))
        cents = {"dear": ware.ceiling + 2, "cheap": ware.expected // 2, "longer": ware.ceiling + 4}
        job = Made(
            job_id=str(next(self._numbers)),
            token=token,
            ends=self.now + self.does.job_seconds,
            fate=JobStatus.FAILED if fault == "failed" else JobStatus.COMPLETED,
            cents=0 if ware.service == "clone" else cents.get(fault, ware.expected),
            hidden_until=self.now + self.does.list_delay,
            service=ware.service,
            words=ware.sha256 if ware.service == "tts" else "",
        )
        self.street.jobs.append(job)
        return job

    def _read(self, action: Action) -> Event:
        self._settle()
        match action:
            case ReadBilled(service, _, known):
                found = [job for job in self.street.jobs if job.service == service and self._shown(job)]
                return Listed(
                    service, tuple(self._view(job) for job in found if job.job_id not in known), frozenset()
                )
            case ReadCredits():
                paid = [job for job in self.street.jobs if job.currency == "credits" and job.charged]
                rows = [CreditRow(job.job_id, "denoise_audio", job.cents, 60) for job in paid]
                return CreditsRead(tuple(rows))
        return super()._read(action)

    def _shown(self, job: Made) -> bool:
        return job.charged and job.billed_at <= self.now

    def _view(self, job: FakeJob) -> Job:
        assert isinstance(job, Made)
        seen = super()._view(job)
        return replace(seen, tokens=frozenset(), text_sha256=job.words) if job.words else seen

    def _rows(self) -> Iterator[UsageRow]:
        for job in reversed(self.street.jobs):
            if job.currency == "cents" and job.cents and self._shown(job):
                service_type = catalogue.load().service(job.service).wallet[0]
                yield UsageRow(f"row {job.job_id}", service_type, Cents(job.cents), 60, job.job_id)


class WatchedLedger(SqliteLedger):
    """Looks at the cap after each reservation: it is the one act that a cap refuses."""

    def reserve(self, wish: Reservation) -> int:
        made = super().reserve(wish)
        in_cents = wish.currency == "cents"
        amounts = self.amounts(wish.manifest_id) if in_cents else self.credits(wish.manifest_id)
        assert amounts.committed <= amounts.cap
        return made


class Neighbour:
    """One manifest, and its run if one is under way."""

    def __init__(self, folder: Path, street: Street, name: str, seed: int) -> None:
        self.folder, self.street, self.name = folder, street, name
        self.ledger = WatchedLedger(folder / "ledger.db", lambda: street.now)
        self.ledger.db.execute("PRAGMA synchronous = OFF")
        self._hex, self._rng = random.Random(f"{name} {seed}"), random.Random(seed)
        self.loop: Loop | None = None
        with self.ledger.transaction():
            self.ledger.put_manifest(name, folder / "m.yaml", Cents(0), 0)
            self.ledger.put_items(name, [item_of(ware) for ware in WARES])

    @property
    def running(self) -> bool:
        """Whether a run is under way."""
        return self.loop is not None

    def set_caps(self, cents: int, credits_: int) -> None:
        """As `run --max-spend --max-credits` does."""
        with self.ledger.transaction():
            self.ledger.put_manifest(self.name, self.folder / "m.yaml", Cents(cents), credits_)

    def begin(self) -> None:
        """What a run does first: lock, recover, load what is bought, and approve the rest.

        Nothing begins while another run has taken over what an earlier one of this manifest left.
        """
        self.locks, self.door = FileLocks(self.folder / "locks", lambda _: None), Door(self.street)
        if not self.locks.try_take(self.name):
            return
        recover(self.ledger, self.name)
        self.engine = Engine(
            Terms(self.name, RATES, SHORT, 3),
            lambda key: new_token(key, lambda size: self._hex.randbytes(size).hex()).text,
            self._rng,
        )
        self.loop = Loop(self.engine, Journal(self.ledger, self.name), self, lambda: self.street.now)
        self.others = Others(self.ledger, self.locks, self.name)
        self.others.take_over()
        collector = Collector(self.ledger, self.name, self.folder / self.name, self.others.is_ours)
        rows = self.ledger.items(self.name)
        tasks = collector.tasks(rows)
        tasks += collector.unsettled(tasks)
        self.engine.credits.know(self.ledger.done_in_credits(0.0))
        self.loop.run([Load(tuple(tasks))], until=lambda: True)
        self._approve(collector)

    def _approve(self, collector: Collector) -> None:
        assert self.loop is not None
        rows = self.ledger.items(self.name)
        self.engine.voices.know(voices.made(rows))
        tasks = []
        for row in rows:
            if row.state in BUYABLE:
                ware = next(each for each in WARES if each.key == row.content_key)
                tasks.append(self._to_buy(collector.task(row), ware))
                tasks[-1].targets.append(collector.target(row))
        self.engine.world.tasks.update({task.part_id: task for task in tasks})
        self.loop.run([Approve(tuple(task.part_id for task in tasks))], until=lambda: True)

    def _to_buy(self, task: Task, ware: Ware) -> Task:
        """A task as the gate lets it through: not bound to any earlier attempt."""
        path = Path(f"{ware.name}.wav")
        return replace(
            task,
            manifest_id=self.name,
            expected=Cents(ware.expected),
            ceiling=Cents(ware.ceiling),
            source=Source(path, 10, ((0, 10),), ware.sha256),
            needs=needed_voice(catalogue.load().product(ware.product), task.fields),
            attempt_id=0,
            token="",
            job_id="",
            foreign=False,
        )

    def step(self, takes: int) -> None:
        """Go on for a while; a run that is done ends."""
        if self.loop is None:
            return
        left = count(-takes)
        self.loop.run([], until=lambda: self.engine.done or next(left) >= 0)
        if self.engine.done:
            self.loop.finish()
            self._over()

    def kill(self) -> None:
        """The process is gone."""
        if self.loop is not None:
            self._over()

    def _over(self) -> None:
        self.door.shut()
        self.locks.release()
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
        return events + self.others.seen(list(self.engine.world.tasks.values()), self.street.now)


def item_of(ware: Ware) -> NewItem:
    """The line that wants a ware."""
    return NewItem(
        line=ware.name,
        file=f"{ware.name}.wav",
        size=10,
        print="p",
        base=ware.name,
        wanted='{"formats":["json"]}',
        content_key=ware.key,
        sha256=ware.sha256,
        product=ware.product,
        options=as_text(ware.options),
        generation=0,
        audio_bytes=10,
    )


def jobs_by_token(street: Street) -> dict[Token, Made]:
    """The jobs of a street."""
    return {job.token: job for job in street.jobs}
