"""The command `earmark worker`: this host takes its share of what runs on a shared ledger offer."""

import os
from collections.abc import Sequence
from typing import Any

import click

from earmark.completing import folders
from earmark.wallet_choice import wallet_options, whose

EPILOG = """\b
Examples:
  earmark worker                   # the folders of `run`, on a shared disk
  earmark worker --root /srv/audio --output /srv/results
  earmark worker --root s3://bucket/talks --output s3://bucket/results
  earmark worker --at-once 8 --uploads 16
  earmark worker --until-idle            # ends with the last run, as in CI
"""


@click.command(epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--root",
    "roots",
    multiple=True,
    metavar="DIR",
    help="A folder under which the manifests' files lie on this host; several may be given. The manifest's"
    " own if left out.",
    shell_complete=folders,
)
@click.option(
    "--output",
    metavar="FOLDER",
    help="Where results go; the folder of whoever runs the manifest if left out.",
    shell_complete=folders,
)
@click.option(
    "--at-once",
    type=click.IntRange(1, 64),
    default=4,
    show_default=True,
    metavar="COUNT",
    help="Shifts, of about 50 items each, to work on at once.",
)
@click.option(
    "--uploads",
    type=click.IntRange(1, 64),
    default=8,
    show_default=True,
    metavar="COUNT",
    help="Uploads at once, at most, over all shifts.",
)
@click.option("--until-idle", is_flag=True, help="End once no run offers anything any more.")
@click.option(
    "-v", "--verbose", count=True, help="A line for each item that is done; -vv: also as it is sent."
)
@wallet_options
def worker(roots: Sequence[str], output: str | None, **given: Any) -> int:
    """Take shifts of the runs on a shared ledger, and see them through as `run` does.

    EARMARK_LEDGER names the ledger, as postgresql://user@host:5432/database; AUDIOPOD_API_KEY the key. A line
    whose file is not here, or is not what was planned, waits for another host. Ctrl-C, or SIGTERM, ends it as
    a run: what is not sent goes to others.
    """
    from earmark.worker_ends import Wanted, serving

    wanted = Wanted(
        roots=roots,
        output=output,
        at_once=given["at_once"],
        uploads=given["uploads"],
        until_idle=given["until_idle"],
        verbose=given["verbose"],
        whose=whose(given),
    )
    return int(serving(wanted, os.environ))
