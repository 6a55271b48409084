"""The root of every error that Earmark raises on purpose.

EarmarkError
├── UsageError             2   the command, a path or an option is wrong
├── ManifestError          2   the manifest cannot be read as it stands
├── MachineError          10   disk, lock or ledger of this machine
└── (beside what raises them: planner.leftout, runner.api.errors, runner.ledger.identity, …)
"""

import difflib
import os
from collections.abc import Iterable
from itertools import islice

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


CLOSE = 0.55
"""How alike two words must be, from 0 to 1, for one to be the other typed wrong."""


def closest(word: str, known: Iterable[str], cutoff: float = CLOSE) -> str:
    """The known word that is nearest to one that was typed; empty when none is close."""
    spelled = {each.casefold(): each for each in known}
    close = difflib.get_close_matches(word.casefold(), spelled, n=1, cutoff=cutoff)
    return spelled[close[0]] if close else ""


def nearest(word: str, known: Iterable[str], cutoff: float = CLOSE) -> str:
    """A hint such as `; did you mean 'stems'?`, or nothing when no known word is close."""
    close = closest(word, known, cutoff)
    return f"; did you mean {close!r}?" if close else ""


def choices(word: str, known: Iterable[str]) -> str:
    """The nearest known word and all of them: `; did you mean 'stems'? Known: transcription, stems`."""
    words = list(known)
    if not words:
        return "; there are none"
    hint = nearest(word, words)
    return f"{hint} Known: {', '.join(words)}" if hint else f"; known: {', '.join(words)}"


CLOSE_NAMES = 0.75
"""The same of names of files, which often end alike."""

MANY = 5_000
"""Names in a folder among which none is looked for: that would take seconds."""


def nearest_path(path: str) -> str:
    """A hint such as `; did you mean 'podcasts/ep02.mp3'?` for a path that is not there, or nothing.

    The first part of it that is missing is looked for in the folder where it should be.
    """
    parent, name = os.path.split(path.rstrip(os.sep))
    while parent and not os.path.isdir(parent):  # noqa: PTH112 - a path as it was typed
        parent, name = os.path.split(parent.rstrip(os.sep))
        if not name:
            return ""
    try:
        with os.scandir(parent or os.curdir) as found:
            names = [each.name for each in islice(found, MANY)]
    except (OSError, ValueError):
        return ""
    if len(names) == MANY or not name:
        return ""
    whole = {each: os.path.join(parent, each) for each in names}  # noqa: PTH118 - as above
    hint = closest(name, names, CLOSE_NAMES)
    return f"; did you mean {whole[hint]!r}?" if hint else ""
