"""The commands `earmark ledger …`: its place, whether it can be relied on, a copy, a lost one made again."""

import os
import shlex
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from earmark.completing import manifests
from earmark.wallet_choice import wallet_options
from manifests.exits import Exit

if TYPE_CHECKING:  # imported when a command runs: `--help` is quick
    from runner.ledger.places import Place, Server
    from runner.rebuilding import Rebuilt

EPILOG = """\b
Examples:
  earmark ledger check
  earmark ledger backup copy.db
  earmark ledger rebuild manifest.yaml
  earmark ledger migrate                 # makes a ledger on a server ready
"""

_SETTINGS = {"help_option_names": ["-h", "--help"]}
_AS_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")


@click.group(epilog=EPILOG, context_settings=_SETTINGS)
def ledger() -> None:
    """The durable account of what was bought: check it, copy it, move it, make a lost one again."""


@ledger.command(
    epilog="\b\nExample:\n  earmark ledger path",
    short_help="Print where the ledger lies.",
    context_settings=_SETTINGS,
)
@_AS_JSON
def path(as_json: bool) -> None:  # noqa: FBT001 - click passes options by name
    """Print where the ledger of this wallet lies, or will lie once something is run."""
    from earmark import run_ends
    from earmark.screens import ledger as screen
    from earmark.terminal import write_out

    place = run_ends.ledger_place(os.environ)
    write_out(screen.path_data(place, exists=_exists(place)) if as_json else f"{place}\n")


@ledger.command(
    epilog="\b\nExamples:\n  earmark ledger check\n  earmark ledger check --quick",
    short_help="Check the ledger, and the results that it recorded.",
    context_settings=_SETTINGS,
)
@click.option("--quick", is_flag=True, help="Leave out the results, of which every byte is read.")
@_AS_JSON
@click.pass_context
def check(context: click.Context, /, quick: bool, as_json: bool) -> None:  # noqa: FBT001
    """Check whether the ledger can be relied on, and whether results are on disk as they were saved.

    Reads only, also while a run is under way. Exit 10 where something is not in order.
    """
    from earmark import run_ends
    from earmark.run_by import host_name
    from earmark.screens import ledger as screen
    from earmark.terminal import detect, write_out
    from runner.ledger.checking import check as check_ledger
    from runner.ledger.kept import odd_results

    place = _there(run_ends.ledger_place(os.environ))
    found = check_ledger(place)
    results = None if quick or not found.counts else tuple(odd_results(place, host_name(os.environ)))
    shown = detect(os.environ, sys.stdout, sys.stderr)
    state = screen.State(place, found, results)
    write_out(screen.check_data(state) if as_json else screen.check(state, shown))
    context.exit(int(Exit.DONE if state.in_order else Exit.MACHINE))


@ledger.command(
    epilog="\b\nExamples:\n  earmark ledger backup copy.db\n  earmark ledger backup --force copy.db",
    short_help="Copy the ledger, also while a run is under way.",
    context_settings=_SETTINGS,
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Write over FILE where it exists.")
@_AS_JSON
def backup(file: Path, force: bool, as_json: bool) -> None:  # noqa: FBT001
    """Copy the ledger to FILE: one moment of it, also while a run is under way, and checked."""
    from earmark import run_ends
    from earmark.screens import ledger as screen
    from earmark.terminal import detect, write_out
    from runner.ledger.sqlite import copying

    place = _there(run_ends.ledger_place(os.environ))
    if not isinstance(place, Path):
        raise click.UsageError(
            f"the ledger is on a server, whose own tools copy it: pg_dump --format=custom"
            f" --file={shlex.quote(str(file))} {place}  (as the user that EARMARK_LEDGER names)"
        )
    found = copying.backup(place, file, force=force)
    shown = detect(os.environ, sys.stdout, sys.stderr)
    write_out(screen.backup_data(place, file, found) if as_json else screen.backup(file, found, shown))


@ledger.command(
    epilog="\b\nExample:\n  earmark ledger rebuild manifest.yaml",
    short_help="Find out what the wallet bought of a manifest.",
    context_settings=_SETTINGS,
)
@click.argument("manifest", type=click.Path(path_type=Path), shell_complete=manifests)
@click.option(
    "--output", metavar="FOLDER", help="Where results lie; results/ beside the manifest if left out."
)
@wallet_options
@_AS_JSON
def rebuild(manifest: Path, output: str | None, as_json: bool, **given: Any) -> None:  # noqa: FBT001
    """Find out what the wallet bought of MANIFEST, and write it into the ledger. Buys nothing.

    Reads the service's job lists and the manifest's receipts: for a ledger that was lost, or is older
    than what was bought since. Lines need their files, or a digest in the plan.
    """
    from earmark.screens import ledger as screen
    from earmark.terminal import detect, write_out

    found = _rebuilt(manifest, output, given)
    shown = detect(os.environ, sys.stdout, sys.stderr)
    write_out(screen.rebuild_data(manifest, found) if as_json else screen.rebuild(manifest, found, shown))


@ledger.command(
    epilog="\b\nExample:\n  earmark ledger migrate",
    short_help="Make the tables of a ledger on a server, or bring them up to date.",
    context_settings=_SETTINGS,
)
@_AS_JSON
def migrate(as_json: bool) -> None:  # noqa: FBT001
    """Make the tables of the ledger that EARMARK_LEDGER names on a server, or bring them up to date.

    All of it or nothing, once for all hosts. A ledger in a file needs no such step.
    """
    from earmark.screens import shared_ledger as screen
    from earmark.terminal import write_out

    place = _server("migrate")
    from runner.executors.procrastinate_door import migrate as queue
    from runner.ledger.postgres.migrating import migrate_at

    done = migrate_at(place.dsn, queue)
    write_out(screen.migrated_data(place, done) if as_json else screen.migrated(place, done))


@ledger.command(
    "import",
    epilog="\b\nExample:\n  earmark ledger import ~/.local/state/earmark/api.audiopod.ai/ledger.db",
    short_help="Move a ledger in a file to the server.",
    context_settings=_SETTINGS,
)
@click.argument("file", type=click.Path(path_type=Path))
@_AS_JSON
def import_(file: Path, as_json: bool) -> None:  # noqa: FBT001
    """Move the ledger in FILE into the database that EARMARK_LEDGER names: every row, or nothing.

    The database must be migrated, and empty. FILE stays, marked as moved: no command uses it any more.
    """
    from earmark.screens import shared_ledger as screen
    from earmark.terminal import write_out

    place = _server("import")
    from runner.ledger.postgres.importing import import_file

    done = import_file(file.expanduser().absolute(), place.dsn, time.time)
    write_out(screen.imported_data(file, place, done) if as_json else screen.imported(file, place, done))


def _server(command: str) -> "Server":
    """The server that EARMARK_LEDGER names.

    Raises:
        UsageError: it names none.
        MachineError: the driver is not installed.
    """
    from earmark.run_ends import first_place
    from runner.ledger.places import Server, need_driver

    place = first_place(os.environ)
    if not isinstance(place, Server):
        raise click.UsageError(
            f"earmark ledger {command} is for a ledger on a server: set EARMARK_LEDGER to"
            " postgresql://user@host:5432/database"
        )
    need_driver()
    return place


def _rebuilt(manifest: Path, output: str | None, given: dict[str, Any]) -> "Rebuilt":
    from earmark import run_ends
    from earmark.results_folder import RESULTS, folder_of
    from earmark.wallet_choice import whose
    from manifests.text import read_manifest
    from runner import rebuilding

    plan = read_manifest(manifest)
    results = folder_of(output or str(manifest.parent / RESULTS))
    with run_ends.opened(os.environ, whose(given)) as (found, locks):
        ends = rebuilding.Ends(
            api=run_ends.service(os.environ),
            ledger=found,
            locks=locks,
            probes=run_ends.probes(),
            server=run_ends.server(os.environ),
        )
        return rebuilding.rebuild(plan, manifest, results, ends)


def _exists(place: "Place") -> bool:
    """Whether a ledger is there, of whatever version; a server is asked."""
    if isinstance(place, Path):
        return place.exists()
    from runner.ledger.postgres.migrating import version_at

    return version_at(place.dsn) > 0


def _there(place: "Place") -> "Place":
    """The ledger's place, if one is there.

    Raises:
        MachineError: there is none.
    """
    from manifests.errors import MachineError
    from runner.ledger.places import is_there

    if not is_there(place):
        raise MachineError(
            f"no ledger is at {place}: nothing was run yet, or EARMARK_LEDGER or AUDIOPOD_BASE_URL names"
            " another place than before; `earmark ledger rebuild MANIFEST` makes a lost one again"
        )
    return place
