"""The command `earmark demo`: plan and run some recordings against the simulator, and check the books."""

from pathlib import Path

import click

EPILOG = """\b
Examples:
  earmark demo
  earmark demo my-recordings/ --output /tmp/demo
"""


@click.command(epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("folder", type=click.Path(path_type=Path), default=Path("examples"))
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    default=Path("demo"),
    show_default=True,
    metavar="FOLDER",
    help="Where manifests, results and the ledger go; made anew each time.",
)
@click.option(
    "--job-seconds",
    type=click.FloatRange(0),
    default=1.0,
    show_default=True,
    metavar="SECONDS",
    help="How long each job of the simulator takes.",
)
@click.pass_context
def demo(context: click.Context, /, folder: Path, output: Path, job_seconds: float) -> None:
    """Plan and run the recordings under FOLDER (examples/) against the built-in simulator.

    No account, no network, no money. Types the same commands as you would, and compares at the end
    what the simulator charged with what the ledger says.
    """
    from earmark.demo import Demo

    context.exit(int(Demo(folder, output, job_seconds).play()))
