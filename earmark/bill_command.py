"""The command `earmark bill`: what was paid in a period, by whom and for what, and what the wallet says."""

import os
import sys
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:  # imported when the command runs: `--help` is quick
    from earmark.bill.values import Shown

GROUPS = ("name", "service", "folder", "host")

AT_ONCE = 2_000
"""Pieces of a bill that are written together."""

EPILOG = """\b
Examples:
  earmark bill
  earmark bill --month 2026-11 --by service
  earmark bill --since 2026-11-01 --until 2026-11-15 --by folder
  earmark bill --since 7d --format csv > bill.csv
"""


@click.command(epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--since",
    metavar="TIME",
    help="From then on: 2026-11-01, 2026-11-01T05:00, 23:10, 2h, 7d; dates and times of day are UTC."
    " The month's first day if no period is named.",
)
@click.option("--until", metavar="TIME", help="To before then; now if left out.")
@click.option("--month", metavar="MONTH", help="A whole month instead: 2026-11.")
@click.option(
    "--by",
    type=click.Choice(GROUPS),
    help="Sums instead of jobs: by the manifest's name, the service, the file's folder, or the machine.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(("text", "csv")),
    default="text",
    show_default=True,
    help="How to show it. With csv, the foot goes to stderr.",
)
@click.option("--offline", is_flag=True, help="Do not ask the wallet: no foot.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
@click.pass_context
def bill(
    context: click.Context,
    /,
    since: str | None,
    until: str | None,
    month: str | None,
    by: str | None,
    form: str,
    offline: bool,  # noqa: FBT001 - click passes options by name
    as_json: bool,  # noqa: FBT001
) -> None:
    """Show what was paid in a period: by whom, for which files, from which manifest; and the wallet's word.

    Every job of the period from the ledger of this wallet, or sums. The foot reconciles: opening balance
    + top-ups - ours - others' = closing balance. Buys nothing, writes nothing.
    """
    from earmark import run_ends
    from earmark.bill.lines import Bill
    from earmark.bill.period import period_of
    from earmark.bill.reconciling import reconciled
    from earmark.bill.values import Shown
    from manifests.errors import MachineError

    if as_json and form != "text":
        raise click.UsageError(f"--json or --format {form}, not both")
    period = period_of(since, until, month, datetime.now(UTC))
    with run_ends.reading(os.environ) as (ledger, _):
        if ledger is None:
            raise MachineError(
                f"no ledger is at {run_ends.ledger_place(os.environ)}: nothing was run with this wallet yet,"
                " or EARMARK_LEDGER or AUDIOPOD_BASE_URL names another place than before"
            )
        made = Bill(ledger, period)
        shown, code = reconciled(Shown(made, *made.sums(by), by), os.environ, offline=offline)
        _show(shown, "json" if as_json else form)
    if code:
        _tell(f"bill: the wallet was not reconciled: {shown.why_no_foot}\n")
    context.exit(int(code))


def _show(shown: "Shown", form: str) -> None:
    """The bill on stdout, a few thousand lines at a time."""
    from earmark.bill import as_csv
    from earmark.bill import as_json as in_json
    from earmark.screens import bill as screen
    from earmark.terminal import detect, write_out

    terminal = detect(os.environ, sys.stdout, sys.stderr)
    if form == "json":
        found = in_json.rendered(shown)
    elif form == "csv":
        found = as_csv.grouped(shown.groups, shown.by) if shown.by else as_csv.by_job(shown.bill)
    else:
        found = screen.pieces(shown, terminal)
    while piece := "".join(islice(found, AT_ONCE)):
        write_out(piece)
    if form == "csv":
        _tell(screen.foot(shown))


def _tell(text: str) -> None:
    """What is not the bill itself, on stderr."""
    from earmark.terminal import printable, write_out

    write_out("".join(f"{printable(line)}\n" for line in text.splitlines()), sys.stderr)
