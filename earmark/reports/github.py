"""What needs somebody, as annotations of GitHub Actions (workflow commands, one a line).

GitHub shows ten of each kind for a step, so no more are written; all else is in the other views.
"""

import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from earmark.reports.amounts import price
from earmark.reports.document import Item, Report
from earmark.reports.fates import FAILED, MEANINGS, first_of
from earmark.terminal import printable
from manifests.exits import Exit

MOST = 10
"""Annotations of each kind."""

ERRORS = (*FAILED, "in doubt", "stale")
WARNINGS = ("not saved",)

_NO_FAULTS = frozenset({Exit.DONE, Exit.SOME_FAILED, Exit.STOPPED_AS_TOLD})
"""Ends of which the items tell all that there is to tell."""

_DATA = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY = {**_DATA, ":": "%3A", ",": "%2C"}


def render(report: Report, place: Path) -> Iterator[str]:
    """The commands: the sentence first, an error where the command as a whole did not do what it should."""
    bad = report.exit not in _NO_FAULTS and not report.running and report.made_by != "report"
    title = f"earmark {report.made_by}: {report.outcome}"
    yield command("error" if bad else "notice", report.sentence, title=title)
    yield from islice(_errors(report, place), MOST - bad)
    yield from islice(_warnings(report, place), MOST)


def command(kind: str, message: str, **properties: str) -> str:
    """One command; what is in names and messages can neither end it nor begin another."""
    told = ",".join(f"{name}={_escaped(value, _PROPERTY)}" for name, value in properties.items() if value)
    return f"::{kind}{f' {told}' if told else ''}::{_escaped(message, _DATA)}\n"


def _escaped(text: str, letters: dict[str, str]) -> str:
    return "".join(letters.get(each, each) for each in printable(text))


def _errors(report: Report, place: Path) -> Iterator[str]:
    for items in first_of(report, ERRORS, MOST).values():
        yield from (_of(item, report, "error", place) for item in items)


def _warnings(report: Report, place: Path) -> Iterator[str]:
    for items in first_of(report, WARNINGS, MOST).values():
        yield from (_of(item, report, "warning", place) for item in items)
    planned = report.planned
    if planned is not None:
        for left in planned.left_out:
            detail = f": {left.detail}" if left.detail and left.detail != left.reason else ""
            yield command("warning", f"{left.reason}{detail}", file=left.file, title="left out")
        for each in planned.not_priced:
            words = f"{each.product}, {each.reason}: {each.detail}"
            yield command("warning", words, file=each.file, title="not priced")


def _of(item: Item, report: Report, kind: str, place: Path) -> str:
    message = f"{item.file} ({item.service}, {price(item)}): {item.reason or MEANINGS[item.fate]}"
    return command(kind, message, file=_place(item.file, report, place), title=item.fate)


def _place(file: str, report: Report, folder: Path) -> str:
    """Where a file lies as seen from a folder, as far as the document tells: GitHub knows the checkout's."""
    if report.manifest is None or report.root is None:
        return file
    whole = os.path.normpath(folder.joinpath(report.manifest).parent / report.root / file)
    return os.path.relpath(whole, folder) if Path(whole).is_relative_to(folder) else whole
