"""What a run tells of itself while it goes on, once it is durable: plain values for whoever watches."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from msgspec import Struct

from manifests.budget import Amounts, Decision
from manifests.catalogue import Currency
from manifests.money import Cents
from manifests.states import State


class Change(StrEnum):
    """What happened to an item."""

    CARRIED = "carried"  # bought by an earlier run: this one sees it through
    SUBMITTED = "submitted"
    FINISHED = "finished"
    SAVED = "saved"
    CHARGED = "charged"
    FAILED = "failed"
    RELEASED = "released"
    REJECTED = "rejected"
    IN_DOUBT = "in_doubt"
    LOST = "lost"
    RETURNED = "returned"


OVER = frozenset({Change.SAVED, Change.FAILED, Change.REJECTED, Change.LOST})
"""Changes after which this run has no work left with an item."""


class ItemTold(Struct, frozen=True):
    """Something happened to one item; amounts in its own currency. Several an item: made in no time."""

    change: Change
    item: int  # its number in the ledger
    file: str
    service: str  # service[:variant]
    state: State
    job_id: str
    reason: str
    currency: Currency
    expected: int
    ceiling: int
    charged: int | None  # None until it is billed
    shared: bool  # another item, told of beside it, or another manifest pays
    results: tuple[str, ...]  # where they are on disk, once saved
    minutes: float  # of audio, as they are billed; 0 beside another item that is told of


@dataclass(frozen=True, slots=True)
class Began:
    """The run holds its lock, and its cap is set."""

    manifest_id: str
    items: int
    amounts: Amounts
    credits: Amounts


@dataclass(frozen=True, slots=True)
class GateTold:
    """The gate's word on what this run may still buy; amounts in cents, those of credits in credits."""

    decision: Decision
    credits: Decision
    items: int  # that may be bought
    left_out: int  # by --fit
    expected: int
    ceiling: int
    balance: Cents
    amounts: Amounts
    minutes: float  # of audio, of what may be bought


@dataclass(frozen=True, slots=True)
class StopTold:
    """Nothing more is submitted, and why."""

    stop: str
    message: str


@dataclass(frozen=True, slots=True)
class NoteTold:
    """Something to know."""

    text: str


Told: TypeAlias = ItemTold | Began | GateTold | StopTold | NoteTold
