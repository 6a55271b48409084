"""The items of a report as the columns that the page's table reads: small, and inert in HTML.

A column has one value an item. Words that repeat are numbers of a list; of texts that begin alike, each
says how much of the one before it begins with.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from heapq import nsmallest
from pathlib import Path
from typing import Any, Final

import msgspec

from earmark.reports.document import Item, Moment, Share
from earmark.reports.html_links import labels, relative, stem
from earmark.terminal import printable

MOST = 20_000
"""Items in a page: a browser filters and sorts so many at once, and 4 MB can still be sent by mail."""

REASON = 400
"""Characters of a reason: a service may answer with a page."""

LATER: Final = ("waiting", "skipped", "saved")
"""What needs nobody, after all other fates; what was saved comes last."""

FIRST: Final = ("lost", "failed", "rejected", "in doubt", "not saved", "stale", "sending", "running")
"""What somebody should look at, the worst first."""

_INERT = re.compile("[<\u2028\u2029]")


def rank(fate: str) -> int:
    """The place of a fate: what should be looked at comes first."""
    if fate in FIRST:
        return FIRST.index(fate)
    return len(FIRST) + (LATER.index(fate) + 1 if fate in LATER else 0)


def listed(items: Iterable[Item], most: int) -> list[Item]:
    """The items that the page lists: what should be looked at first, else as in the manifest."""
    return [
        item for _, item in nsmallest(most, enumerate(items), key=lambda pair: (rank(pair[1].fate), pair[0]))
    ]


def columns(items: Sequence[Item], folder: Path) -> dict[str, Any]:
    """The table's columns; results as paths relative to the page's folder."""
    results = [
        (without(relative(each, folder), item.file), name)
        for item in items
        for each, name in zip(item.results, labels(item.results, item.file), strict=True)
    ]
    return {
        "file": alike([printable(each.file) for each in items]),
        "job": alike([printable(each.job_id) for each in items]),
        "service": coded([printable(each.service) for each in items]),
        "fate": coded([printable(each.fate) for each in items]),
        "state": coded([printable(each.state) for each in items]),
        "grade": coded([printable(each.grade) for each in items]),
        "reason": coded([clipped(each.reason) for each in items]),
        "ms": [each.ms for each in items],
        "bytes": [each.bytes for each in items],
        "expected": [each.expected for each in items],
        "ceiling": [each.ceiling for each in items],
        "charged": [each.charged for each in items],
        "since": _since(items),
        "held": few({n: each.held for n, each in enumerate(items) if each.held}),
        "saved": few({n: each.saved for n, each in enumerate(items) if each.saved}),
        "tries": few({n: each.tries for n, each in enumerate(items) if each.tries}),
        "credits": few({n: 1 for n, each in enumerate(items) if each.currency == "credits"}),
        "shared": few({n: 1 for n, each in enumerate(items) if each.shared}),
        "paid": few({n: 1 for n, each in enumerate(items) if each.paid_before}),
        "results": [len(each.results) for each in items],
        "path": alike([path for path, _ in results]),
        "label": coded([name for _, name in results]),
    }


def sums(shares: Iterable[Share]) -> list[list[Any]]:
    """Services or folders as the charts read them: name, expected, charged, held."""
    return [[printable(each.name), each.expected, each.charged, each.held] for each in shares]


def moments(timeline: Iterable[Moment]) -> list[list[int]]:
    """The run over time: seconds since 1970, items done, cents."""
    times = ((seconds(each.at), each) for each in timeline)
    return [[at, each.done, each.cents] for at, each in times if at is not None]


def seconds(at: str | None) -> int | None:
    """An RFC 3339 time in seconds since 1970; None where there is none, or it is no time."""
    try:
        return None if at is None else round(datetime.fromisoformat(at).timestamp())
    except (ValueError, OverflowError):  # in a document that somebody edited
        return None


def clipped(text: str, most: int = REASON) -> str:
    """A foreign text on one line, safe to show, its beginning kept."""
    shown = printable(" ".join(text.split()))
    return shown if len(shown) <= most else f"{shown[: most - 1]}…"


def coded(texts: Sequence[str]) -> dict[str, Any]:
    """Texts of which many are the same: the different ones, and for each its number."""
    numbers = {text: number for number, text in enumerate(dict.fromkeys(texts))}
    return {"words": list(numbers), "at": [numbers[text] for text in texts]}


def alike(texts: Iterable[str]) -> dict[str, Any]:
    """Texts of which many begin as the one before: how many characters of it, and the rest.

    Counted as JavaScript does, in units of UTF-16.
    """
    same, rest, before = [], [], ""
    for text in texts:
        count = _common(before, text)
        same.append(count if text.isascii() else len(text[:count].encode("utf-16-le")) // 2)
        rest.append(text[count:])
        before = text
    return {"same": same, "rest": rest}


def _common(one: str, other: str) -> int:
    """How many characters two texts begin with together."""
    for count, (mine, yours) in enumerate(zip(one, other, strict=False)):
        if mine != yours:
            return count
    return min(len(one), len(other))


def without(path: str, file: str) -> str:
    """A result's path with a NUL where the item's own path is repeated in it: most of them are then alike."""
    own = stem(file)
    return path.replace(own, "\0", 1) if own and own.isprintable() else path


def few(values: dict[int, int]) -> dict[str, list[int]]:
    """A column in which most are 0: the numbers of the items that have a value, and the values."""
    return {"of": list(values), "is": list(values.values())}


def _since(items: Sequence[Item]) -> dict[str, Any]:
    """Times as seconds after the first, null where there is none."""
    times = [seconds(each.since) for each in items]
    first = min((each for each in times if each is not None), default=0)
    return {"first": first, "after": [None if each is None else each - first for each in times]}


def inert(value: Any) -> str:
    """JSON that ends no script element and begins no comment in it."""
    text = msgspec.json.encode(value).decode()
    return _INERT.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
