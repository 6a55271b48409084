"""What the engine asks of the API, and every way in which an answer can turn out.

A submit has an outcome for each case that money depends on. A read either answers or raises one
of `runner.api.errors`; reads are repeated freely, submits never (docs/api.md 6).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol, TypeAlias

from manifests.keys import Token
from manifests.money import Cents, Rate
from manifests.stored import Location

Spans: TypeAlias = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Order:
    """One submit: what to upload, under which name, with which fields.

    A text, a prompt or an address is no upload: `path` is None, and all that is sent stands in
    `fields` (the text as `input_text`), in `address` and in `upload_name`.
    """

    service: str  # catalogue name, without variant
    fields: Mapping[str, object]  # wire values, defaults filled in
    path: Location | None  # None: nothing is uploaded
    size: int  # bytes
    upload_name: str  # carries the token
    spans: Spans  # of the audio, for the digest
    sha256: str  # of the audio, as approved
    address: str = ""  # what the service fetches itself, exactly as approved
    spoken: Location | None = None  # the text whose words, or a part of them, are to be `input_text`
    span: tuple[int, int] | None = None  # that part, in characters


# How a submit ends.


@dataclass(frozen=True, slots=True)
class Accepted:
    """The service made a job; `estimated_ms` is the length that it expects to make, where it says so."""

    job_id: str
    estimated_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """No job, and no use in sending the same again (400, 404, 413, 422, a plan too low)."""

    reason: str


@dataclass(frozen=True, slots=True)
class OutOfMoney:
    """No job: the wallet cannot pay (402). Amounts in cents where the answer names them."""

    reason: str
    required: Cents | None = None
    available: Cents | None = None


@dataclass(frozen=True, slots=True)
class NotAllowed:
    """No job: the key is missing, wrong, revoked or expired (401; 403 about the key)."""

    reason: str


@dataclass(frozen=True, slots=True)
class Throttled:
    """No job: too many calls (429). `retry_after` in seconds where the answer says it."""

    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class NotSent:
    """Surely not received: no connection, or cut before the last chunk went out."""

    reason: str


@dataclass(frozen=True, slots=True)
class SourceChanged:
    """Cut by us before the last chunk: the file's audio is not what was approved, or it vanished."""

    reason: str


@dataclass(frozen=True, slots=True)
class Cancelled:
    """Cut by us before the last chunk: the engine said no."""


@dataclass(frozen=True, slots=True)
class Doubtful:
    """The last chunk may have arrived and no readable answer came: perhaps a job, perhaps paid."""

    reason: str


SubmitOutcome: TypeAlias = (
    Accepted | Rejected | OutOfMoney | NotAllowed | Throttled | NotSent | SourceChanged | Cancelled | Doubtful
)


class JobStatus(StrEnum):
    """A job's status, whatever case and spelling the service used."""

    RUNNING = "running"  # also pending, and any word we do not know
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


RUNNING_WORDS = frozenset({"", "PENDING", "PROCESSING"})
"""What the service is known to say of a job that has not ended."""


@dataclass(frozen=True, slots=True)
class Job:
    """A job as a list or a status answer shows it."""

    job_id: str
    status: JobStatus
    tokens: frozenset[Token] = frozenset()  # every token in any of its texts
    error: str = ""
    ms: int | None = None  # the length that the service measured
    created: str = ""  # RFC 3339, UTC; empty where not shown
    word: str = ""  # the status as received
    shown: bool = True  # whether a status was shown at all; a list need not
    voices: frozenset[str] = frozenset()  # what its voice is called: number, uuid, name; in lower case
    text_sha256: str = ""  # of the UTF-8 of the text that is spoken, where it is shown
    # All that a list shows of it, once it is done: its results may be there without another call.
    entry: Mapping[str, object] | None = field(default=None, compare=False, repr=False)

    @property
    def strange(self) -> bool:
        """Whether its status is a word that docs/api.md 1 does not have."""
        return self.status is JobStatus.RUNNING and self.word.upper() not in RUNNING_WORDS


@dataclass(frozen=True, slots=True)
class ResultFile:
    """One file of a finished job.

    `name` is an extension such as `srt` for services whose result is a file, a safe base name with
    extension such as `vocals.wav` for those whose result is a folder. `address` is absolute; the
    key goes only to addresses of the service itself (`own`), and to those that a session token opens
    (`session`) that token in its place. `also` is tried where `address` has nothing. Where `points`
    is set, the answer may be JSON that names the file's address.
    """

    name: str
    address: str
    own: bool = False
    also: str = ""
    session: bool = False
    points: bool = False


@dataclass(frozen=True, slots=True)
class Balance:
    """The wallet, in cents."""

    balance: Cents
    total_spent: Cents
    low: bool = False


@dataclass(frozen=True, slots=True)
class BalanceCheck:
    """Whether the service would start a job of some length now; its figures in cents where it names them."""

    can_proceed: bool
    cost: Cents | None = None
    balance: Cents | None = None


@dataclass(frozen=True, slots=True)
class UsageRow:
    """One row of the wallet's usage: a charge.

    `row_id` identifies the row across pages; where the service shows none it is a digest of the row.
    A row whose amount cannot be read (`priced` is false) bills nothing, but may hide a charge.
    """

    row_id: str
    service_type: str
    cents: Cents
    seconds: int | None = None
    job_id: str = ""
    created: str = ""
    priced: bool = True


@dataclass(frozen=True, slots=True)
class CreditRow:
    """One row of the account's credits: what left them, with no word about which job it was for."""

    row_id: str
    service_type: str
    credits: int
    seconds: int | None = None
    created: str = ""


@dataclass(frozen=True, slots=True)
class Topup:
    """One top-up of the wallet."""

    topup_id: str
    cents: Cents
    status: str
    created: str


@dataclass(frozen=True, slots=True)
class Wallet:
    """The wallet's own statements that a run needs together."""

    balance: Balance
    credits: int | None = None  # account credits; None where the key may not read them


@dataclass(frozen=True, slots=True)
class Received:
    """A downloaded file: its bytes on disk and their digest."""

    path: Path
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class JobsPage:
    """One page of a job list, newest first."""

    jobs: tuple[Job, ...] = field(default=())


class JobApi(Protocol):
    """The calls of a run. Reads raise `runner.api.errors.ApiError`; `submit` never raises for an answer."""

    def submit(self, order: Order, last_chunk: Callable[[], bool]) -> SubmitOutcome:
        """Send once. Before the last chunk `last_chunk()` is asked: False cuts the upload."""
        ...

    def pages(self, service: str) -> Iterator[JobsPage]:
        """The service's job list, newest first, page by page, ending where pages repeat or run out."""
        ...

    def job(self, service: str, job_id: str) -> Job:
        """One job's status."""
        ...

    def result_files(self, service: str, job_id: str, wanted: Mapping[str, object]) -> list[ResultFile]:
        """The files of a finished job with fresh addresses; `wanted` are fetch options."""
        ...

    def listed_files(
        self, service: str, job_id: str, entry: Mapping[str, object], wanted: Mapping[str, object]
    ) -> list[ResultFile]:
        """The same without a call, by what a list has just shown; none where the job must be read."""
        ...

    def download(self, result: ResultFile, into: Path) -> Received:
        """Stream one result into a new file, check its length, sync it."""
        ...

    def balance(self) -> Balance:
        """The wallet's balance."""
        ...

    def credits(self) -> int | None:
        """Account credits, None where this key may not read them."""
        ...

    def credit_rows(self) -> list[CreditRow] | None:
        """What left the account's credits, newest first; None where this key may not read it."""
        ...

    def rates(self) -> dict[str, Rate]:
        """Live cents a minute by wallet service type."""
        ...

    def service_types(self) -> list[str]:
        """The wallet's names of what it sells."""
        ...

    def check_balance(self, service_type: str, seconds: int) -> BalanceCheck:
        """Whether the service sees enough money for whole seconds of one of its types."""
        ...

    def usage_pages(self) -> Iterator[tuple[UsageRow, ...]]:
        """Usage rows, newest first, page by page, ending where pages repeat or run out."""
        ...
