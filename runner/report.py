"""What a run came to: plain values for the screens, the exit code, and JSON."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from signal import SIGTERM

from manifests.budget import Amounts, Decision
from manifests.catalogue import Currency
from manifests.exits import Exit, strongest
from manifests.money import Cents
from manifests.states import State
from runner.api.interface import Balance
from runner.engine.world import EXITS, Stop
from runner.options import NO_CREDITS


class Fate(StrEnum):
    """What became of an item, in words for people."""

    SAVED = "saved"
    RUNNING = "running"
    NOT_SAVED = "not saved"  # done at the service, not on our disk
    IN_DOUBT = "in doubt"
    FAILED = "failed"
    REJECTED = "rejected"
    LOST = "lost"
    STALE = "stale"
    SKIPPED = "skipped"  # stale, and left out by --skip-changed
    WAITING = "waiting"  # not sent


FATES: dict[State, Fate] = {
    State.PLANNED: Fate.WAITING,
    State.RESERVED: Fate.WAITING,
    State.UPLOADING: Fate.WAITING,
    State.SENDING: Fate.IN_DOUBT,
    State.IN_DOUBT: Fate.IN_DOUBT,
    State.GIVEN_UP: Fate.LOST,  # by a person's word
    State.SUBMITTED: Fate.RUNNING,
    State.FINISHED: Fate.NOT_SAVED,
    State.SAVED: Fate.SAVED,
    State.FAILED: Fate.FAILED,
    State.RELEASED: Fate.FAILED,
    State.FAILED_CHARGED: Fate.FAILED,
    State.REJECTED: Fate.REJECTED,
    State.LOST: Fate.LOST,
}


@dataclass(frozen=True, slots=True)
class ItemReport:
    """One line of the manifest after the run; amounts in its own currency."""

    file: str
    service: str
    fate: Fate
    reason: str
    expected: Cents
    ceiling: Cents
    charged: Cents | None  # None until it is billed
    held: Cents
    shared: bool  # another item, or another manifest, paid for it
    job_id: str
    results: tuple[str, ...]
    state: State = State.PLANNED
    ms: int = 0  # length of the audio
    tries: int = 0  # times that it failed
    since: float | None = None  # when its state was entered, seconds since 1970
    currency: Currency = "cents"


@dataclass(frozen=True, slots=True)
class Shortage:
    """What a 402 said, in cents."""

    required: Cents | None
    available: Cents | None


@dataclass(frozen=True, slots=True)
class Before:
    """Wallet and spent cents as they were when the gate was passed or shut."""

    balance: Balance
    spent: Cents


@dataclass(frozen=True, slots=True)
class RunReport:
    """A whole run; amounts in cents, those of credits in credits."""

    manifest: Path
    output: Path
    items: Sequence[ItemReport]
    amounts: Amounts
    stops: Sequence[tuple[Stop, str]] = ()  # why nothing more was submitted, in the order met
    signal: int = 0
    refused: Decision | None = None
    balance: Balance | None = None
    before: Before | None = None
    shortage: Shortage | None = None
    left_by_fit: int = 0
    declined: bool = False
    submitted: int = 0
    sent: int = 0  # bytes of what was submitted
    seconds: float = 0.0
    stopped_at: float | None = None  # seconds since 1970
    drift: Sequence[tuple[str, Cents, Cents]] = ()  # service, expected, charged
    notes: Sequence[str] = ()
    here: int = 0  # items whose results were on disk before
    credits: Amounts = NO_CREDITS
    credits_refused: Decision | None = None
    credits_left: int | None = None  # of the account, as last read
    repriced: Cents | None = None  # the most that what waits can cost at the prices that rose

    def count(self, *fates: Fate) -> int:
        """How many items came to one of these ends."""
        return sum(item.fate in fates for item in self.items)

    def of(self, fate: Fate) -> list[ItemReport]:
        """The items that came to one end."""
        return [item for item in self.items if item.fate is fate]

    @property
    def uses_credits(self) -> bool:
        """Whether the account's credits play a part."""
        mine = self.credits.cap or self.credits.committed
        return bool(mine) or any(item.currency == "credits" for item in self.items)

    @property
    def codes(self) -> list[Exit]:
        """Every exit code that applies."""
        return list(_codes(self))

    @property
    def exit(self) -> Exit:
        """The exit code of the run."""
        return strongest(self.codes)


def _codes(report: RunReport) -> Iterable[Exit]:
    if report.signal:
        yield Exit.TERMINATED if report.signal == SIGTERM else Exit.INTERRUPTED
    yield from (EXITS[stop] for stop, _ in report.stops if stop in EXITS)
    if report.refused is not None or report.credits_refused is not None:
        yield Exit.REFUSED
    if report.count(Fate.STALE):
        yield Exit.STALE
    if report.count(Fate.IN_DOUBT):
        yield Exit.IN_DOUBT
    unsaved = report.of(Fate.NOT_SAVED)
    refused = [item for item in unsaved if item.reason]  # by the service: waiting does not help
    if refused or report.count(Fate.FAILED, Fate.REJECTED, Fate.LOST):
        yield Exit.SOME_FAILED
    if len(unsaved) > len(refused) or report.count(Fate.RUNNING):
        yield Exit.SERVICE_DOWN
    if report.count(Fate.WAITING, Fate.SKIPPED):
        yield Exit.STOPPED_AS_TOLD
