"""What goes in and out of the engine: events and actions; what it writes is in `writes.py`."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from manifests.keys import Token
from manifests.money import Cents, Rate
from manifests.states import State
from runner.api.interface import CreditRow, Job, Order, SubmitOutcome, UsageRow, Wallet
from runner.engine.task import Target, Task
from runner.engine.writes import Write
from runner.ledger.rows import AttemptRow, ResultRow

# -- events ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tick:
    """Time went by."""


@dataclass(frozen=True, slots=True)
class Load:
    """Tasks to drive from whatever state they are in."""

    tasks: tuple[Task, ...]


@dataclass(frozen=True, slots=True)
class Approve:
    """The gate let these parts be bought, in this order."""

    parts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Reserved:
    """A part's ceiling is set aside."""

    part_id: int
    attempt_id: int
    token: str


@dataclass(frozen=True, slots=True)
class NoRoom:
    """The cap, or a limit that `said_by` names, did not leave a part's ceiling."""

    part_id: int
    said_by: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """Another run buys the part."""

    part_id: int


@dataclass(frozen=True, slots=True)
class LastChunk:
    """An upload holds its last chunk back and asks."""

    part_id: int
    attempt_id: int


@dataclass(frozen=True, slots=True)
class SubmitEnded:
    """A submit turned out one way or another."""

    part_id: int
    attempt_id: int
    outcome: SubmitOutcome


@dataclass(frozen=True, slots=True)
class Clash:
    """The job number of an answer belongs to another attempt already; the ledger says in doubt."""

    part_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class Listed:
    """What a service's job list showed of the jobs and tokens that were asked for."""

    service: str
    jobs: tuple[Job, ...]
    asked: frozenset[str]  # job numbers


@dataclass(frozen=True, slots=True)
class Looked:
    """One job's status; None when the service no longer knows it."""

    part_id: int
    job: Job | None


@dataclass(frozen=True, slots=True)
class Fetched:
    """The results of a part are on disk, synced and in place."""

    part_id: int
    results: tuple[ResultRow, ...]


class FetchProblem(StrEnum):
    """Why results did not come."""

    LATER = "later"  # down, throttled, cut, expired: fetch again
    GONE = "gone"  # the service no longer has them
    EMPTY = "empty"  # completed without any address, or not found just now
    DISK = "disk"  # this machine cannot keep them
    NAME = "name"  # something else has the name of one of them
    KEY = "key"
    SESSION = "session"  # there is no session token that opens them


@dataclass(frozen=True, slots=True)
class FetchFailed:
    """Results did not come."""

    part_id: int
    problem: FetchProblem
    reason: str
    kept: tuple[ResultRow, ...] = ()  # what is in place all the same
    refused: tuple[tuple[str, str], ...] = ()  # names that the service will not give, and its words


@dataclass(frozen=True, slots=True)
class UsageRead:
    """Usage rows, newest first, as far as was needed.

    `joined` says that no row is missing between these and an earlier reading, or the oldest row: only
    then a later reading may end where it meets them.
    """

    rows: tuple[UsageRow, ...]
    joined: bool = True


@dataclass(frozen=True, slots=True)
class CreditsRead:
    """The rows of the account's credits, newest first; None where this key may not see them."""

    rows: tuple[CreditRow, ...] | None


@dataclass(frozen=True, slots=True)
class Billed:
    """The ledger settled an attempt by its usage rows."""

    attempt: AttemptRow
    cents: Cents
    over: Cents


@dataclass(frozen=True, slots=True)
class Enlarged:
    """More is set aside for a part than its ceiling was; `over` is what now passes the cap, or a limit."""

    part_id: int
    over: Cents
    said_by: str = ""  # who set the limit; empty for the cap


@dataclass(frozen=True, slots=True)
class WalletRead:
    """Balance and credits."""

    wallet: Wallet


@dataclass(frozen=True, slots=True)
class RatesRead:
    """Live cents a minute by wallet service type, and the types that the wallet lists besides."""

    rates: Mapping[str, Rate]
    types: frozenset[str] = frozenset()


class CallProblem(StrEnum):
    """Why a read did not answer, after its own repeats."""

    DOWN = "down"
    THROTTLED = "throttled"  # 429: it is there, and wants to be asked less
    KEY = "key"
    SESSION = "session"  # the same of the session token: it opens some services, the key the others
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class CallFailed:
    """A read did not answer; `retry_after` are the seconds that the service asks to wait."""

    action: "Action"
    problem: CallProblem
    reason: str
    retry_after: float = 0.0


@dataclass(frozen=True, slots=True)
class ForeignSeen:
    """What the ledger shows of a part that another run buys; `free` when that run has ended."""

    part_id: int
    state: State
    attempt: AttemptRow | None
    free: bool


@dataclass(frozen=True, slots=True)
class Signal:
    """SIGINT or SIGTERM."""

    number: int


@dataclass(frozen=True, slots=True)
class Halt:
    """Somebody wants that nothing more is submitted; what runs is seen through."""

    reason: str


Event: TypeAlias = (
    Tick
    | Load
    | Halt
    | Approve
    | Reserved
    | NoRoom
    | Taken
    | LastChunk
    | SubmitEnded
    | Clash
    | Listed
    | Looked
    | Fetched
    | FetchFailed
    | UsageRead
    | CreditsRead
    | Billed
    | Enlarged
    | WalletRead
    | RatesRead
    | CallFailed
    | ForeignSeen
    | Signal
)

# -- actions -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Upload:
    """Send a part; asks LastChunk, then answers SubmitEnded."""

    part_id: int
    attempt_id: int
    order: Order


@dataclass(frozen=True, slots=True)
class Answer:
    """Let an upload's last chunk go, or cut the upload."""

    attempt_id: int
    go: bool


@dataclass(frozen=True, slots=True)
class ReadList:
    """Read a service's job list until all asked-for jobs were seen, or to its end for tokens."""

    service: str
    job_ids: frozenset[str]
    tokens: frozenset[Token]


@dataclass(frozen=True, slots=True)
class ReadBilled:
    """Read the jobs behind usage rows since a moment: where a lost answer shows, without a list.

    Answered by Listed. `known` are job numbers to leave out.
    """

    service: str
    since: float
    known: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ReadJob:
    """Read one job's status."""

    part_id: int
    service: str
    job_id: str


@dataclass(frozen=True, slots=True)
class Fetch:
    """Bring a part's results to every target."""

    part_id: int
    service: str
    job_id: str
    targets: tuple[Target, ...]
    entry: Mapping[str, object] | None = None  # what a list has just shown of it; None: the job is read


@dataclass(frozen=True, slots=True)
class ReadUsage:
    """Read usage rows, newest first, until these jobs were seen or all rows of a page are known."""

    jobs: frozenset[tuple[str, str]]  # service and number: numbers count for one service alone
    known: frozenset[str]  # row ids seen by earlier readings of this run


@dataclass(frozen=True, slots=True)
class ReadCredits:
    """Read the rows of the account's credits."""


@dataclass(frozen=True, slots=True)
class ReadWallet:
    """Read balance and credits."""


@dataclass(frozen=True, slots=True)
class ReadRates:
    """Read the live prices."""


Read: TypeAlias = ReadList | ReadBilled | ReadJob | ReadUsage | ReadCredits | ReadWallet | ReadRates
Action: TypeAlias = Upload | Answer | Fetch | Read


@dataclass(slots=True)
class Turn:
    """What one turn of the engine asks for: first the writes, durable together, then the actions."""

    writes: list[Write]
    actions: list[Action]
