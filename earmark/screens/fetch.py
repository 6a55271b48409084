"""The screen of `earmark fetch`, and its JSON."""

import json
from collections.abc import Iterator, Mapping, Sequence

from earmark.fetching import Fetch, Skipped
from earmark.next_steps import pasted
from earmark.screens.words import some
from earmark.screens.wrapping import command_line, sentence, titled, wrapped
from earmark.terminal import Terminal, printable, shortened
from manifests.exits import Exit
from manifests.paths import as_written
from manifests.stored import Location
from runner.report import Fate, ItemReport

VERSION = 1
FEW = 3
"""Files named of each end."""

NAME = 48
"""Columns of a file's name."""

_LEFT: Mapping[Fate, str] = {
    Fate.NOT_SAVED: "paid, could not be fetched yet",
    Fate.RUNNING: "the service still works on them",
    Fate.IN_DOUBT: "the answer was lost: perhaps paid",
    Fate.LOST: "paid, and the service no longer has the result",
}
"""What keeps results away."""


def render(found: Sequence[Fetch], skipped: Sequence[Skipped], terminal: Terminal) -> str:
    """The whole screen; of several manifests, those with news."""
    news = [each for each in found if len(found) == 1 or each.brought or each.exit is not Exit.DONE]
    rows = [line for each in news for line in _fetch(each, terminal)]
    for each_skipped in skipped:
        told = f"{printable(str(each_skipped.path))}: left out, {printable(each_skipped.reason)}"
        rows += sentence(told, terminal.width)
    if len(found) > len(news):
        rows.append(f"{some(len(found) - len(news), 'manifest')} with nothing missing")
    return "\n".join(rows or ["The ledger knows no manifest yet."]) + "\n"


def _fetch(each: Fetch, terminal: Terminal) -> Iterator[str]:
    report = each.report
    missing = report.count(*_LEFT)
    told = f"{some(each.brought, 'item')} fetched" if each.brought else "nothing was missing on disk"
    if missing and not each.brought:
        told = "nothing fetched"
    left = f", {missing:,} still away" if missing else ""
    name, width = printable(str(each.path)), terminal.width
    yield from titled(name, f"{told}{left}    {_folder(each.place)}", terminal)
    for fate, meaning in _LEFT.items():
        yield from _left(fate, meaning, report.of(fate), width)
    for _, message in report.stops:
        yield from wrapped("  ", printable(message), width)
    if each.exit is not Exit.DONE:
        yield from command_line("Next:  ", *_next(each), width)


def _folder(place: Location) -> str:
    """As `run` shows it: as it was named, with one slash at its end."""
    return printable(str(place)).removesuffix("/") + "/"


def _left(fate: Fate, meaning: str, items: Sequence[ItemReport], width: int) -> Iterator[str]:
    if not items:
        return
    names = ", ".join(shortened(printable(item.file), NAME) for item in items[:FEW])
    more = f" and {len(items) - FEW:,} more" if len(items) > FEW else ""
    yield from wrapped(f"  {fate.value:<11}{len(items):>6,}   ", f"{meaning}: {names}{more}", width)


def _next(each: Fetch) -> tuple[str, str]:
    """A command and words beside it, or words alone."""
    manifest = pasted(str(each.path))
    if each.exit is Exit.IN_DOUBT:
        return f"earmark reconcile {manifest}", ""
    if each.exit is Exit.SOME_FAILED:
        return "", "`plan --pay-again` buys lost results again"
    return f"earmark fetch {manifest}", "later; free"


def document(found: Sequence[Fetch], skipped: Sequence[Skipped]) -> str:
    """The same for machines."""
    data = {
        "version": VERSION,
        "manifests": [_data(each) for each in found],
        "left_out": [{**_path(str(each.path)), "reason": each.reason} for each in skipped],
    }
    return json.dumps(data, indent=2) + "\n"


def _data(each: Fetch) -> Mapping[str, object]:
    report = each.report
    return {
        **_path(str(each.path)),
        "exit": int(each.exit),
        "output": _path(str(report.output)),
        "fetched": each.brought,
        "left": {fate.value: [_path(item.file) for item in report.of(fate)] for fate in _LEFT},
        "stops": [{"stop": stop.value, "message": message} for stop, message in report.stops],
        "notes": list(report.notes),
    }


def _path(path: str) -> Mapping[str, str]:
    shown, raw = as_written(path)
    return {"file": shown} if raw is None else {"file": shown, "file_bytes": raw}
