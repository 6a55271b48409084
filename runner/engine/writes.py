"""What the engine has the ledger write: all of a turn's writes are durable together, before any action."""

from dataclasses import dataclass
from typing import TypeAlias

from manifests.money import Cents
from runner.api.interface import UsageRow
from runner.ledger.rows import Adoption, Move, Reservation, ResultRow


@dataclass(frozen=True, slots=True)
class Reserve:
    """Check the cap and set a ceiling aside; answered by Reserved, NoRoom or Taken."""

    wish: Reservation


@dataclass(frozen=True, slots=True)
class Save:
    """Record results that are on disk."""

    results: tuple[ResultRow, ...]


@dataclass(frozen=True, slots=True)
class AddUsage:
    """Record usage rows and settle what they bill; answered by Billed."""

    rows: tuple[UsageRow, ...]


@dataclass(frozen=True, slots=True)
class MatchUsage:
    """Settle an attempt by rows read before its job number was known; answered by Billed."""

    attempt_id: int


@dataclass(frozen=True, slots=True)
class Unverified:
    """Count an attempt at its expected price; answered by Billed."""

    attempt_id: int


@dataclass(frozen=True, slots=True)
class PaidByCredits:
    """End an attempt's hold: a row of the account's credits has its money; answered by Billed."""

    attempt_id: int
    row_id: str


@dataclass(frozen=True, slots=True)
class Enlarge:
    """Raise what is set aside for an attempt to this, in its own currency: its job turns out longer."""

    attempt_id: int
    cents: Cents
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ExtraCharge:
    """Count money that left the account otherwise than by a job's charge."""

    cents: Cents
    reason: str


@dataclass(frozen=True, slots=True)
class EndAllotment:
    """The run will submit nothing more."""


Write: TypeAlias = (
    Reserve
    | Move
    | Adoption
    | Save
    | AddUsage
    | MatchUsage
    | Unverified
    | PaidByCredits
    | Enlarge
    | ExtraCharge
    | EndAllotment
)
