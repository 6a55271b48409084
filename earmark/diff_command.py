"""The command `earmark diff`: what a change costs, before it is merged."""

import os
import re
import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from earmark.completing import files, services

if TYPE_CHECKING:  # imported when the command runs: `--help` is quick
    from earmark.diff.document import Compared, Diff
    from earmark.diff.forge import Forge
    from earmark.diff.git import Base, Repository
    from earmark.diff.thresholds import Limits

EPILOG = """\b
Examples:
  earmark diff old.yaml manifest.yaml
  earmark diff --base origin/main podcasts/ --service transcription
  earmark diff --base origin/main manifest.yaml --fail-above 5
  earmark diff --base origin/main media/ --rules rules.yaml --comment
"""

LONGEST_NAME = 64

FORMATS = ("text", "json", "markdown")

TREES = ("services", "settings", "rules", "include", "exclude", "readers", "accept_ceiling")
"""Options that say what is bought of files."""


@click.command(epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("paths", nargs=-1, metavar="OLD NEW | PATH...", shell_complete=files)
@click.option("--base", metavar="REF", help="Compare with the files, or the manifest, of a commit of git.")
@click.option(
    "--service",
    "services",
    multiple=True,
    metavar="SERVICE[:VARIANT]",
    help="With --base: as for plan.",
    shell_complete=services,
)
@click.option(
    "--set", "settings", multiple=True, metavar="[SERVICE.]OPTION=VALUE", help="With --base: as for plan."
)
@click.option("--rules", metavar="FILE", help="With --base: as for plan; each side follows its own.")
@click.option("--include", multiple=True, metavar="GLOB", help="With --base: as for plan.")
@click.option("--exclude", multiple=True, metavar="GLOB", help="With --base: as for plan.")
@click.option("--readers", type=click.IntRange(1, 256), metavar="N", help="With --base: as for plan.")
@click.option("--accept-ceiling", is_flag=True, help="With --base: as for plan.")
@click.option(
    "--fail-above", metavar="AMOUNT", help="Exit 3 if the change can cost more than so many dollars."
)
@click.option(
    "--fail-above-percent",
    metavar="PERCENT",
    help="Exit 3 if it can cost more than such a part of the old plan.",
)
@click.option(
    "--comment", is_flag=True, help="Write it under the pull request, or bring the comment up to date."
)
@click.option(
    "--pull", type=click.IntRange(1), metavar="N", help="Which pull request; that of the job if left out."
)
@click.option(
    "--name",
    default="earmark",
    show_default=True,
    metavar="NAME",
    help="Which comment it is; one for each plan.",
)
@click.option("--all", "every", is_flag=True, help="List every line that differs, not the first 20.")
@click.option(
    "--format", "kind", type=click.Choice(FORMATS), default="text", show_default=True, help="How it is told."
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option("-q", "--quiet", is_flag=True, help="No progress, and no screen unless something went wrong.")
@click.pass_context
def diff(context: click.Context, /, paths: tuple[str, ...], **given: Any) -> None:
    """Say what a change adds, removes and changes, in minutes and dollars, and why.

    Compares two manifests, OLD and NEW; or, with --base, the files here under PATH... with those of a
    commit, or a manifest with itself as it was committed. Asks no service and spends nothing.
    """
    from earmark.diff.thresholds import limits_of
    from earmark.interrupts import heeded

    _check_name(given["name"])
    limits = limits_of(given["fail_above"], given["fail_above_percent"])
    with _forge(given) as forge:
        with heeded() as check:
            document = (_of_manifests if given["base"] is None else _of_commit)(paths, given, limits)
            check()
        _show(document, given)
        failed = _comment(document, forge)
    context.exit(document.exit or failed)


def _forge(given: Mapping[str, Any]) -> "AbstractContextManager[Forge | None]":
    """Where the comment goes, if one is wanted."""
    if not given["comment"]:
        if given["pull"] is not None:
            raise click.UsageError("--pull goes with --comment")
        return nullcontext()
    from earmark.diff.commenting import forge_of

    return forge_of(os.environ, given["pull"])


def _comment(document: "Diff", forge: "Forge | None") -> int:
    if forge is None:
        return 0
    from earmark.diff.commenting import comment

    return int(comment(forge, document, os.environ))


def _check_name(name: str) -> None:
    """A name stands in an HTML comment."""
    if not re.fullmatch(r"[A-Za-z0-9_.]+(?:-[A-Za-z0-9_.]+)*", name) or len(name) > LONGEST_NAME:
        raise click.BadParameter(
            f"{name[:LONGEST_NAME]!r}: letters, digits, _ and ., with single - between", param_hint="--name"
        )


def _of_manifests(paths: tuple[str, ...], given: Mapping[str, Any], limits: "Limits") -> "Diff":
    from earmark.diff.document import Compared
    from earmark.diff.making import made
    from earmark.diff.sides import manifest_side
    from earmark.plan_ends import history_of

    for option in TREES:
        if given[option]:
            raise click.UsageError(
                f"--{_typed(option)} goes with --base REF: manifests say themselves what is bought"
            )
    if len(paths) != 2:  # noqa: PLR2004 - the old one and the new one
        raise click.UsageError("name two manifests, OLD and NEW, or --base REF and what to compare")
    history, notes = history_of(os.environ)
    old, new = paths
    with manifest_side(Path(old)) as before, manifest_side(Path(new)) as now:
        compared = Compared(old, None, fork=False), Compared(new, None, fork=False)
        return made((before, now), compared, limits, history.paid, name=given["name"], notes=notes)


def _typed(option: str) -> str:
    return {"services": "service", "settings": "set"}.get(option, option.replace("_", "-"))


def _of_commit(paths: tuple[str, ...], given: Mapping[str, Any], limits: "Limits") -> "Diff":
    from earmark.diff.git import Repository
    from earmark.own_files import is_manifest

    folder = _folder(paths)
    repository = Repository.around(folder)
    base = repository.base(given["base"])
    if len(paths) == 1 and is_manifest(paths[0]):
        for option in TREES:
            if given[option]:
                raise click.UsageError(f"--{_typed(option)} goes with files: {paths[0]} is a manifest")
        return _of_committed(repository, base, paths[0], given["name"], limits)
    return _of_trees(repository, base, paths or (os.curdir,), given, limits)


def _folder(paths: tuple[str, ...]) -> str:
    """A folder in the work tree that is meant: of the first path, where that is there."""
    first = os.path.realpath(paths[0] if paths else os.curdir)
    while not os.path.isdir(first):  # noqa: PTH112
        first = os.path.dirname(first)  # noqa: PTH120
    return first


def _of_committed(repository: "Repository", base: "Base", path: str, name: str, limits: "Limits") -> "Diff":
    from earmark.diff.committed import committed_side
    from earmark.diff.document import Compared
    from earmark.diff.making import made
    from earmark.diff.sides import manifest_side
    from earmark.plan_ends import history_of

    history, notes = history_of(os.environ)
    below = os.path.relpath(os.path.realpath(path), repository.top)
    with committed_side(repository, base, below) as (before, why), manifest_side(Path(path)) as now:
        notes = (*notes, why) if why else notes
        compared = _compared(base), Compared(path, None, fork=False)
        return made((before, now), compared, limits, history.paid, name=name, notes=notes, paths=[path])


def _of_trees(
    repository: "Repository",
    base: "Base",
    paths: tuple[str, ...],
    given: Mapping[str, Any],
    limits: "Limits",
) -> "Diff":
    from earmark import plan_ends, terminal
    from earmark.diff.document import Compared
    from earmark.diff.making import made
    from earmark.diff.trees import trees
    from earmark.plan_values import PlanOptions

    options = PlanOptions(paths, **{option: given[option] for option in TREES})
    shown = terminal.detect(os.environ, sys.stdout, sys.stderr)
    history, notes = plan_ends.history_of(os.environ)
    ends = replace(plan_ends.ends_of(history, None, shown, quiet=given["quiet"]), wallet=None)
    with trees(repository, base, options, ends) as found:
        return made(
            (found.old, found.new),
            (_compared(base), Compared("", None, fork=False)),
            limits,
            history.paid,
            found.same_sound,
            name=given["name"],
            paths=paths,
            notes=[*notes, *found.notes],
        )


def _compared(base: "Base") -> "Compared":
    from earmark.diff.document import Compared

    return Compared(base.ref, base.commit, base.fork)


def _show(document: "Diff", given: dict[str, Any]) -> None:
    """The document on stdout in the form that was asked for; what stops a script also on stderr."""
    from earmark.diff import markdown, screen
    from earmark.diff.document import render
    from earmark.terminal import detect, printable, write_out

    kind = "json" if given["as_json"] else given["kind"]
    if kind == "json":
        write_out(render(document))
    elif kind == "markdown":
        write_out(markdown.render(document))
    elif not given["quiet"] or document.exit:
        write_out(screen.render(document, detect(os.environ, sys.stdout, sys.stderr), every=given["every"]))
    if document.exit:
        write_out(f"diff: {printable(screen.verdict(document))}\n", sys.stderr)
