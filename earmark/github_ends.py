"""What GitHub Actions shows of a command by itself: a page in the step's summary, and annotations.

The runner reads commands in stderr, too, where they leave a JSON document on stdout alone.
"""

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

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


def tell(report: Callable[[], Report], environ: Mapping[str, str]) -> None:
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


def _add(summary: Path, text: str) -> None:
    """Append it; nothing where the page would grow too long and vanish as a whole."""
    data = text.encode()
    with summary.open("ab") as file:
        if os.fstat(file.fileno()).st_size + len(data) > MOST:
            raise ValueError(f"it would be longer than {MOST:,} bytes")
        file.write(data)
