"""Where a plan may pay for nothing: recordings that lie there twice, recordings without anything to hear.

One value for each, from which the screen and the documents are made.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from earmark.plan_values import PlanResult
from earmark.screens.words import some
from earmark.screens.wrapping import unbroken
from earmark.terminal import printable, quoted, shortened
from manifests.money import Cents, show
from planner.doubles import Doubles
from planner.quiet import Quiet

FEW = 3
"""Files that are named, and left out by one command."""

NAME = 48
"""Columns of a file's name."""

_SPECIAL = {mark: f"[{mark}]" for mark in "*?["}


@dataclass(frozen=True, slots=True)
class Look:
    """One thing to look at: in words, with the options of `plan` that leave it out."""

    kind: str
    words: str
    items: int
    cents: Cents
    files: tuple[str, ...]  # as the manifest names them, bytes that are no UTF-8 as Python has them
    options: str  # empty where patterns cannot say it

    @property
    def row(self) -> str:
        """The line of the screen."""
        return f"{self.words}   {unbroken(self.options)}".rstrip()


def looks(result: PlanResult) -> Iterator[Look]:
    """All of them."""
    if result.summary.doubles:
        yield _doubled(result, result.summary.doubles)
    if result.summary.quiet:
        yield _silent(result, result.summary.quiet)


def _doubled(result: PlanResult, told: Doubles) -> Look:
    kept, again = (result.root.relative(path) for path in (told.kept, told.again))
    more = f" and {told.count - 1:,} more" if told.count > 1 else ""
    words = (
        f"{some(told.count, 'recording')} once more in another folder, of one name and length:"
        f" {_short(again)} as {_short(kept)}{more}, {show(told.cents)}"
    )
    folder = result.root.relative(told.folder) if told.folder and told.count > 1 else ""
    options = _excluded(result, [f"{_pattern(f'{folder}/')}**"] if folder else [_pattern(again)])
    if told.count > 1 and not folder:
        options = ""
    if options and told.others and folder:
        words += f" (the option drops {told.others:,} more)"
    return Look("double", words, told.count, told.cents, (again,), options)


def _silent(result: PlanResult, told: Quiet) -> Look:
    files = tuple(result.root.relative(path) for path in told.files)
    more = f" and {told.count - FEW:,} more" if told.count > FEW else ""
    words = (
        f"{some(told.count, 'recording')} with next to nothing to hear:"
        f" {', '.join(map(_short, files[:FEW]))}{more}, {show(told.cents)}"
    )
    options = _excluded(result, list(map(_pattern, files))) if told.count <= FEW else ""
    return Look("silence", words, told.count, told.cents, files, options)


def _excluded(result: PlanResult, patterns: list[str]) -> str:
    """The options that leave them out; patterns are meant below each path of the command, so of one only."""
    if len(result.options.paths) != 1:
        return ""
    return " ".join(f"--exclude {quoted(pattern)}" for pattern in patterns)


def _pattern(name: str) -> str:
    """The pattern that means this file or folder and no other."""
    meant = "".join(_SPECIAL.get(letter, letter) for letter in name)
    return meant if "/" in meant else f"./{meant}"


def _short(name: str) -> str:
    return shortened(printable(name), NAME)
