"""The root of every error that Earmark raises on purpose.

EarmarkError
├── UsageError             2   the command, a path or an option is wrong
├── ManifestError          2   the manifest cannot be read as it stands
├── MachineError          10   disk, lock or ledger of this machine
└── (beside what raises them: planner.leftout, runner.api.errors, runner.ledger.identity, …)
"""

import difflib
from collections.abc import Iterable

from manifests.exits import Exit


class EarmarkError(Exception):
    """Something a person can act on; the message says what happened and what to do next."""

    exit_code: Exit = Exit.BUG


class UsageError(EarmarkError):
    """The command line, a path, an option or an amount is wrong."""

    exit_code = Exit.USAGE


class ManifestError(EarmarkError):
    """A manifest is unreadable or contradicts itself; the message names the line."""

    exit_code = Exit.USAGE


class MachineError(EarmarkError):
    """This machine cannot go on: disk, lock, ledger."""

    exit_code = Exit.MACHINE


def nearest(word: str, known: Iterable[str]) -> str:
    """A hint such as `; did you mean 'stems'?`, or nothing when no known word is close."""
    spelled = {each.casefold(): each for each in known}
    close = difflib.get_close_matches(word.casefold(), spelled, n=1, cutoff=0.55)
    return f"; did you mean {spelled[close[0]]!r}?" if close else ""


def choices(word: str, known: Iterable[str]) -> str:
    """The nearest known word and all of them: `; did you mean 'stems'? Known: transcription, stems`."""
    words = list(known)
    if not words:
        return "; there are none"
    hint = nearest(word, words)
    return f"{hint} Known: {', '.join(words)}" if hint else f"; known: {', '.join(words)}"
