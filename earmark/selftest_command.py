"""The command `earmark selftest`: bad days on purpose, against the simulator, and the accounts compared."""

import os
import secrets
import sys

import click

EPILOG = """\b
Examples:
  earmark selftest
  earmark selftest --chaos
  earmark selftest --chaos --seconds 1800 --seed 7
"""

QUICK_SEED = 1
"""The quick test is the same each time."""


@click.command(epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--chaos", is_flag=True, help="Random batches under random kills and faults, round after round."
)
@click.option(
    "--seconds",
    type=click.FloatRange(1),
    metavar="N",
    help="How long the chaos lasts; 60 if left out. The round under way is seen to its end.",
)
@click.option(
    "--seed",
    type=click.IntRange(0),
    metavar="N",
    help="Repeats the batches, faults and kills of an earlier chaos, as far as timing allows.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
@click.pass_context
def selftest(
    context: click.Context,
    /,
    chaos: bool,  # noqa: FBT001 - click passes options by name
    seconds: float | None,
    seed: int | None,
    as_json: bool,  # noqa: FBT001
    quiet: bool,  # noqa: FBT001
) -> None:
    """Prove the promises on this machine: no account, no network, no money.

    Starts the simulator, plans and runs batches with the real commands, kills them, and compares the
    simulator's books with the ledger and the results: what was paid twice, cents over the cap, results
    lost. Ends with 0 only if there is none of them, else with 1, and the folder stays for a report.
    """
    if not chaos and (seconds is not None or seed is not None):
        raise click.UsageError("--seconds and --seed are for --chaos")
    from earmark import terminal
    from earmark.chaos.selftest import Selftest
    from earmark.chaos.tally import Tally
    from earmark.screens import selftest as screen

    shown = terminal.detect(os.environ, sys.stdout, sys.stderr)
    drawn = secrets.randbelow(1_000_000) if seed is None else seed
    tally = Tally(drawn if chaos else QUICK_SEED, 60.0 if seconds is None else seconds)
    with terminal.progress(shown, sys.stderr, "selftest", unit="rounds", quiet=quiet) as progress:
        test = Selftest(tally, lambda now: progress.advance(1, screen.note(now)))
        found = test.chaos() if chaos else test.quick()
    again = f"earmark selftest --chaos --seconds {tally.asked:g} --seed {tally.seed}"
    text = screen.render(found, shown, again if chaos else "earmark selftest")
    terminal.write_out(screen.document(found) if as_json else text)
    context.exit(int(found.exit))
