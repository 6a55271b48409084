"""The command `earmark status`: where a manifest stands, from the ledger alone."""

import os
import sys
from pathlib import Path

import click

from earmark.completing import manifests

EPILOG = """\b
Examples:
  earmark status manifest.yaml
  earmark status manifest.yaml --json
"""


@click.command(epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("manifest", type=click.Path(path_type=Path), shell_complete=manifests)
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
def status(manifest: Path, as_json: bool) -> None:  # noqa: FBT001 - click passes options by name
    """Show where MANIFEST stands: items, amounts, what is in doubt, what to type next.

    Reads the ledger alone, also while a run is under way; asks no service, writes nothing. Of 20,000 items
    and more only the ledger's sums are shown, unless the manifest was edited; --json looks at each.
    """
    from earmark import run_ends
    from earmark.run_command import RESULTS
    from earmark.screens import status as screen
    from earmark.standing import at_once, standing
    from earmark.terminal import detect, write_out
    from manifests.text import read_head, read_manifest

    output = manifest.parent / RESULTS
    plan = None if manifest.is_file() else read_manifest(manifest)  # a pipe is read but once
    head = read_head(manifest) if plan is None else plan.head
    with run_ends.reading(os.environ) as (ledger, locks):
        found = None if as_json or plan else at_once(manifest, output, ledger, locks.taken)
        if found is None:
            found = standing(plan or read_manifest(manifest), manifest, output, ledger, locks.taken)
    asked = screen.asked_of(found, head.cap)
    if as_json:
        write_out(screen.document(found, asked, head.id))
    else:
        write_out(screen.render(found, asked, detect(os.environ, sys.stdout, sys.stderr)))
