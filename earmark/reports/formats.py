"""The table of views: each shows a report, and knows the document alone. A new one is a file and a row."""

import importlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from earmark.reports.document import Report
from manifests.errors import UsageError


class View(Protocol):
    """Shows a report."""

    def __call__(self, report: Report, place: Path) -> Iterable[str]:
        """Pieces of text, one after the other.

        Args:
            report: the document.
            place: the folder that the text will lie in; links to results are made relative to it.
        """
        ...


@dataclass(frozen=True, slots=True)
class Format:
    """A row of the table; the module has a `View` called `render`, and is imported when it is used."""

    module: str
    endings: tuple[str, ...] = ()  # of files that are written in it

    @property
    def render(self) -> View:
        """The view."""
        found: View = importlib.import_module(f"earmark.reports.{self.module}").render
        return found


FORMATS: Mapping[str, Format] = {
    "text": Format("text", (".txt",)),
    "markdown": Format("markdown", (".md", ".markdown")),
    "html": Format("html", (".html", ".htm")),
    "junit": Format("junit", (".xml",)),
    "csv": Format("as_csv", (".csv",)),
    "json": Format("as_json", (".json",)),
    "github": Format("github"),
}
"""The views by their names."""


def format_of(file: str) -> Format:
    """The view that a file's ending asks for.

    Raises:
        UsageError: none does.
    """
    ending = Path(file).suffix.lower()
    for each in FORMATS.values():
        if ending in each.endings:
            return each
    endings = [one for each in FORMATS.values() for one in each.endings]
    told = ", ".join(endings)
    raise UsageError(f"{file}: the ending says how a report is written; write one of {told}")
