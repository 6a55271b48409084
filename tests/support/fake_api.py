"""An account in memory behind the interface of the API: it answers, counts, and refuses as it is told."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import count
from pathlib import Path
from threading import Lock

from manifests import catalogue
from manifests.keys import find_tokens
from manifests.money import Cents, Rate
from runner.api.errors import Gone
from runner.api.interface import (
    Accepted,
    Balance,
    BalanceCheck,
    Cancelled,
    CreditRow,
    Job,
    JobsPage,
    JobStatus,
    Order,
    Received,
    ResultFile,
    SubmitOutcome,
    UsageRow,
)

STEMS = ("vocals.wav", "no_vocals.wav")
RATES = {"transcription": Fraction(1), "stem_extraction": Fraction(10)}


def no_word(_order: Order, _nth: int) -> SubmitOutcome | None:
    """Every submit makes a job."""
    return None


@dataclass
class FakeApi:
    """A service whose jobs are done as soon as they are made; it may be called from any thread."""

    balance_cents: int = 1000
    credits_left: int | None = None
    credits_each: int = 660  # of each job that credits pay
    live: dict[str, Rate] = field(default_factory=lambda: dict(RATES))
    cents: int = 1  # of each job
    ends: JobStatus = JobStatus.COMPLETED
    page_size: int = 100
    outcome: Callable[[Order, int], SubmitOutcome | None] = no_word  # None: a job is made
    lists: dict[str, list[Job]] = field(default_factory=dict)  # by service, newest first
    rows: list[UsageRow] = field(default_factory=list)  # newest first
    results: Sequence[str] | None = None  # names of every job's results; None: as the service has them
    content: Mapping[str, bytes] = field(default_factory=dict)  # by name; others hold their own name
    errors: dict[str, list[BaseException]] = field(default_factory=dict)  # by call: met one by one
    on_call: Callable[[str], None] = lambda _name: None
    credit_usage: list[CreditRow] | None = None  # newest first
    second: BalanceCheck | None = None  # what it says of its balance; None: yes
    checked: list[tuple[str, int]] = field(default_factory=list)  # the lengths it was asked about
    calls: list[str] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)  # that made a job, or were refused
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))
    _lock: Lock = field(default_factory=Lock)

    # -- the calls

    def submit(self, order: Order, last_chunk: Callable[[], bool]) -> SubmitOutcome:
        self._meet("submit")
        if not last_chunk():
            return Cancelled()
        with self._lock:
            self.orders.append(order)
            refused = self.outcome(order, len(self.orders))
            return refused or Accepted(self.make(order).job_id)

    def pages(self, service: str) -> Iterator[JobsPage]:
        jobs = list(self.lists.get(service, ()))
        for start in range(0, max(len(jobs), 1), self.page_size):
            self._meet("pages")
            yield JobsPage(tuple(jobs[start : start + self.page_size]))

    def job(self, service: str, job_id: str) -> Job:
        self._meet("job")
        for job in self.lists.get(service, ()):
            if job.job_id == job_id:
                return job
        raise Gone(f"job {job_id}: 404")

    def result_files(self, service: str, job_id: str, wanted: Mapping[str, object]) -> list[ResultFile]:
        self._meet("result_files")
        names = self._names(service, wanted) if self.results is None else self.results
        return [ResultFile(name, f"memory:{service}/{job_id}/{name}") for name in names]

    def download(self, result: ResultFile, into: Path) -> Received:
        self._meet("download")
        data = self.content.get(result.name, result.name.encode())
        with into.open("xb") as file:
            file.write(data)
            self._meet("download halfway")
        return Received(into, len(data), hashlib.sha256(data).hexdigest())

    def balance(self) -> Balance:
        self._meet("balance")
        spent = sum(row.cents for row in self.rows)
        return Balance(Cents(self.balance_cents - spent), Cents(spent))

    def credits(self) -> int | None:
        self._meet("credits")
        return self.credits_left

    def credit_rows(self) -> list[CreditRow] | None:
        self._meet("credit_rows")
        return self.credit_usage

    def rates(self) -> dict[str, Rate]:
        self._meet("rates")
        return dict(self.live)

    def service_types(self) -> list[str]:
        self._meet("service_types")
        return list(self.live)

    def check_balance(self, service_type: str, seconds: int) -> BalanceCheck:
        self._meet("check_balance")
        self.checked.append((service_type, seconds))
        return self.second or BalanceCheck(can_proceed=True)

    def usage_pages(self) -> Iterator[tuple[UsageRow, ...]]:
        rows = list(self.rows)
        for start in range(0, max(len(rows), 1), self.page_size):
            self._meet("usage_pages")
            yield tuple(rows[start : start + self.page_size])

    # -- behind them

    def fail(self, call: str, *errors: BaseException) -> None:
        """Let the next calls of a kind meet these errors, one by one."""
        self.errors.setdefault(call, []).extend(errors)

    def add_job(self, service: str, order_name: str, status: JobStatus = JobStatus.COMPLETED) -> Job:
        """A job that is there already, made by an upload of this name."""
        job = Job(str(next(self._numbers)), status, frozenset(find_tokens([order_name])))
        self.lists.setdefault(service, []).insert(0, job)
        return job

    def add_row(self, service: str, job_id: str, cents: int) -> None:
        """A row of the wallet's usage; what credits pay leaves the credits, with a row that names no job."""
        if catalogue.load().service(service).currency == "credits":
            self.credits_left = (self.credits_left or 0) - self.credits_each
            row = CreditRow(f"credits {job_id}", "denoise_audio", self.credits_each, 60)
            self.credit_usage = [row, *(self.credit_usage or ())]
            return
        service_type = catalogue.load().service(service).wallet[0]
        self.rows.insert(0, UsageRow(f"{service_type} {job_id}", service_type, Cents(cents), 60, job_id))

    def make(self, order: Order) -> Job:
        """A job for an order, whatever is answered; one that speaks shows its words, and nobody's name."""
        words = order.fields.get("input_text")
        job = self.add_job(order.service, "" if words else order.upload_name, self.ends)
        if words:
            job = replace(job, text_sha256=hashlib.sha256(str(words).encode()).hexdigest())
            self.lists[order.service][0] = job
        if self.ends is JobStatus.COMPLETED:
            self.add_row(order.service, job.job_id, self.cents)
        return job

    @staticmethod
    def _names(service: str, wanted: Mapping[str, object]) -> Sequence[str]:
        if catalogue.load().service(service).result == "folder":
            return STEMS
        formats = wanted.get("formats", ())
        assert isinstance(formats, (list, tuple))
        return tuple(dict.fromkeys(("json", *formats)))

    def _meet(self, name: str) -> None:
        self.on_call(name)
        with self._lock:
            self.calls.append(name)
            waiting = self.errors.get(name)
            error = waiting.pop(0) if waiting else None
        if error is not None:
            raise error
