"""The service of a simulated fleet, and its own books: jobs, charges, a wallet; millions of them."""

import heapq
import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from manifests.keys import Token
from manifests.money import Cents
from runner.api.interface import Accepted, Balance, Job, JobsPage, JobStatus, OutOfMoney, UsageRow
from runner.reading import LIST_PAGES

SERVICE = "transcription"
PAGE = 100
BYTES_A_SECOND = 1_000
"""Of a recording: its size tells its length, and so its price."""


@dataclass(frozen=True, slots=True)
class Nature:
    """How the service is; seconds, and shares of jobs."""

    job: tuple[float, float] = (10.0, 60.0)  # how long a job takes
    unlisted: float = 2.0  # until a job shows in the list, at most
    unbilled: float = 20.0  # until a charge shows in the usage, at most
    failing: float = 0.003
    failing_charged: float = 0.0005
    a_second: float = 1_000.0  # submits that it takes in one second, of all together


@dataclass(slots=True)
class Made:
    """A job."""

    number: int
    token: str
    cents: int
    ends: float
    listed: float
    fate: JobStatus
    charged: bool

    def view(self, now: float) -> Job:
        """As a list shows it."""
        status = self.fate if self.ends <= now else JobStatus.RUNNING
        error = "broken" if status is JobStatus.FAILED else ""
        return Job(str(self.number), status, frozenset({Token(self.token)}), error)


@dataclass
class Books:
    """What the service knows of this wallet. Its clock is the true one."""

    clock: Callable[[], float]
    wallet: int
    rng: random.Random
    nature: Nature = field(default_factory=Nature)
    jobs: list[Made] = field(default_factory=list)  # as they were made: number n is at n - 1
    rows: list[int] = field(default_factory=list)  # numbers of the charged jobs, as their rows appeared
    taken: int = 0
    held: int = 0
    _places: dict[int, int] = field(default_factory=dict)  # number -> place in `rows`
    _by_token: dict[str, int] = field(default_factory=dict)
    _ends: list[tuple[float, int]] = field(default_factory=list)
    _shows: list[tuple[float, int]] = field(default_factory=list)
    _second: tuple[float, int] = (0.0, 0)

    # -- what it sells

    def submit(self, token: str, size: int) -> Accepted | OutOfMoney | None:
        """A job for a token and a recording of so many bytes; None: too many of them just now."""
        now = self.clock()
        self.settle()
        start, count = self._second
        start, count = (start, count) if now - start < 1.0 else (now, 0)
        self._second = (start, count + 1)
        if count >= self.nature.a_second:
            return None
        cents = price(size)
        if self.taken + self.held + cents > self.wallet:
            return OutOfMoney("402", Cents(cents), Cents(self.wallet - self.taken - self.held))
        return Accepted(str(self._make(token, cents, now).number))

    def _make(self, token: str, cents: int, now: float) -> Made:
        dice = self.rng.random()
        charged_failure = dice < self.nature.failing_charged
        fails = dice < self.nature.failing + self.nature.failing_charged
        job = Made(
            number=len(self.jobs) + 1,
            token=token,
            cents=cents,
            ends=now + self.rng.uniform(*self.nature.job),
            listed=now + self.rng.uniform(0, self.nature.unlisted),
            fate=JobStatus.FAILED if fails else JobStatus.COMPLETED,
            charged=charged_failure or not fails,
        )
        self.jobs.append(job)
        self._by_token[token] = job.number
        self.held += cents
        heapq.heappush(self._ends, (job.ends, job.number))
        return job

    def settle(self) -> None:
        """Charge what has ended by now, and show the charges that are due."""
        now = self.clock()
        while self._ends and self._ends[0][0] <= now:
            at, number = heapq.heappop(self._ends)
            job = self.jobs[number - 1]
            self.held -= job.cents
            if job.charged:
                self.taken += job.cents
                heapq.heappush(self._shows, (at + self.rng.uniform(0, self.nature.unbilled), number))
        while self._shows and self._shows[0][0] <= now:
            number = heapq.heappop(self._shows)[1]
            self._places[number] = len(self.rows)
            self.rows.append(number)

    # -- what it tells

    def job(self, number: str) -> Job | None:
        """One job."""
        place = int(number)
        return self.jobs[place - 1].view(self.clock()) if 1 <= place <= len(self.jobs) else None

    def pages(self) -> Iterator[JobsPage]:
        """The list, newest first, as it is now."""
        now = self.clock()
        newest = (job for job in reversed(self.jobs) if job.listed <= now)
        while page := tuple(job.view(now) for job in islice(newest, PAGE)):
            yield JobsPage(page)

    def find(self, numbers: Iterable[str], tokens: Iterable[Token]) -> tuple[list[Job], int]:
        """The jobs that a reading of the list would show, and the pages that it takes.

        A reading ends once it has seen all that it was asked for, and after so many pages all the same.
        """
        now = self.clock()
        wanted = [int(number) for number in numbers]
        searched = [self._by_token.get(token.text, 0) for token in tokens]
        found = [self.jobs[n - 1] for n in (*wanted, *filter(None, searched))]
        oldest = min([*wanted, *filter(None, searched)], default=len(self.jobs))
        whole = not all(searched) or any(job.listed > now for job in found)
        depth = len(self.jobs) if whole else len(self.jobs) - oldest + 1
        pages = min(LIST_PAGES, -(-depth // PAGE))
        reached = len(self.jobs) - pages * PAGE
        return [job.view(now) for job in found if job.listed <= now and job.number > reached], pages

    def usage_pages(self) -> Iterator[tuple[UsageRow, ...]]:
        """The charges, newest first, as they are now."""
        self.settle()
        newest = reversed(self.rows[:])
        while page := tuple(self._row(number) for number in islice(newest, PAGE)):
            yield page

    def bills(self, numbers: Iterable[str]) -> tuple[UsageRow, ...]:
        """The charges of some jobs as far as they show."""
        self.settle()
        places = [self._places.get(int(number)) for number in numbers]
        shown = sorted((place for place in places if place is not None), reverse=True)
        return tuple(self._row(self.rows[place]) for place in shown)

    def row_count(self) -> int:
        """How many charges show by now."""
        self.settle()
        return len(self.rows)

    def _row(self, number: int) -> UsageRow:
        job = self.jobs[number - 1]
        return UsageRow(f"row {number}", SERVICE, Cents(job.cents), 60, str(number))

    def balance(self) -> Balance:
        """The wallet."""
        self.settle()
        return Balance(Cents(self.wallet - self.taken), Cents(self.taken))

    # -- its books

    def paid_twice(self) -> list[str]:
        """The content keys, as far as tokens show them, that more than one job was charged for."""
        seen: set[str] = set()
        twice: list[str] = []
        for job in self.jobs:
            part = Token(job.token).key_part
            if job.charged:
                (twice.append if part in seen else seen.add)(part)
        return twice

    def number(self, token: str) -> int:
        """The job that it made for a token; 0 where it made none."""
        return self._by_token.get(token, 0)


def price(size: int) -> int:
    """Cents for a recording of so many bytes: one a minute that was begun."""
    return max(1, -(-size // BYTES_A_SECOND // 60))
