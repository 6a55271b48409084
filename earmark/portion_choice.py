"""The options of `run` that choose what part of a manifest is bought, and for how long."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from posixpath import basename, dirname
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:  # imported when the command runs: `--help` is quick
    from manifests.text_file import ManifestFile
    from runner.choosing import Portion

F = TypeVar("F", bound=Callable[..., Any])

LIKE = 20_000
"""Files among which a pattern's nearest names are looked for: beyond them it would take seconds."""

PORTION = ("first", "pilot", "max_time")
"""Those options that have one value, as a command to go on repeats them; --only has several."""


def portion_options(command: F) -> F:
    """Give a command --only, --first, --pilot and --max-time, which `portion_of` and the next one read."""
    options = (
        click.option(
            "--only",
            multiple=True,
            metavar="GLOB",
            help="Buy only files that match, such as '*.mp3' or 'talks/**'; repeat for more.",
        ),
        click.option(
            "--first", type=click.IntRange(1), metavar="N", help="Buy only the first N items still to buy."
        ),
        click.option(
            "--pilot",
            metavar="SIZE",
            help="Buy a sample first, such as 3 items or 1%, and the rest once you say so.",
        ),
        click.option(
            "--max-time",
            metavar="TIME",
            help="Send nothing more after so long: 90s, 50m, 8h. What runs is brought for a while.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def portion_of(given: Mapping[str, Any], plan: "ManifestFile") -> "Portion":
    """What part of a manifest the options mean.

    Raises:
        UsageError: a pattern matches no file of it, or --pilot is no sample.
    """
    from manifests.pilot import size_of
    from planner.globs import Globs
    from runner.choosing import Portion

    only = tuple(given["only"])
    if only:
        _each_matches(only, plan)
    return Portion(
        only=Globs(only).match if only else None,
        first=given["first"],
        pilot=None if given["pilot"] is None else size_of(given["pilot"]),
    )


def seconds_at_most(given: Mapping[str, Any]) -> float | None:
    """The seconds of --max-time.

    Raises:
        UsageError: no time, or none at all.
    """
    from earmark.times import seconds_of
    from manifests.errors import UsageError

    if given["max_time"] is None:
        return None
    seconds = seconds_of(given["max_time"])
    if not seconds:
        raise UsageError("--max-time 0 sends nothing: to collect what is paid, use --max-spend 0")
    return seconds


def _each_matches(only: Sequence[str], plan: "ManifestFile") -> None:
    """Refuse a pattern that no file matches: the run would buy less than somebody thinks."""
    from manifests.errors import UsageError
    from planner.globs import Globs

    if not all(glob.strip() for glob in only):  # a variable that is not set would buy everything
        raise UsageError("--only is empty: name files, such as --only 'talks/**'")
    missing = {glob: Globs((glob,)) for glob in dict.fromkeys(only)}
    for piece in plan.slices():
        for item in piece.items:
            for glob in [glob for glob, globs in missing.items() if globs.match(item.path)]:
                del missing[glob]
            if not missing:
                return
    names = (item.file for piece in plan.slices() for item in piece.items)
    raise _nothing_like(next(iter(missing)), islice(names, LIKE))


def _nothing_like(glob: str, names: Iterable[str]) -> Exception:
    """What to say of a pattern that matches nothing: the names most like it."""
    from difflib import get_close_matches

    from earmark.terminal import printable, quoted
    from manifests.errors import UsageError

    known: dict[str, None] = {}
    for name in names:
        folder = dirname(name)
        known |= dict.fromkeys([name, basename(name), *([folder, basename(folder)] if folder else [])])
    word = glob.rstrip("/*") or glob
    spelled = {each.casefold(): each for each in known}
    close = get_close_matches(word.casefold(), spelled, n=3, cutoff=0.55)
    told = ", ".join(printable(spelled[each]) for each in close)
    hint = f"the nearest there are: {told}" if told else "patterns are those of `plan --include`"
    return UsageError(f"--only {quoted(glob)} matches no file of the manifest; {hint}")
