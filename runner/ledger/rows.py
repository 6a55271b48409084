"""What the ledger holds, as frozen values."""

from dataclasses import dataclass

from manifests.catalogue import Currency
from manifests.money import ZERO, Cents
from manifests.states import State


@dataclass(frozen=True, slots=True)
class NewItem:
    """A line of a manifest to be bound to what it buys."""

    line: str  # identifies the line within its manifest
    file: str
    size: int  # bytes
    print: str
    base: str  # where its results go, under the results folder
    wanted: str  # fetch options, as JSON
    content_key: str
    sha256: str
    product: str
    options: str  # submit options in wire values, as JSON
    generation: int
    audio_bytes: int
    characters: int = 0  # of a text that is spoken; 0 for all else
    expected: Cents = ZERO  # what the line costs if it has to be paid, in its own currency
    ceiling: Cents = ZERO
    currency: Currency = "cents"


@dataclass(frozen=True, slots=True)
class ItemRow:
    """An item with the state of what it buys."""

    item_id: int
    line: str
    file: str
    size: int
    print: str
    base: str
    wanted: str
    product: str
    purchase_id: int
    part_id: int
    state: State
    reason: str
    tries: int
    sha256: str
    content_key: str
    options: str
    attempt: "AttemptRow | None"


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """One possible send, and its money in its own currency."""

    attempt_id: int
    part_id: int
    manifest_id: str
    service: str
    token: str
    state: State
    expected: Cents
    ceiling: Cents
    hold: Cents
    charge: Cents | None
    settled: str
    job_id: str
    created: float
    changed: float
    superseded: bool = False
    currency: Currency = "cents"
    driver: int | None = None  # the run with a lease that sees it through; None: whoever comes


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What may change of a known line without changing what it buys."""

    line: str
    base: str
    wanted: str
    expected: Cents
    ceiling: Cents
    currency: Currency = "cents"


@dataclass(frozen=True, slots=True)
class ResultRow:
    """A file of an item's result on our disk, or on that of a host of the fleet."""

    item_id: int
    name: str
    path: str
    size: int
    sha256: str
    host: str = ""  # whose disk; empty where the ledger is one machine's


@dataclass(frozen=True, slots=True)
class Reservation:
    """A wish to set a part's ceiling aside under a manifest's cap of the same currency."""

    part_id: int
    manifest_id: str
    service: str
    token: str
    expected: Cents
    ceiling: Cents
    currency: Currency = "cents"


@dataclass(frozen=True, slots=True)
class Move:
    """An attempt's change of state; the part follows unless the attempt was superseded."""

    attempt_id: int
    to: State
    reason: str = ""
    job_id: str | None = None


@dataclass(frozen=True, slots=True)
class Adoption:
    """A job that the service has and this ledger had lost: recorded without asking the cap."""

    part_id: int
    manifest_id: str
    service: str
    token: str
    expected: Cents
    ceiling: Cents
    job_id: str
    currency: Currency = "cents"
