"""The command `earmark fetch`: missing results of what is paid, brought to disk; free."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from earmark.completing import manifests
from earmark.wallet_choice import wallet_options

if TYPE_CHECKING:  # imported when the command runs: `--help` is quick
    from earmark.fetching import Fetch, Skipped
    from earmark.terminal import Terminal
    from runner.options import RunEnds

EPILOG = """\b
Examples:
  earmark fetch manifest.yaml
  earmark fetch manifest.yaml --output elsewhere/
  earmark fetch --all
"""


@click.command(epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("manifest", type=click.Path(path_type=Path), required=False, shell_complete=manifests)
@click.option("--all", "all_known", is_flag=True, help="Of every manifest that the ledger knows.")
@click.option(
    "--output",
    metavar="FOLDER",
    help="Where results go, a folder or s3://BUCKET/FOLDER; results/ beside the manifest if left out.",
)
@wallet_options
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
@click.option("-q", "--quiet", is_flag=True, help="No progress, and no summary unless something is left.")
@click.pass_context
def fetch(
    context: click.Context,
    /,
    manifest: Path | None,
    all_known: bool,  # noqa: FBT001 - click passes options by name
    output: str | None,
    as_json: bool,  # noqa: FBT001
    quiet: bool,  # noqa: FBT001
    **given: Any,
) -> None:
    """Bring results of MANIFEST that are paid and missing on disk. Buys nothing.

    Takes one look at jobs that still run, and does not wait for them. Sources need not be there.
    """
    from earmark import run_ends, terminal
    from earmark.crashing import crashing
    from earmark.fetching import exit_of
    from earmark.screens import fetch as screen
    from earmark.wallet_choice import whose

    _one_of(manifest, output, all_known=all_known)
    shown = terminal.detect(os.environ, sys.stdout, sys.stderr)
    with run_ends.opened(os.environ, whose(given)) as (ledger, locks):
        from runner.options import RunEnds

        ends = RunEnds(
            api=run_ends.service(os.environ),
            ledger=ledger,
            locks=locks,
            probes=run_ends.probes(),
            clock=ledger.hour,
            on_signals=run_ends.on_signals,
            join=run_ends.join,
            reach=crashing(os.environ),
            server=run_ends.server(os.environ),
        )
        found, skipped = _fetched(manifest, output, ends, shown, quiet=quiet)
    code = exit_of(found)
    if as_json:
        terminal.write_out(screen.document(found, skipped))
    elif not quiet or code:
        terminal.write_out(screen.render(found, skipped, shown))
    context.exit(int(code))


def _one_of(manifest: Path | None, output: str | None, *, all_known: bool) -> None:
    """Refuse what contradicts itself."""
    if all_known == (manifest is not None):
        raise click.UsageError("name a manifest, or --all")
    if output is not None and (all_known or not output):
        raise click.UsageError(
            "--output is for one manifest: two could write the same names"
            if all_known
            else "--output is empty: name a folder, such as --output results"
        )


def _fetched(
    manifest: Path | None, output: str | None, ends: "RunEnds", shown: "Terminal", *, quiet: bool
) -> "tuple[list[Fetch], list[Skipped]]":
    """What was fetched, manifest by manifest; and the manifests that were left out."""
    from earmark.fetching import fetch_all, fetch_one
    from earmark.results_folder import RESULTS, folder_of
    from manifests.stored import location
    from manifests.text import read_manifest

    if manifest is None:
        return fetch_all(ends, RESULTS, shown, quiet=quiet)
    place = location(output) if output else manifest.parent / RESULTS
    if output:
        folder_of(output)  # a URL must be one
    return [fetch_one(read_manifest(manifest), manifest, place, ends, shown, quiet=quiet)], []
