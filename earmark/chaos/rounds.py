"""One round: batches are planned, run under kills and faults, run to their end, the accounts compared."""

import random
import signal
import time
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import TYPE_CHECKING

from earmark.chaos import audit
from earmark.chaos.accounts import Attempt, LedgerView
from earmark.chaos.audit import Findings
from earmark.chaos.batches import CREDITS, Batch
from earmark.chaos.commands import Ended, Started
from earmark.chaos.house import House
from earmark.chaos.ills import RECOVERED, Ills
from earmark.chaos.watch import Watch, watching
from earmark.crashing import CRASH_AT
from manifests.exits import Exit
from manifests.money import Cents, plain
from manifests.text import read_manifest
from runner.points import Point

if TYPE_CHECKING:
    from simulator import Books

MOST_RUNS = 7
"""Runs of a bad day, at most."""

LONGEST = 2.0
"""Seconds after which a run is killed, at the latest."""

WAIT = "4s"
"""How long a run waits for a job that never ends."""

GO_ON = 12
"""Runs after which a manifest that is not at its end never gets there."""

QUIET = 0.3
"""Seconds in which the service has made a job of every order that a killed run had sent in full."""

ENOUGH = 10_000
"""Cents in the wallet once nobody drains it any more."""

LOOK = 0.02
"""Seconds between two looks for the first job."""

BY_ITSELF = frozenset(
    {
        Exit.DONE,
        Exit.SOME_FAILED,
        Exit.REFUSED,
        Exit.OUT_OF_MONEY,
        Exit.IN_DOUBT,
        Exit.SERVICE_DOWN,
        Exit.STOPPED_AS_TOLD,
    }
)
"""How a run may end on a bad day, if no signal ends it."""

SIGNALLED = BY_ITSELF | {Exit.INTERRUPTED, Exit.TERMINATED}

AT_A_POINT = "SIGKILL at a point"
"""The run kills itself at one of its durable steps."""

_DEATHS = {"SIGKILL": 4, AT_A_POINT: 6, "SIGINT": 2, "SIGTERM": 2, "SIGINT twice": 1, "": 1}
"""How runs end, each with its weight."""

TOGETHER, TWICE = 0.4, 0.05
"""How often all manifests run at once, and one of them twice at once: then one run finds the lock taken."""

SIGNALS: dict[str, tuple[int, ...]] = {
    "SIGKILL": (signal.SIGKILL,),
    "SIGINT": (signal.SIGINT,),
    "SIGTERM": (signal.SIGTERM,),
    "SIGINT twice": (signal.SIGINT, signal.SIGINT),
}


@dataclass(slots=True)
class Round:
    """One round in a house."""

    house: House
    rng: random.Random
    batches: Sequence[Batch]
    ills: Ills
    until: float
    """By the monotonic clock: then nothing more is killed, and the end begins."""
    kills: Counter[str] = field(default_factory=Counter)
    runs: int = 0
    reconciled: int = 0
    codes: dict[str, int] = field(default_factory=dict)
    """How the last run of each manifest ended, by its path."""
    findings: Findings = field(default_factory=Findings)

    def play(self) -> Findings:
        """All of it; what was found."""
        for batch in self.batches:
            self._expect(self.house.do(*batch.plan), {Exit.DONE})
        if not self.findings.clean:
            return self.findings
        self.house.script(self.ills.scenario)
        if self.rng.random() < 0.1:  # noqa: PLR2004 - somebody else spends what is in the wallet
            self.house.refill(self.rng.randint(0, 30))
        with watching(self.house) as watch:
            self._bad_day(watch)
            self.house.script(RECOVERED)
            self.house.refill(ENOUGH)
            if self._go_on(watch):
                self._end()
        self.findings += watch.findings
        return self.findings

    # -- the bad day -----------------------------------------------------------------------

    def _bad_day(self, watch: Watch) -> None:
        """Runs that are killed, in ones and twos, until all is done or it is enough."""
        for _ in range(self.rng.randint(2, MOST_RUNS)):
            if time.monotonic() > self.until or not self._well(watch):
                return
            batches = self._who_runs()
            deaths = [Death.drawn(self.rng) for _ in batches]
            twice = len(set(batches)) < len(batches)
            started = [
                self._run(batch, **death.environ) for batch, death in zip(batches, deaths, strict=True)
            ]
            # One of several may find the lock taken: by its twin, or by a run that looks after what it left.
            several = len(batches) > 1
            ended = [self._kill(*each, several=several) for each in zip(started, deaths, strict=True)]
            self._compare()
            if len(ended) == len(self.batches) and not twice and not any(each.code for each in ended):
                return

    def _who_runs(self) -> Sequence[Batch]:
        """One batch, all of them at once, or one of them twice at once."""
        one, number = self.rng.choice(self.batches), self.rng.random()
        if number < TWICE:
            return [one, one]
        return self.batches if number < TWICE + TOGETHER else [one]

    def _run(self, batch: Batch, **environ: str) -> Started:
        self.runs += 1
        return self.house.start(*run_words(batch), **environ)

    def _kill(self, process: Started, death: "Death", *, several: bool) -> Ended:
        """Leave a run some time, then end it as it is to be ended, or let it end."""
        codes = BY_ITSELF | {Exit.MACHINE} if several else BY_ITSELF
        if death.how != AT_A_POINT:
            process.wait(death.moment)
        if death.how == AT_A_POINT or not process.running:
            ended = process.end()
            self.kills[death.how] += ended.code == -signal.SIGKILL
            self._expect(ended, codes | {-signal.SIGKILL})
            return ended
        for number in death.signals:
            process.send(number)
            process.wait(death.gap)
        ended = process.end()
        self.kills[death.how] += bool(death.signals)
        self._expect(ended, codes | {-signal.SIGKILL} | SIGNALLED | _EARLY if death.signals else codes)
        return ended

    # -- the end of it ---------------------------------------------------------------------

    def _go_on(self, watch: Watch) -> bool:
        """Run every manifest until there is nothing left to do; False where it cannot go on."""
        for number in range(GO_ON):
            if not self._well(watch):
                return False
            time.sleep(QUIET)
            if number and self._at_the_end():
                return True
            for batch in self.batches:
                self._reconcile(batch)
                ended = self._run(batch).end()
                self._expect(ended, BY_ITSELF)
                self.codes[str(batch.manifest)] = ended.code
        self.findings += Findings(odd=self._unfinished())
        return self.findings.clean

    def _at_the_end(self) -> bool:
        return not self._unfinished()

    def _unfinished(self) -> tuple[str, ...]:
        ledger = self.house.ledger()
        codes = {name: self.codes.get(cap.path, Exit.IN_DOUBT) for name, cap in ledger.caps.items()}
        mine = {name: codes[name] for name in self._mine(ledger)}
        return tuple(audit.unfinished(ledger, self.house.books(), mine))

    def _mine(self, ledger: LedgerView) -> set[str]:
        """The ids of this round's manifests."""
        paths = {str(batch.manifest) for batch in self.batches}
        return {name for name, cap in ledger.caps.items() if cap.path in paths}

    def _reconcile(self, batch: Batch) -> None:
        """Decide about what is in doubt as a person would who looks it up in the account: by the truth."""
        ledger, books = self.house.ledger(), self.house.books()
        mine = {name for name, cap in ledger.caps.items() if cap.path == str(batch.manifest)}
        doubts = [each for each in ledger.attempts if each.state == "in doubt" and each.manifest in mine]
        words = [word for doubt in doubts if not doubt.superseded for word in _decision(doubt, ledger, books)]
        if not words:
            return
        self.reconciled += len(words) // 2
        self._expect(
            self.house.do("reconcile", str(batch.manifest), "--json", *words), {Exit.DONE, Exit.IN_DOUBT}
        )

    def _end(self) -> None:
        """Fetch what is missing, and compare everything."""
        for batch in self.batches:
            self._expect(self.house.do("fetch", str(batch.manifest)), BY_ITSELF)
        ledger = self.house.ledger()
        self.findings += audit.at_the_end(ledger, self.house.books(), self._mine(ledger))

    # -- comparing -------------------------------------------------------------------------

    def _well(self, watch: Watch) -> bool:
        return self.findings.clean and watch.findings.clean

    def _compare(self) -> None:
        self.findings += audit.at_rest(*self._still())

    def _still(self) -> "tuple[LedgerView, Books]":
        """Ledger and books of one moment: no job ended between the two readings."""
        while True:
            before = self.house.books()
            ledger = self.house.ledger()
            books = self.house.books()
            if [job.status for job in before.jobs] == [job.status for job in books.jobs]:
                return ledger, books

    def _expect(self, ended: Ended, codes: Collection[int]) -> None:
        self.findings += expected(ended, codes)


@dataclass(frozen=True, slots=True)
class Death:
    """How a run is to end; all of it drawn before it starts, so that a seed means the same each time."""

    how: str
    at: str  # a point
    moment: float  # seconds until the first signal
    gap: float  # and until the second one

    @classmethod
    def drawn(cls, rng: random.Random) -> "Death":
        """A death by chance; most of what can be cut in two happens early in a run."""
        how = rng.choices(list(_DEATHS), list(_DEATHS.values()))[0]
        at = f"{rng.choice(list(Point))}:{rng.choice((1, 1, 2, 3))}"
        return cls(how, at, LONGEST * rng.random() ** 2, rng.uniform(0.05, 0.6))

    @property
    def environ(self) -> dict[str, str]:
        """What the run is told."""
        return {CRASH_AT: self.at} if self.how == AT_A_POINT else {}

    @property
    def signals(self) -> tuple[int, ...]:
        """What is sent to it."""
        return SIGNALS.get(self.how, ())


class OneKill(Round):
    """A round with nothing left to chance: one run, killed as soon as the service has a job of it."""

    def _bad_day(self, watch: Watch) -> None:  # noqa: ARG002 - nothing goes wrong here that would end it
        process = self._run(self.batches[0])
        while process.running and not self.house.books().jobs:
            process.wait(LOOK)
        if process.running:
            self.kills["SIGKILL"] += 1
            process.send(signal.SIGKILL)
        self._expect(process.end(), BY_ITSELF | {-signal.SIGKILL})
        self._compare()


_EARLY = frozenset({Exit.MACHINE, -signal.SIGINT, -signal.SIGTERM})
"""Ends of a run that a signal met before it had begun."""

_UNBORN = "init_import_site"
"""What Python says where a signal met it before it ran anything of ours."""


def run_words(batch: Batch) -> tuple[str, ...]:
    """The command that runs a batch within its cap."""
    cap = Cents(ceil(read_manifest(batch.manifest).ceiling * batch.cap_share))
    words = ["run", str(batch.manifest), "--max-spend", plain(cap), "--wait", WAIT, "-y"]
    words += ["--fit"] if batch.cap_share < 1 else []
    return (*words, "--max-credits", str(CREDITS)) if batch.credits else tuple(words)


def _decision(doubt: Attempt, ledger: LedgerView, books: "Books") -> Iterator[str]:
    """What is typed about a doubt: the job that it made, or that it made none."""
    known = ledger.by_job
    for job in books.jobs_of(doubt.service):
        tokenless = job.order.token is None and job.order.sha256 == doubt.sha256
        if (job.order.token == doubt.token or tokenless) and (job.service, str(job.id)) not in known:
            yield from ("--adopt", f"{doubt.token}={job.id}")
            return
    yield from ("--send-again", doubt.token)


def expected(ended: Ended, codes: Collection[int]) -> Findings:
    """A command's end is odd, unless it is one of these."""
    name = f"`{' '.join(ended.words)}`"
    if ended.hung:
        return Findings(odd=(f"{name} did not end",))
    if ended.code in codes and not (ended.code >= 0 and "Traceback" in ended.err):
        return Findings()
    if -signal.SIGINT in codes and _UNBORN in ended.err and "KeyboardInterrupt" in ended.err:
        return Findings()
    last = (ended.err.strip() or ended.out.strip()).splitlines()[-1:] or ["it says nothing"]
    return Findings(odd=(f"{name} ended with {ended.code}: {last[0]}",))


def fetch_all(house: House) -> Findings:
    """Bring to every manifest what another one has bought since, and compare everything."""
    found = expected(house.do("fetch", "--all"), BY_ITSELF)
    found += expected(house.do("ledger", "check"), {Exit.DONE})  # each byte of each result, too
    ledger = house.ledger()
    return found + audit.at_the_end(ledger, house.books(), ledger.caps)
