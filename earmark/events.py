"""The events of `run --events` and `plan --events`: one JSON object a line, each of a documented type.

Amounts are whole US cents, or whole credits of the account where a name or an item's `currency` says so;
times are RFC 3339 in UTC. What does not apply is null or empty, never left out. docs/events.md explains each;
tests compare it, these types and the published JSON Schema.
"""

from typing import Any, Literal, TypeAlias

import msgspec
from msgspec import Struct

from earmark.reports.document import Money

SCHEMA = "earmark.events"
VERSION = 1
"""Raised when a reader of an earlier version would be misled; new types and new fields do not raise it."""

SCHEMA_ID = f"urn:earmark:events:{VERSION}"


class _Event(Struct, frozen=True, kw_only=True, tag_field="event"):
    """What all have."""

    at: str


class Opened(_Event, frozen=True, kw_only=True, tag="opened"):
    """The first line: what the others are."""

    schema: Literal["earmark.events"]
    version: Literal[1]
    earmark: str  # the version of the program
    command: Literal["run", "plan"]


class Started(_Event, frozen=True, kw_only=True, tag="started"):
    """The run holds its lock, and its cap is set."""

    manifest: str
    id: str
    items: int
    amounts: Money
    credits: Money


class Progress(_Event, frozen=True, kw_only=True, tag="progress"):
    """How far a run is; at most once a second, and only the newest of those that were not read yet."""

    phase: str
    items: int
    done: int
    failed: int
    running: int
    amounts: Money
    credits: Money
    left_seconds: int | None  # about; null while nobody can tell


class Gate(_Event, frozen=True, kw_only=True, tag="gate"):
    """The gate's word on what this run may still buy; figures of credits in credits."""

    passed: bool
    verdict: str
    needed: int
    available: int
    short: int
    limit: str | None  # the limit that refuses, as a key of earmark.toml: `caps.month`
    said_by: str | None
    credits_verdict: str
    credits_needed: int
    credits_available: int
    items: int  # that may be bought
    left_out: int  # by --fit
    expected: int
    ceiling: int
    balance: int
    amounts: Money


class _OfItem(_Event, frozen=True, kw_only=True):
    """Something happened to one item; amounts in its own currency."""

    item: int  # its number in the ledger: two events of one item have the same
    file: str
    file_bytes: str | None  # hex of the path, where it is no UTF-8
    service: str
    state: str  # the ledger's
    job_id: str
    reason: str
    currency: Literal["cents", "credits"]
    expected: int
    ceiling: int
    charged: int | None  # null until it is billed
    shared: bool  # another item, or another manifest, pays
    results: list[str]


class Carried(_OfItem, frozen=True, kw_only=True, tag="carried"):
    """An earlier run bought it: this one sees it through."""


class Submitted(_OfItem, frozen=True, kw_only=True, tag="submitted"):
    """The service took it, and works on it."""


class Finished(_OfItem, frozen=True, kw_only=True, tag="finished"):
    """Done at the service, and to be fetched; with a reason where a result of it was refused."""


class Saved(_OfItem, frozen=True, kw_only=True, tag="saved"):
    """Its results are on disk."""


class Charged(_OfItem, frozen=True, kw_only=True, tag="charged"):
    """Its bill came: what was set aside for it is settled."""


class Failed(_OfItem, frozen=True, kw_only=True, tag="failed"):
    """It failed at the service; whether it was charged is to be seen."""


class Released(_OfItem, frozen=True, kw_only=True, tag="released"):
    """It failed and was not charged: what was set aside for it is free again."""


class Rejected(_OfItem, frozen=True, kw_only=True, tag="rejected"):
    """The service refused it: no job, no charge."""


class InDoubt(_OfItem, frozen=True, kw_only=True, tag="in_doubt"):
    """The answer to its submit was lost: perhaps paid; its ceiling stays set aside."""


class Lost(_OfItem, frozen=True, kw_only=True, tag="lost"):
    """Paid, and the service no longer has the result."""


class Returned(_OfItem, frozen=True, kw_only=True, tag="returned"):
    """It surely did not arrive: planned as before, and what was set aside is free again."""


class Stop(_Event, frozen=True, kw_only=True, tag="stop"):
    """Nothing more is submitted, and why."""

    stop: str
    message: str


class Note(_Event, frozen=True, kw_only=True, tag="note"):
    """Something to know."""

    text: str


class Reading(_Event, frozen=True, kw_only=True, tag="reading"):
    """How far a plan is; at most once a second."""

    label: str
    done: int
    total: int | None


class LeftOut(_Event, frozen=True, kw_only=True, tag="left_out"):
    """A file, or a folder, that is in no line."""

    file: str
    file_bytes: str | None
    reason: str
    detail: str


class NotPriced(_Event, frozen=True, kw_only=True, tag="not_priced"):
    """A file that has no price for a service."""

    file: str
    file_bytes: str | None
    service: str
    reason: str
    detail: str


class Planned(_Event, frozen=True, kw_only=True, tag="planned"):
    """What a plan came to; `manifest` is null where none was written."""

    manifest: str | None
    id: str | None
    items: int
    ms: int
    expected: int
    ceiling: int
    credits: int  # expected
    paid_before: int  # items
    did_not_fit: int  # items
    left_out: int  # files
    not_priced: int  # files


class Cut(_Event, frozen=True, kw_only=True, tag="cut"):
    """The reader was too far behind: the last line, and the run goes on."""

    waiting: int


class Ended(_Event, frozen=True, kw_only=True, tag="ended"):
    """The last line: how it ended."""

    exit: int
    outcome: str
    sentence: str
    manifest: str | None
    fates: dict[str, int]  # items by what became of them
    amounts: Money | None
    credits: Money | None
    next: list[str]  # commands that go on


ItemEvent: TypeAlias = (
    Carried
    | Submitted
    | Finished
    | Saved
    | Charged
    | Failed
    | Released
    | Rejected
    | InDoubt
    | Lost
    | Returned
)
Event: TypeAlias = (
    Opened
    | Started
    | Progress
    | Gate
    | ItemEvent
    | Stop
    | Note
    | Reading
    | LeftOut
    | NotPriced
    | Planned
    | Cut
    | Ended
)

_encoder = msgspec.json.Encoder()


def line(event: Event) -> bytes:
    """An event as its line."""
    return _encoder.encode(event) + b"\n"


def schema() -> dict[str, Any]:
    """The JSON Schema of one line."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        "title": "A line of Earmark's events",
        **msgspec.json.schema(Event),
    }
