"""The screen of `earmark doctor`, and its JSON."""

import json
import textwrap
from collections.abc import Iterator

from earmark.doctor.values import Checked, Finding, Standing
from earmark.run_outcome import WORDS
from earmark.screens.wrapping import LEAST, wrapped
from earmark.secrets import hidden
from earmark.terminal import Terminal, printable

VERSION = 1
LABEL = 12
"""Columns of a check's name."""

NARROW = 7
"""Columns that rows stand in from the left where the screen is narrow."""

_COLOURS = {Standing.OK: "green", Standing.LOOK: "yellow", Standing.BAD: "red"}
_WORDS = {Standing.OK: "ok", Standing.LOOK: "look", Standing.BAD: "BAD"}


def render(checked: Checked, terminal: Terminal) -> str:
    """First the sentence that matters, then a row for each thing that was looked at."""
    head = f"Doctor   {checked.sentence}"
    colour = "red" if checked.exit else "green"
    rows = [
        *(terminal.style(line, colour, "bold") for line in wrapped("", head, terminal.width)),
        *(line for each in checked.findings for line in _finding(each, terminal)),
    ]
    return "\n".join(rows) + "\n"


def _finding(each: Finding, terminal: Terminal) -> Iterator[str]:
    word = _WORDS[each.standing]
    head = f"  {word:<4}  {each.check:<{LABEL}}  "
    first, *more = wrapped(head, _safe(each.words), terminal.width)
    yield first.replace(word, terminal.style(word, _COLOURS[each.standing]), 1)
    yield from more
    indent = len(head) if terminal.width - len(head) >= 2 * LEAST else NARROW
    for row in each.rows:
        yield from _hanging(" " * indent, row, terminal.width)
    if each.to_do:
        yield from _hanging(f"{'->':>{indent - 1}} ", each.to_do, terminal.width)


def _hanging(head: str, text: str, width: int) -> Iterator[str]:
    """A text behind its head, its further lines below its first."""
    lines = textwrap.wrap(_safe(text), max(LEAST, width - len(head)), break_on_hyphens=False)
    yield from (f"{head if not number else ' ' * len(head)}{line}" for number, line in enumerate(lines))


def _safe(text: str) -> str:
    """A text from wherever, without what could move the cursor, and without secrets."""
    return printable(hidden(text))


def document(checked: Checked) -> str:
    """The same for machines."""
    data = {
        "version": VERSION,
        "outcome": WORDS[checked.exit],
        "exit": int(checked.exit),
        "sentence": checked.sentence,
        "checks": [_data(each) for each in checked.findings],
    }
    return json.dumps(data, indent=2) + "\n"


def _data(each: Finding) -> dict[str, object]:
    return {
        "check": each.check,
        "standing": each.standing.value,
        "words": _safe(each.words),
        "to_do": _safe(each.to_do),
        "exit": int(each.exit),
        "details": dict(each.details),
    }
