"""What only planning knows: how the files were sorted, what was left out and why, where money is wasted.

`plan` keeps it beside the manifest, so that a report made later can still say what is not in the manifest.
Units are those of `earmark.reports.document`.
"""

from typing import Any, Literal

from msgspec import Struct


class Files(Struct, frozen=True):
    """How many files went where."""

    seen: int
    to_pay: int
    paid: int
    over: int  # did not fit under the cap
    left_out: int


class Row(Struct, frozen=True):
    """Some lines added up."""

    items: int
    ms: int
    cents: int
    ceiling: int
    bytes: int
    characters: int
    credits: int
    credits_ceiling: int


class Product(Struct, frozen=True):
    """What is bought of one service."""

    product: str
    row: Row
    rate: str | None  # cents a minute, or credits a minute, as an exact text: `10`, `1/3`


class LeftOut(Struct, frozen=True):
    """A file, or a folder, that is in no line, and why."""

    file: str
    file_bytes: str | None
    reason: str
    detail: str
    folder: bool


class DidNotFit(Struct, frozen=True):
    """A line that --fit left out, and what it would have cost; nothing where another pays."""

    file: str
    file_bytes: str | None
    part: str | None
    product: str
    ms: int
    cents: int
    ceiling: int
    credits: int


class Room(Struct, frozen=True):
    """How much room takes how many items."""

    items: int
    cents: int


class Fit(Struct, frozen=True):
    """What --fit kept, and what more room would keep."""

    limited_by: Literal["wallet", "cap"]
    kept: Room
    next: Room | None  # the smallest room that takes more; null where it was not found
    all: Room


class NotPriced(Struct, frozen=True):
    """A file that has no price for one product, and why."""

    file: str
    file_bytes: str | None
    product: str
    reason: str
    detail: str


class Skipped(Struct, frozen=True):
    """Files that were left out as asked, or by a rule of the walk."""

    reason: str
    files: int


class Advice(Struct, frozen=True):
    """Something to look at before buying: money that may be wasted, a limit that may be passed."""

    kind: str  # rounding, pair, silence, short, limit, refused_format, bought_with_other_options, ...
    words: str  # one sentence for people
    items: int
    cents: int  # what it is about; 0 where it is about no money
    files: list[str]  # examples, few
    command: str | None  # what to add to the command, or to type


class Moved(Struct, frozen=True):
    """A price that is not what it was."""

    product: str
    planned: str
    live: str | None


class Offer(Struct, frozen=True):
    """A smaller plan that would fit, and how to have it."""

    items: int
    ceiling: int
    command: str


class Gate(Struct, frozen=True):
    """What the wallet says to the plan; `reason` says why where it is not known."""

    known: bool
    reason: str | None
    balance: int | None
    held: int | None
    verdict: str | None
    needed: int | None
    short: int | None
    prices_read: bool
    prices_moved: list[Moved]
    fits_now: Offer | None
    try_first: Offer | None
    top_up: str | None


class Planned(Struct, frozen=True, kw_only=True):
    """All of it."""

    created: str | None  # null where no manifest was written
    catalogue: str
    cap: int | None  # of --max-spend
    committed: int  # by earlier runs under the same name
    files: Files
    products: list[Product]
    total: Row
    paid_before: Row
    same_audio: Row
    did_not_fit: Row
    did_not_fit_items: list[DidNotFit]  # the first 1,000
    did_not_fit_more: int
    fit: Fit | None  # where --fit left something out
    left_out: list[LeftOut]  # the first 1,000
    left_out_more: int
    not_priced: list[NotPriced]  # the first 1,000
    not_priced_more: int
    skipped: list[Skipped]
    advice: list[Advice]
    spoken: list[dict[str, Any]]  # texts and prompts: how each begins, how long it is taken to be; 1,000
    spoken_more: int
    to_know: dict[str, str]  # by service
    dearest: list[dict[str, Any]]
    rules: dict[str, Any] | None
    fits_cap: Offer | None
    gate: Gate | None
