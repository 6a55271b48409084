"""The command `earmark simulate`: AudioPod on this machine, to rehearse against; no real money."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from manifests.errors import EarmarkError, MachineError, UsageError

if TYPE_CHECKING:  # imported when the command runs: `--help` is quick
    from simulator import Scenario

HOST = "127.0.0.1"
EXAMPLES = "examples/"
"""The recordings of a checkout."""

EPILOG = """\b
Examples:
  earmark simulate
  earmark simulate --wallet 2.50 --job-seconds 0
  earmark simulate --port 0 --scenario faults.yaml
"""


@click.command(epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    metavar="PORT",
    help="Where to listen; 8077 if left out, any free one for 0.",
)
@click.option(
    "--wallet",
    default="50",
    show_default=True,
    metavar="AMOUNT",
    help="What is in its wallet to begin with, in dollars.",
)
@click.option(
    "--credits",
    "credits_",
    type=click.IntRange(0),
    metavar="N",
    help="The account's credits to begin with, for noise reduction; the scenario's own if left out.",
)
@click.option(
    "--scenario",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Faults and switches, as YAML or JSON (docs/simulator.md).",
)
@click.option(
    "--job-seconds",
    type=click.FloatRange(0),
    metavar="SECONDS",
    help="How long each job takes; the scenario's own time if left out.",
)
@click.option("-q", "--quiet", is_flag=True, help="Print the export lines only.")
@click.pass_context
def simulate(
    context: click.Context,
    /,
    port: int | None,
    wallet: str,
    credits_: int | None,
    scenario: Path | None,
    job_seconds: float | None,
    quiet: bool,  # noqa: FBT001 - click passes options by name
) -> None:
    """Play AudioPod on this machine until Ctrl-C, for rehearsals without an account.

    It listens on loopback only, has a wallet and books of its own, and forgets everything at its
    end. The export lines that it prints make `plan`, `run` and `earmark` in another terminal talk
    to it, with a ledger that this rehearsal alone uses.
    """
    import simulator
    from earmark.amounts import amount
    from earmark.terminal import write_out

    cents = amount("--wallet", wallet)
    place = simulator.DEFAULT_PORT if port is None else port
    with _ledger_folder() as folder, explained(place):
        chosen = _scenario(scenario, job_seconds=job_seconds, credits=credits_)

        def ready(url: str) -> None:
            write_out(_screen(url, chosen, cents, folder / "ledger.db", quiet=quiet))

        simulator.run(HOST, place, chosen, cents, ready)
    if not quiet:
        write_out("The simulator has ended, and forgotten everything.\n", sys.stderr)
    context.exit(0)


def _scenario(file: Path | None, **given: float | None) -> "Scenario":
    """The scenario of the command line; what was given there wins over the file.

    Raises:
        ScenarioError: the file is none.
    """
    from msgspec.structs import replace

    import simulator

    scenario = simulator.Scenario() if file is None else simulator.load_scenario(file)
    return replace(scenario, **{name: value for name, value in given.items() if value is not None})


@contextmanager
def explained(port: int) -> Iterator[None]:
    """The simulator's own errors, as this program tells errors."""
    import simulator

    try:
        yield
    except simulator.ScenarioError as error:
        raise UsageError(str(error)) from error
    except simulator.ExtraMissingError as error:
        raise MachineError(str(error)) from error
    except OSError as error:
        raise _not_listening(error, port) from error


def _not_listening(error: OSError, port: int) -> EarmarkError:
    reason = (error.strerror or str(error)).lower()
    return MachineError(
        f"the simulator cannot listen on {HOST}:{port}: {reason}."
        " Stop what listens there, or take another port: earmark simulate --port 0"
    )


@contextmanager
def _ledger_folder() -> Iterator[Path]:
    """A new folder for the ledger of this rehearsal; it stays if anything was written there.

    A simulator counts its jobs from 1 each time. A ledger that remembers an earlier one would take
    new jobs for old.
    """
    folder = Path(tempfile.mkdtemp(prefix="earmark-simulator-"))
    try:
        yield folder
    finally:
        with suppress(OSError):
            folder.rmdir()


def _screen(url: str, scenario: "Scenario", cents: int, ledger: Path, *, quiet: bool) -> str:
    """The lines that tell where it is and how to try it."""
    from earmark.wallet_ends import SESSION

    key, sessions = scenario.keys[0], scenario.session_tokens
    named = environment(url, key, ledger) | ({SESSION: sessions[0]} if sessions else {})
    exports = [f"export {name}={value}" for name, value in named.items()]
    if quiet:
        return "\n".join(exports) + "\n"
    from manifests.money import show

    rows = [
        "AudioPod, played on this machine: no real money, no network.  Ctrl-C ends it.",
        f"  address  {url}",
        f"  key      {key}",
        f"  wallet   {show(cents)}",
        *([f"  credits  {scenario.credits:,}"] if scenario.credits else []),
        "Try it from another terminal:",
        *(f"  {line}" for line in exports),
        f"  plan {EXAMPLES if Path(EXAMPLES).is_dir() else 'FOLDER'} --service transcription",
    ]
    return "\n".join(rows) + "\n"


def environment(url: str, key: str, ledger: Path) -> dict[str, str]:
    """The variables that make a command talk to a simulator; the ledger is this rehearsal's own."""
    from earmark.terminal import quoted
    from earmark.wallet_ends import BASE_URL, KEY

    return {BASE_URL: quoted(url), KEY: quoted(key), "EARMARK_LEDGER": quoted(os.fspath(ledger))}
