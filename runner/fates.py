"""What became of the items of a manifest, in words for people."""

from dataclasses import dataclass
from enum import StrEnum

from manifests.catalogue import Currency
from manifests.money import ZERO, Cents
from manifests.states import State


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
    grade: str = ""  # how sure the length is
    size: int = 0  # bytes of the file
    paid_before: bool = False  # under another manifest
    saved: Cents = ZERO  # what it would cost, where it costs nothing
