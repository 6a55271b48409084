"""The option of `run` that has reports written while it runs, and at its end."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from earmark.reports.formats import Format

F = TypeVar("F", bound=Callable[..., Any])


def report_option(command: F) -> F:
    """Add `--report`."""
    return click.option(
        "--report",
        "report_files",
        multiple=True,
        metavar="FILE",
        help="Write a report there, by its ending .html, .md, .xml, .csv, .json or .txt; repeat for more.",
    )(command)


def chosen(files: Sequence[str]) -> "list[tuple[Path, Format]]":
    """Each file with the view that its ending asks for.

    Raises:
        UsageError: an ending of no view, one file twice, or a folder that is not there.
    """
    from earmark.reports.formats import format_of
    from manifests.errors import UsageError

    found: list[tuple[Path, Format]] = []
    for file in files:
        if not file:
            raise UsageError("--report is empty: name a file, such as --report report.html")
        target = Path(file)
        view = format_of(file)
        if target.is_dir() or not target.parent.is_dir():
            raise UsageError(f"--report {file}: name a file in a folder that exists")
        if target.resolve() in [other.resolve() for other, _ in found]:
            raise UsageError(f"--report {file} is given twice")
        found.append((target, view))
    return found
