"""The document of a comparison: what `earmark diff --json` writes, and what text and comment are made of.

Amounts are whole US cents, credits whole credits of the account; lengths are milliseconds, sizes bytes. What
does not apply is null or empty, never left out. The JSON Schema of these types is published beside the
manifest's, and a test compares the two.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import msgspec
from msgspec import Struct

from earmark.diff.values import Change, Comparison, Kind, Sum, added_up
from manifests.manifest import Item
from manifests.paths import as_written

SCHEMA = "urn:earmark:diff:1"
"""The `$id` of manifests/schema/diff.schema.json."""

VERSION = 1

Happened = Literal["added", "removed", "changed", "renamed"]


class Amounts(Struct, frozen=True):
    """Lines added up; `cents` and `credits` are expected, the ceilings the most that they can be."""

    items: int
    ms: int
    cents: int
    ceiling: int
    credits: int
    credits_ceiling: int


class Why(Struct, frozen=True):
    """A reason: what differs, before and after; `words` say it to people."""

    what: str
    before: str
    after: str
    words: str


class Line(Struct, frozen=True):
    """A line that the change touches; `before` and `after` are full prices, null where it is not."""

    kind: Happened
    file: str
    file_bytes: str | None  # hex of the path, where it is no UTF-8
    part: str | None  # of a text that is several jobs
    old_file: str | None  # of a line that has another name now
    service: str
    before: Amounts | None
    after: Amounts | None
    to_pay: Amounts  # what it makes dearer
    paid_before: bool
    reasons: list[Why]


class Unread(Struct, frozen=True):
    """A recording without a price, since git-lfs has not brought it here."""

    kind: Happened
    file: str
    file_bytes: str | None
    bytes: int


class Share(Struct, frozen=True):
    """The part of one service: lines of each kind, prices before and after, what the change costs."""

    service: str
    added: int
    removed: int
    changed: int
    renamed: int
    before: Amounts  # of the lines that the change touches
    after: Amounts
    to_pay: Amounts


class Threshold(Struct, frozen=True):
    """What the change may cost, and whether it stays below: limit in cents, or in percent of the old plan."""

    option: str
    limit: str  # as an exact text: `500`, `20`, `12.5`
    unit: Literal["cents", "percent"]
    passed: bool
    words: str


class Compared(Struct, frozen=True):
    """One of the two plans: a manifest, or a tree of files."""

    name: str  # path of the manifest, or the ref as it was given; empty: the working tree
    commit: str | None
    fork: bool  # the commit is where this branch left the ref


class Diff(Struct, frozen=True, kw_only=True):
    """The whole document."""

    schema: Literal["earmark.diff"] = "earmark.diff"
    version: Literal[1] = 1
    outcome: str
    exit: int
    sentence: str
    name: str  # of the comment
    paths: list[str]
    base: Compared
    head: Compared
    old: Amounts
    new: Amounts
    difference: Amounts  # new - old, at full price
    to_pay: Amounts  # what the change costs on top
    same: int  # items
    services: list[Share]
    lines: list[Line]
    unread: list[Unread]
    thresholds: list[Threshold]
    notes: list[str]


def amounts(sum_: Sum) -> Amounts:
    """A sum as the document has it."""
    return Amounts(*sum_.figures)


def line_of(change: Change) -> Line:
    """A change as the document has it."""
    item, old = change.item, change.old
    file, raw = _named(item)
    return Line(
        kind=change.kind.value,
        file=file,
        file_bytes=raw,
        part=item.part,
        old_file=None if old is None or old.path == item.path else _named(old)[0],
        service=item.service,
        before=None if change.old is None else amounts(change.before),
        after=None if change.new is None else amounts(change.now),
        to_pay=amounts(change.to_pay),
        paid_before=change.paid_before,
        reasons=[
            Why(each.what, _text(each.before), _text(each.after), each.words) for each in change.reasons
        ],
    )


def _named(item: Item) -> tuple[str, str | None]:
    return item.file, item.file_bytes


def _text(value: str) -> str:
    """A value without what JSON cannot carry."""
    return as_written(value)[0]


def shares(comparison: Comparison) -> list[Share]:
    """What the change does to each service, the dearest first."""
    groups: dict[str, list[Change]] = {}
    for each in comparison.changes:
        groups.setdefault(each.item.service, []).append(each)
    found = [_share(service, some) for service, some in groups.items()]
    return sorted(found, key=lambda each: (-each.to_pay.ceiling, -each.to_pay.credits_ceiling, each.service))


def _share(service: str, some: Sequence[Change]) -> Share:
    counts = {kind: sum(1 for each in some if each.kind is kind) for kind in Kind}
    return Share(
        service,
        counts[Kind.ADDED],
        counts[Kind.REMOVED],
        counts[Kind.CHANGED],
        counts[Kind.RENAMED],
        amounts(added_up(each.before for each in some)),
        amounts(added_up(each.now for each in some)),
        amounts(added_up(each.to_pay for each in some)),
    )


def unread_of(comparison: Comparison) -> list[Unread]:
    """What has no price."""
    return [Unread(each.kind.value, *as_written(each.file), each.size) for each in comparison.unpriced]


def written(texts: Iterable[str]) -> list[str]:
    """Paths of a command line, as far as JSON can carry them."""
    return [as_written(each)[0] for each in texts]


def render(document: Diff) -> str:
    """The document as indented JSON."""
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def schema() -> Mapping[str, Any]:
    """The JSON Schema of the document."""
    found = msgspec.json.schema(Diff)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA,
        "title": "What a change does to a plan, and what it costs: earmark diff --json, version 1",
        **found,
    }
