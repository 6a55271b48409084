"""The command `earmark status`: where a manifest stands, from the ledger alone."""

import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from earmark.completing import manifests

if TYPE_CHECKING:
    from manifests.manifest import Manifest

EPILOG = """\b
Examples:
  earmark status manifest.yaml
  earmark status manifest.yaml --watch
  earmark status manifest.yaml --json
"""


@click.command(epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("manifest", type=click.Path(path_type=Path), shell_complete=manifests)
@click.option(
    "--watch",
    "watches",
    is_flag=True,
    help="Look again every 2 s until the run ends; Ctrl-C leaves that alone.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
def status(manifest: Path, watches: bool, as_json: bool) -> None:  # noqa: FBT001 - click passes options by name
    """Show where MANIFEST stands: items, amounts, what is in doubt, what to type next.

    Reads the ledger alone, also while a run is under way; asks no service, writes nothing. Of 20,000 items
    and more only the ledger's sums are shown, unless the manifest was edited; --json looks at each.
    """
    from earmark.status_watch import watch
    from earmark.terminal import detect, write_out

    shown = detect(os.environ, sys.stdout, sys.stderr)
    if watches:
        watched = replace(shown, redraws=shown.redraws and not as_json)
        watch(
            lambda: _look(manifest, as_json=as_json),
            sys.stdout,
            watched,
            lines=lambda: shutil.get_terminal_size().lines,
        )
    else:
        write_out(_look(manifest, as_json=as_json)[0])


def _look(manifest: Path, *, as_json: bool) -> tuple[str, bool]:
    """The screen, or the document, and whether a run is under way."""
    from earmark import run_ends
    from earmark.hosts_standing import hosts_standing
    from earmark.pace import pace_of
    from earmark.results_folder import results_folder
    from earmark.screens import status as screen
    from earmark.standing import at_once, standing
    from earmark.terminal import detect
    from manifests.text import read_head, read_manifest

    plan = None if manifest.is_file() else read_manifest(manifest)  # a pipe is read but once
    head = read_head(manifest) if plan is None else plan.head
    with run_ends.reading(os.environ) as (ledger, locks):
        output = results_folder(manifest, head.id, ledger)
        found = None if as_json or plan else at_once(manifest, output, ledger, locks.taken)
        if found is None:
            found = standing(plan or read_manifest(manifest), manifest, output, ledger, locks.taken)
        if found.busy and ledger is not None:
            pace = pace_of(ledger, head.id, head.rates, ledger.hour(), many=found.counted)
            found = replace(found, pace=pace)
        if ledger is not None:
            found = replace(found, hosts=hosts_standing(ledger, head.id, partial(_files, manifest, plan)))
    asked = screen.asked_of(found, head.cap)
    shown = detect(os.environ, sys.stdout, sys.stderr)  # each time: the window may have another width
    text = screen.document(found, asked, head.id) if as_json else screen.render(found, asked, shown)
    return text, found.busy


def _files(path: Path, plan: "Manifest | None") -> Mapping[str, str]:
    """The files of a manifest's lines, by their keys in the ledger."""
    from manifests.text import read_manifest
    from runner.lines import lines_of

    plan = plan or read_manifest(path)
    return {line.key: line.label for line in lines_of(plan, path.absolute().parent, plan.head.rates)}
