"""The items as a table for spreadsheets: one row an item. No cell is a formula, whatever a file is called."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from msgspec.structs import fields

from earmark.reports.document import Item, Report
from earmark.terminal import printable

COLUMNS = tuple(each.name for each in fields(Item))
"""The fields of an item, in the document's order."""

FORMULA = ("=", "+", "-", "@", "\t", "\r", "|", "%")
"""What spreadsheets may take for the beginning of a formula, or of a command."""

RESULTS = "\n"
"""Between the results of an item, in its cell; a path's own line ends are escaped."""


def render(report: Report, place: Path) -> Iterator[str]:  # noqa: ARG001 - as in all views
    """The table, a row at a time, its lines ended as RFC 4180 has it."""
    yield _row(COLUMNS)
    for item in report.items:
        yield _row([_cell(getattr(item, name)) for name in COLUMNS])


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case int():
            return str(value)
        case list():
            return RESULTS.join(map(safe, map(str, value)))
    return safe(str(value))


def safe(text: str) -> str:
    """A text that no spreadsheet calculates: an apostrophe stands before what could begin a formula."""
    shown = printable(text)
    return f"'{shown}" if shown.lstrip().startswith(FORMULA) else shown


def _row(cells: "tuple[str, ...] | list[str]") -> str:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()
