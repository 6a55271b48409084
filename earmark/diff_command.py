"""The command `earmark diff`: what a change costs, before it is merged."""

import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:  # imported when the command runs: `--help` is quick
    from earmark.diff.document import Diff
    from earmark.diff.thresholds import Limits

EPILOG = """\b
Examples:
  earmark diff old.yaml manifest.yaml
  earmark diff old.yaml manifest.yaml --fail-above 5 --fail-above-percent 20
"""

LONGEST_NAME = 64

FORMATS = ("text", "json", "markdown")


@click.command(epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("paths", nargs=-1, metavar="OLD NEW | PATH...")
@click.option(
    "--fail-above", metavar="AMOUNT", help="Exit 3 if the change can cost more than so many dollars."
)
@click.option(
    "--fail-above-percent",
    metavar="PERCENT",
    help="Exit 3 if it can cost more than such a part of the old plan.",
)
@click.option("--name", default="earmark", show_default=True, help="Which comment it is; one for each plan.")
@click.option("--all", "every", is_flag=True, help="List every line that differs, not the first 20.")
@click.option(
    "--format", "kind", type=click.Choice(FORMATS), default="text", show_default=True, help="How it is told."
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option("-q", "--quiet", is_flag=True, help="No progress, and no screen unless something went wrong.")
@click.pass_context
def diff(context: click.Context, /, paths: tuple[str, ...], **given: Any) -> None:
    """Say what a change adds, removes and changes, in minutes and dollars, and why.

    Compares two manifests. Asks no service and spends nothing.
    """
    from earmark.diff.thresholds import limits_of

    _check_name(given["name"])
    limits = limits_of(given["fail_above"], given["fail_above_percent"])
    document = _of_manifests(paths, given["name"], limits)
    _show(document, given)
    context.exit(document.exit)


def _check_name(name: str) -> None:
    """A name stands in an HTML comment."""
    if not re.fullmatch(r"[A-Za-z0-9_.]+(?:-[A-Za-z0-9_.]+)*", name) or len(name) > LONGEST_NAME:
        raise click.BadParameter(
            f"{name[:LONGEST_NAME]!r}: letters, digits, _ and ., with single - between", param_hint="--name"
        )


def _of_manifests(paths: tuple[str, ...], name: str, limits: "Limits") -> "Diff":
    from earmark.diff.document import Compared
    from earmark.diff.making import made
    from earmark.diff.sides import manifest_side
    from earmark.plan_ends import history_of

    if len(paths) != 2:  # noqa: PLR2004 - the old one and the new one
        raise click.UsageError("name two manifests, OLD and NEW")
    history, notes = history_of(os.environ)
    old, new = paths
    with manifest_side(Path(old)) as before, manifest_side(Path(new)) as now:
        compared = Compared(old, None, False), Compared(new, None, False)
        return made((before, now), compared, limits, history.paid, name=name, notes=notes)


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
