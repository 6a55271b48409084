"""The simulator's jobs and what becomes of their money, without any I/O: the time is always an argument."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from simulator.books import Books, Download, Fate, Job, Order, PaidBy, Reason, Status, Submit
from simulator.purses import CreditAccount, Wallet
from simulator.usage import UsageBook

FIRST_ID = 1001
"""Every service counts its jobs from here, so that mixed-up ids are found out (docs/api.md 19)."""


class ShortOfMoneyError(Exception):
    """Neither the wallet nor credits cover a job. Amounts in cents."""

    def __init__(self, required_cents: int, available_cents: int) -> None:
        super().__init__(f"required {required_cents}, available {available_cents}")
        self.required_cents = required_cents
        self.available_cents = available_cents


class ShortOfCreditsError(Exception):
    """Account credits do not cover a job that nothing else pays."""

    def __init__(self, required: int, available: int) -> None:
        super().__init__(f"required {required} credits, available {available}")
        self.required = required
        self.available = available


@dataclass(frozen=True, slots=True)
class Rules:
    """How money moves; switches of the scenario (docs/api.md 19)."""

    charge_at_submit: bool = False
    credits_fallback: bool = False


@dataclass(slots=True)
class Bookkeeper:
    """Takes orders, holds and settles their price, and remembers everything that reached the simulator."""

    rules: Rules = field(default_factory=Rules)
    wallet: Wallet = field(default_factory=Wallet)
    credits: CreditAccount = field(default_factory=CreditAccount)
    usage: UsageBook = field(default_factory=UsageBook)
    jobs: dict[tuple[str, int], Job] = field(default_factory=dict)
    submits: list[Submit] = field(default_factory=list)
    downloads: list[Download] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    _due: list[tuple[float, int, tuple[str, int]]] = field(default_factory=list)
    _started: int = 0
    _ids: dict[str, list[int]] = field(default_factory=dict)
    _tokens: Counter[str] = field(default_factory=Counter)

    def open_job(self, order: Order, fate: Fate, now: float, takes: float) -> Job:
        """Hold an order's price and start its job.

        Raises ShortOfMoneyError when nothing covers it, ShortOfCreditsError when only credits could.
        `takes` is how many seconds the job runs, unless its fate says something else.
        """
        hold = order.cents if order.hold_cents is None else order.hold_cents
        paid_by = self._payer(order, hold)
        ids = self._ids.setdefault(order.service, [])
        ends = None if fate.ending == "NEVER" else now + (takes if fate.seconds is None else fate.seconds)
        job = Job(FIRST_ID + len(ids), order, fate, now, ends, paid_by=paid_by)
        ids.append(job.id)
        self._keep(self._hold(job, hold, now))
        self._await(job)
        self._note_token(order)
        return self.jobs[job.service, job.id]

    def newest_first(self, service: str) -> Iterator[Job]:
        """The jobs of a service that were not deleted."""
        for number in reversed(self._ids.get(service, [])):
            job = self.jobs[service, number]
            if job.deleted_at is None:
                yield job

    def advance(self, now: float) -> None:
        """Settle every job that has ended by now, in the order in which they ended."""
        while self._due and self._due[0][0] <= now:
            ended_at, _, key = heapq.heappop(self._due)
            if self.jobs[key].status == "RUNNING":
                self._settle(self.jobs[key], ended_at)

    def delete(self, job: Job, now: float) -> None:
        """Forget a job for the API; one that still runs is cancelled and its money given back."""
        if job.status == "RUNNING":
            job = self.cancel(job, now)
        self._keep(replace(job, deleted_at=now))

    def cancel(self, job: Job, now: float) -> Job:
        """End a job that still runs, and give its money back."""
        return self._end(self._give_back(job, now), "CANCELLED", now)

    def run_again(self, job: Job, fate: Fate, now: float, takes: float) -> Job:
        """Start a job that has failed once more, under its number and for nothing."""
        ends = None if fate.ending == "NEVER" else now + (takes if fate.seconds is None else fate.seconds)
        job = replace(
            job,
            order=replace(job.order, cents=0, credits=0),
            # What the failed job was charged has its usage row already.
            fate=replace(fate, usage="never"),
            status="RUNNING",
            finishes_at=ends,
            ended_at=None,
            paid_by="wallet",
        )
        self._keep(job)
        self._await(job)
        return job

    def drain(self, cents: int, now: float) -> None:
        """Somebody else on this account spends up to `cents`; what is held stays."""
        taken = self.wallet.drain(cents)
        if taken:
            self.usage.write_stranger(taken, now)

    def snapshot(self) -> Books:
        """All books as they stand."""
        wallet, credits_ = self.wallet, self.credits
        return Books(
            jobs=tuple(self.jobs.values()),
            submits=tuple(self.submits),
            charges=tuple(wallet.charges),
            usage=tuple(self.usage.rows),
            topups=tuple(wallet.topups.values()),
            credit_usage=tuple(credits_.rows),
            downloads=tuple(self.downloads),
            violations=tuple(self.violations),
            balance_cents=wallet.balance_cents,
            holds_cents=wallet.held_cents,
            spent_cents=wallet.spent_cents,
            drained_cents=wallet.drained_cents,
            topup_cents=wallet.topup_cents,
            credits=credits_.balance,
            credits_held=credits_.held,
            credits_spent=credits_.spent,
        )

    def _await(self, job: Job) -> None:
        """Remember when a job ends."""
        if job.finishes_at is not None:
            self._started += 1
            heapq.heappush(self._due, (job.finishes_at, self._started, (job.service, job.id)))

    def _payer(self, order: Order, hold: int) -> PaidBy:
        """What pays: the wallet first, then credits where the order or the rules allow them."""
        if order.paid_by == "wallet" and hold <= max(0, self.wallet.available_cents):
            return "wallet"
        may_use_credits = order.paid_by == "credits" or self.rules.credits_fallback
        if may_use_credits and order.credits <= self.credits.available:
            return "credits"
        if order.paid_by == "credits":
            raise ShortOfCreditsError(order.credits, max(0, self.credits.available))
        raise ShortOfMoneyError(hold, max(0, self.wallet.available_cents))

    def _hold(self, job: Job, cents: int, now: float) -> Job:
        if job.paid_by == "credits":
            self.credits.held += job.order.credits
            return replace(job, hold_credits=job.order.credits)
        if self.rules.charge_at_submit:
            return self._charge(job, job.order.cents, now, "job")
        self.wallet.hold(cents)
        return replace(job, hold_cents=cents)

    def _settle(self, job: Job, now: float) -> None:
        """Let a job end as its fate wants it, and move its money."""
        match job.fate.ending:
            case "COMPLETED":
                self._end(self._collect(job, now, "job"), "COMPLETED", now)
            case "FAILED" if job.fate.charged:
                self._end(self._collect(job, now, "failed job"), "FAILED", now)
            case "FAILED":
                self._end(self._give_back(job, now), "FAILED", now)
            case "CANCELLED":
                self._end(self._give_back(job, now), "CANCELLED", now)

    def _collect(self, job: Job, now: float, reason: Reason) -> Job:
        """Charge a job, and write the usage row that shows it."""
        job = self._unhold(job)
        order = job.order
        if job.paid_by == "credits":
            self.credits.charge(order.service_type, order.credits, order.seconds, now)
            return replace(job, charged_credits=order.credits)
        if not job.charged_cents:
            job = self._charge(job, order.cents, now, reason)
        if job.fate.extra_cents:
            job = self._charge(job, job.fate.extra_cents, now, "extra")
        if job.charged_cents:
            self.usage.write(job, job.charged_cents, now)
        return job

    def _give_back(self, job: Job, now: float) -> Job:
        """Release what is held, and return what was charged at the submit."""
        if job.charged_cents:
            job = self._charge(job, -job.charged_cents, now, "refund")
        return self._unhold(job)

    def _unhold(self, job: Job) -> Job:
        self.wallet.unhold(job.hold_cents)
        self.credits.held -= job.hold_credits
        return replace(job, hold_cents=0, hold_credits=0)

    def _charge(self, job: Job, cents: int, now: float, reason: Reason) -> Job:
        if not cents:
            return job
        self.wallet.charge(job.service, job.id, cents, now, reason)
        return replace(job, charged_cents=job.charged_cents + cents)

    def _end(self, job: Job, status: Status, now: float) -> Job:
        job = replace(job, status=status, ended_at=now)
        self._keep(job)
        return job

    def _keep(self, job: Job) -> None:
        self.jobs[job.service, job.id] = job

    def _note_token(self, order: Order) -> None:
        if order.token is None:
            return
        self._tokens[order.token] += 1
        if self._tokens[order.token] > 1:
            self.violations.append(f"token {order.token} made {self._tokens[order.token]} jobs")
