"""What GitHub Actions shows of a command by itself: a page in the step's summary, and annotations.

The runner reads commands in stderr, too, where they leave a JSON document on stdout alone.
"""

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from earmark.reports.around import MadeBy
    from earmark.reports.document import Report

SWITCH = "EARMARK_GITHUB"
"""`0`: neither summary nor annotations."""

SUMMARY, ACTIONS = "GITHUB_STEP_SUMMARY", "GITHUB_ACTIONS"

MOST = 1 << 20
"""Bytes of a step's summary; of a longer one GitHub shows nothing."""


def is_on(environ: Mapping[str, str]) -> bool:
    """Whether there is anybody to tell."""
    wanted = environ.get(SUMMARY) or environ.get(ACTIONS) == "true"
    return bool(wanted) and environ.get(SWITCH) != "0"


def tell(report: "Callable[[], Report]", environ: Mapping[str, str]) -> None:
    """Add to the summary, write annotations; what cannot be written is a note."""
    if not is_on(environ):
        return
    from earmark.reports import github, markdown
    from earmark.terminal import write_out

    told = report()
    if environ.get(ACTIONS) == "true":
        write_out("".join(github.render(told, Path.cwd())), sys.stderr)
    if environ.get(SUMMARY):
        try:
            _add(Path(environ[SUMMARY]), "".join(markdown.render(told, Path.cwd())) + "\n")
        except (OSError, ValueError) as error:
            write_out(f"note: nothing was added to the step's summary: {error}\n", sys.stderr)


@contextmanager
def failures_of(command: "MadeBy", environ: Mapping[str, str]) -> Iterator[None]:
    """Tell of what ends a command before it has a report, and pass it on."""
    try:
        yield
    except click.exceptions.Exit:
        raise
    except Exception as error:
        if is_on(environ):
            from earmark.main import reading
            from earmark.reports.around import failed
            from earmark.secrets import hidden

            message, code = reading(command, error)
            document = failed(code, hidden(message), command, datetime.now(UTC))
            tell(lambda: document, environ)
        raise


def _add(summary: Path, text: str) -> None:
    """Append it; nothing where the page would grow too long and vanish as a whole."""
    data = text.encode()
    with summary.open("ab") as file:
        if os.fstat(file.fileno()).st_size + len(data) > MOST:
            raise ValueError(f"it would be longer than {MOST:,} bytes")
        file.write(data)
