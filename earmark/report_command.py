"""The command `earmark report`: how a manifest stands, in the form that somebody wants to read."""

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from earmark.completing import manifests

if TYPE_CHECKING:  # imported when the command runs: `--help` is quick
    from earmark.reports.document import Report

FORMATS = ("text", "markdown", "html", "junit", "csv", "json", "github")

AT_ONCE = 1 << 16
"""Characters that are written to stdout at a time."""

EPILOG = """\b
Examples:
  earmark report manifest.yaml
  earmark report manifest.yaml -o report.html
  earmark report manifest.yaml --format csv -o items.csv
  earmark report report.json --format markdown
"""


@click.command(epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("source", metavar="MANIFEST", type=click.Path(path_type=Path), shell_complete=manifests)
@click.option(
    "--format", "name", type=click.Choice(FORMATS), help="How it is written; by the file's ending, else text."
)
@click.option("-o", "output", metavar="FILE", help="Where it goes; stdout if left out, or -.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout: --format json.")
def report(source: Path, name: str | None, output: str | None, as_json: bool) -> None:  # noqa: FBT001
    """Report how MANIFEST stands: amounts, what became of each item, what needs somebody, what to type.

    Reads the ledger alone, also while a run is under way; asks no service. In place of a manifest, a
    report in JSON may be named, to be shown in another form.
    """
    from earmark.report_target import write
    from earmark.reports.formats import FORMATS as VIEWS
    from earmark.reports.formats import format_of
    from earmark.reports.text import screen
    from earmark.terminal import detect, write_out
    from manifests.errors import UsageError

    if output == "":
        raise UsageError("-o is empty: name a file, such as -o report.html")
    if as_json and name not in (None, "json"):
        raise UsageError(
            f"--json is --format json, and --format {name} says otherwise: leave one of them out"
        )
    name, output = "json" if as_json else name, None if output == "-" else output
    view = None if name is None and output is None else VIEWS[name] if name else format_of(output or "")
    with _made(source, None if output is None else Path(output)) as told:
        if output is not None and view is not None:
            write(Path(output), lambda place: view.render(told, place))
        elif view is None or name == "text":
            write_out(screen(told, detect(os.environ, sys.stdout, sys.stderr)))
        else:
            for text in _together(view.render(told, Path.cwd())):
                write_out(text)


def _together(pieces: Iterable[str]) -> Iterator[str]:
    """The same text in fewer pieces: each of them is flushed."""
    some: list[str] = []
    length = 0
    for piece in pieces:
        some.append(piece)
        length += len(piece)
        if length >= AT_ONCE:
            yield "".join(some)
            some, length = [], 0
    yield "".join(some)


@contextmanager
def _made(source: Path, output: Path | None) -> "Iterator[Report]":
    """The report; a large one reads ledger and manifest while its items are gone through."""
    from datetime import UTC, datetime

    from earmark import run_ends
    from earmark.report_target import check_target
    from earmark.reports import as_json
    from earmark.reports.kept import kept
    from earmark.reports.of_standing import report_of
    from earmark.results_folder import beside, results_folder
    from manifests.text_file import open_manifest

    usual, place = beside(source), run_ends.ledger_file(os.environ)
    if source.is_file() and as_json.is_document(_start(source)):  # which needs no ledger
        if output is not None:
            check_target(output, source, usual, place, lambda _: False)
        yield as_json.read(source.read_bytes(), str(source))
        return
    with run_ends.reading(os.environ) as (ledger, locks):
        if output is not None:
            check_target(output, source, usual, place, ledger.wrote if ledger else lambda _: False)
        with open_manifest(source) as plan:
            notes, results = kept(source, plan.head), results_folder(source, plan.head.id, ledger)
            yield report_of(plan, source, results, ledger, locks.taken, datetime.now(UTC), notes)


def _start(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(4096)
