"""What the simulator writes down: frozen values, and the picture of all of it at one moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal

Ending = Literal["COMPLETED", "FAILED", "CANCELLED", "NEVER"]
Status = Literal["RUNNING", "COMPLETED", "FAILED", "CANCELLED"]
UsageForm = Literal["normal", "never", "twice", "split", "without_job_id"]
PaidBy = Literal["wallet", "credits"]
Reason = Literal["job", "failed job", "extra", "refund"]


@dataclass(frozen=True, slots=True)
class Fate:
    """How a job will end, and what will be odd about it; the default is a job that goes well."""

    ending: Ending = "COMPLETED"
    charged: bool = False
    """A job that failed is charged all the same."""
    word: str | None = None
    """A status word of the scenario's own: for the end of a job that fails or is cancelled, for others while
    they run."""
    message: str | None = None
    hides_result: bool = False
    usage: UsageForm = "normal"
    usage_delay: float = 0.0
    extra_cents: int = 0
    seconds: float | None = None
    """How long the job takes, in place of the scenario's `job_seconds`."""


@dataclass(frozen=True, slots=True)
class Order:
    """One paid piece of work as it was asked for, priced."""

    service: str
    service_type: str
    variant: str
    cents: int
    credits: int
    seconds: int
    """Whole seconds that are billed."""
    measured: Fraction
    """The length that the simulator measured, in seconds."""
    name: str = ""
    sha256: str = ""
    size: int = 0
    token: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    """As they came over the wire."""
    outputs: tuple[str, ...] = ()
    """Names of the result files that the job will have, where they depend on the order."""
    address: str | None = None
    """Where the input was fetched from, when it was not uploaded."""
    hold_cents: int | None = None
    """Set aside at the submit, where it differs from the price (services paid by their output)."""
    paid_by: PaidBy = "wallet"
    api_key_id: str = ""


@dataclass(frozen=True, slots=True)
class Job:
    """One job: its order, its state, and what was taken for it."""

    id: int
    order: Order
    fate: Fate
    created_at: float
    finishes_at: float | None
    """When it will end; nothing for a job that never does."""
    status: Status = "RUNNING"
    hold_cents: int = 0
    hold_credits: int = 0
    charged_cents: int = 0
    charged_credits: int = 0
    paid_by: PaidBy = "wallet"
    ended_at: float | None = None
    deleted_at: float | None = None

    @property
    def service(self) -> str:
        """Our name of the service."""
        return self.order.service


@dataclass(frozen=True, slots=True)
class Submit:
    """One submit that reached the simulator, whether it made a job or not."""

    service: str
    name: str
    """The multipart part's file name as it was received; of a text or a prompt, what stands for its name."""
    sha256: str
    """Of the bytes that arrived."""
    size: int
    """Bytes that arrived."""
    at: float
    job_id: int | None
    token: str | None
    answer: str
    """The status that was answered, or the fault that took the answer's place."""
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Charge:
    """Money that a job took from the wallet; a refund is negative."""

    service: str
    job_id: int
    cents: int
    at: float
    reason: Reason


@dataclass(frozen=True, slots=True)
class UsageRow:
    """One row of the wallet's usage, shown from `visible_from` on."""

    id: str
    service_type: str
    seconds: int
    cents: int
    job_id: str | None
    api_key_id: str | None
    at: float
    visible_from: float


@dataclass(frozen=True, slots=True)
class CreditRow:
    """One row of the account's credit usage; it names no job (docs/api.md 16)."""

    id: str
    service_type: str
    credits: int
    seconds: int
    at: float


@dataclass(frozen=True, slots=True)
class TopUp:
    """Money put into the wallet, or a checkout that nobody has paid yet."""

    id: str
    cents: int
    at: float
    status: Literal["pending", "completed"]


@dataclass(frozen=True, slots=True)
class Download:
    """A result that was handed out in full."""

    service: str
    job_id: int
    label: str
    size: int
    at: float


@dataclass(frozen=True, slots=True)
class Books:
    """All books at one moment. Amounts are whole cents."""

    jobs: tuple[Job, ...]
    submits: tuple[Submit, ...]
    charges: tuple[Charge, ...]
    usage: tuple[UsageRow, ...]
    topups: tuple[TopUp, ...]
    credit_usage: tuple[CreditRow, ...]
    downloads: tuple[Download, ...]
    violations: tuple[str, ...]
    """What no careful client does, and what would be a bug in the simulator."""
    balance_cents: int
    """Money in the wallet: top-ups minus what was charged or taken by others; holds are still in it."""
    holds_cents: int
    spent_cents: int
    """Charged for the jobs in these books."""
    drained_cents: int
    """Taken from the wallet by others."""
    topup_cents: int
    credits: int
    credits_held: int
    credits_spent: int
    struck: Mapping[str, int] = field(default_factory=dict)
    """How often each kind of fault struck."""

    def jobs_of(self, service: str) -> tuple[Job, ...]:
        """The jobs of one service, oldest first."""
        return tuple(job for job in self.jobs if job.service == service)

    def paid_twice(self) -> tuple[str, ...]:
        """What was bought more than once: equal bytes, service, variant and options, charged or held."""
        bought = Counter(
            f"{job.service}:{job.order.variant} {sorted(job.order.options.items())} {job.order.sha256}"
            for job in self.jobs
            if job.charged_cents > 0 or job.charged_credits > 0 or job.status == "RUNNING"
        )
        return tuple(what for what, count in bought.items() if count > 1)
