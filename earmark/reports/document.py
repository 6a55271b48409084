"""The report: one document from which every view of a plan or a run is made.

`plan --json`, `run --json` and `earmark report --json` write it; text, Markdown, HTML, JUnit and CSV show
it. Amounts are whole US cents, or whole credits of the account where a name or an item's `currency` says so;
lengths are milliseconds, sizes bytes, times RFC 3339 in UTC. What does not apply is null or empty, never left
out. The JSON Schema of these types is published beside the manifest's, and a test compares the two.
"""

from collections.abc import Collection
from typing import Literal

from msgspec import Struct

from earmark.reports.planned import Planned

SCHEMA = "earmark.report"
VERSION = 2
"""Of the document; 1 were the separate documents of `plan --json` and `run --json`."""


class Ending(Struct, frozen=True):
    """An exit code and its word."""

    exit: int
    outcome: str


class Money(Struct, frozen=True):
    """The amounts of a cap; they add up: cap = spent + reserved + in_doubt + left - over."""

    cap: int
    spent: int
    reserved: int
    in_doubt: int
    left: int
    over: int


class Credits(Struct, frozen=True):
    """The same of the account's credits, with what they are worth in cents: no part of any other sum."""

    cap: int
    spent: int
    reserved: int
    in_doubt: int
    left: int
    over: int
    worth_cents: int
    account: int | None  # how many the account has, as last read


class Besides(Struct, frozen=True):
    """What counts against the cap and belongs to no item: earlier tries, lines taken out of the manifest."""

    charged: int
    held: int
    credits_charged: int
    credits_held: int


class Item(Struct, frozen=True, gc=False):
    """One line of the manifest; amounts in its own currency."""

    file: str
    file_bytes: str | None  # hex of the path, where it is no UTF-8
    service: str
    fate: str  # what became of it, in a word: saved, running, not saved, in doubt, failed, rejected, ...
    state: str  # the ledger's, docs/ledger.md
    reason: str
    ms: int
    grade: str  # how sure the length is
    bytes: int
    currency: Literal["cents", "credits"]
    expected: int  # what it costs this manifest: nothing where another pays
    ceiling: int
    charged: int | None  # null until it is billed
    held: int  # set aside, reserved or in doubt
    shared: bool  # another line, or another manifest, pays for it
    paid_before: bool
    saved: int  # what it would cost now, where it was paid before or is shared
    tries: int
    job_id: str
    since: str | None  # when it came to be so
    results: list[str]  # paths as they are on this disk


class Share(Struct, frozen=True):
    """A part of all items, of one service or of one folder; amounts in cents, credits apart."""

    name: str
    items: int
    done: int
    ms: int
    bytes: int
    expected: int
    ceiling: int
    charged: int
    held: int
    saved: int  # what was paid before, or elsewhere
    credits: int  # expected
    credits_ceiling: int
    credits_charged: int
    credits_held: int


class FateSum(Struct, frozen=True):
    """The items that came to one end."""

    fate: str
    items: int
    cents: int  # what counts against the cap; of what was not sent, its price
    charged: int
    held: int
    expected: int
    credits: int  # as `cents`
    credits_charged: int
    credits_held: int
    credits_expected: int
    unbilled: int  # items
    shared: int  # items


class Drift(Struct, frozen=True):
    """What a service charged against what was planned, over billed items."""

    service: str
    expected: int
    charged: int


class Moment(Struct, frozen=True):
    """Where a run stood at one time; at most 200 of them are kept."""

    at: str
    done: int  # items
    cents: int  # charged or held for them


class Elsewhere(Struct, frozen=True):
    """What left the wallet during the run for something else."""

    least: int
    most: int


class Earlier(Struct, frozen=True):
    """A run of the manifest; `ended` and what follows are null while it goes on, and where it was killed."""

    started: str
    ended: str | None
    exit: int | None
    outcome: str | None


class Purse(Struct, frozen=True):
    """The wallet as it was last read."""

    balance: int
    total_spent: int | None
    low: bool
    went_elsewhere: Elsewhere | None


class Stopped(Struct, frozen=True):
    """Why nothing more was sent."""

    stop: str
    message: str


class Refusal(Struct, frozen=True):
    """The gate's no."""

    verdict: str
    needed: int
    available: int
    short: int
    limit: str | None  # the limit that says it, as a key of earmark.toml: `caps.month`
    said_by: str | None  # its file and line, or its variable; and who set no less


class Shortage(Struct, frozen=True):
    """What the service's 402 said."""

    required: int | None
    available: int | None


class PilotRest(Struct, frozen=True):
    """What is still to be bought after a pilot."""

    items: int
    expected: int  # as planned
    likely: int  # as planned, changed as the pilot's bills were
    ceiling: int  # the most
    credits: int  # expected
    credits_ceiling: int


class Pilot(Struct, frozen=True):
    """A sample that was bought before the rest."""

    items: int
    saved: int
    unbilled: int  # items that are saved, and not billed yet
    expected: int  # of those that are billed
    charged: int  # likewise
    above: int  # items that cost more than the most that was planned
    agreed: bool  # somebody said that the rest be bought, too
    rest: PilotRest


class HostPart(Struct, frozen=True):
    """What one host of a fleet brought."""

    host: str
    items: int  # saved by it


class Effort(Struct, frozen=True):
    """What only a run knows."""

    submitted: int
    sent_bytes: int
    seconds: float
    stops: list[Stopped]
    refused: Refusal | None
    credits_refused: Refusal | None
    repriced: int | None  # the most that what waits can cost at the prices that rose
    shortage: Shortage | None
    declined: bool
    left_by_fit: int  # items
    pilot: Pilot | None  # once a sample was bought
    signal: int | None
    hosts: list[HostPart]  # that saved anything, where the ledger is a shared one


class Step(Struct, frozen=True):
    """Something to type or to do next."""

    command: str | None
    words: str | None


class Following(Struct, frozen=True):
    """What to do next: in this order, and what else could be done."""

    path: list[Step]
    others: list[Step]


class Report(Struct, frozen=True, kw_only=True):
    """The whole document."""

    schema: Literal["earmark.report"] = "earmark.report"
    version: Literal[2] = 2
    made_by: Literal["plan", "run", "report"]
    made: str
    earmark: str  # the version that made it
    running: bool  # a run is under way: the rest is how far it is
    outcome: str  # the exit code in a word; `running`, `never run`
    exit: int  # of the command; in a report that of a run that would end now
    also: list[Ending]  # what else applies, that one exit code hides
    sentence: str
    manifest: str | None  # its path
    id: str | None
    root: str | None  # what files are relative to
    output: str | None  # the results folder
    amounts: Money | None
    credits: Credits | None
    besides: Besides | None
    fates: list[FateSum]
    services: list[Share]
    folders: list[Share]  # the dearest 50, and the rest as one without a name
    drift: list[Drift]
    timeline: list[Moment]
    runs: list[Earlier] = []
    wallet: Purse | None
    planned: Planned | None  # what only planning knows; null where the plan's own notes are gone
    effort: Effort | None
    notes: list[str]
    next: Following
    items: Collection[Item]  # the last field: a million of them are written piece by piece
