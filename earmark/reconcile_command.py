"""The command `earmark reconcile`: purchases whose answers were lost, cleared by proof or by a person."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from earmark.completing import manifests
from earmark.wallet_choice import wallet_options
from manifests.errors import EarmarkError
from manifests.exits import Exit

if TYPE_CHECKING:  # imported when the command runs: `--help` is quick
    from earmark.reconciling import Case, Session, Wishes
    from manifests.manifest import Manifest

EPILOG = """\b
Examples:
  earmark reconcile manifest.yaml
  earmark reconcile manifest.yaml --list
  earmark reconcile manifest.yaml --adopt talks/ep1.mp3=1044
  earmark reconcile manifest.yaml --send-again talks/ep2.mp3
"""


@click.command(epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("manifest", type=click.Path(path_type=Path), shell_complete=manifests)
@click.option("--adopt", multiple=True, metavar="FILE=JOB", help="That job is the one whose answer was lost.")
@click.option(
    "--send-again",
    multiple=True,
    metavar="FILE",
    help="Let the next run send it once more; it may cost twice.",
)
@click.option("--give-up", multiple=True, metavar="FILE", help="Count it as spent, and do not buy it again.")
@click.option("--list", "only_list", is_flag=True, help="Look and show, and ask nothing.")
@wallet_options
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout; asks nothing.")
@click.pass_context
def reconcile(
    context: click.Context,
    /,
    manifest: Path,
    only_list: bool,  # noqa: FBT001 - click passes options by name
    as_json: bool,  # noqa: FBT001
    **given: Any,
) -> None:
    """Clear purchases of MANIFEST whose answers were lost: perhaps paid, perhaps not.

    Looks at the service first; a job that carries the purchase's token is proof, and clears it.
    For the rest it shows what could be the job, and a person decides: on a terminal when asked,
    elsewhere by the options. FILE is written as in the manifest, or is the purchase's token.
    """
    from earmark import terminal
    from earmark.reconciling import Wishes
    from earmark.run_ends import may_ask
    from earmark.screens import reconcile as screen
    from manifests.text import read_manifest

    plan = read_manifest(manifest)
    wishes = Wishes(given["adopt"], given["send_again"], given["give_up"])
    asks = not (wishes or only_list or as_json) and may_ask()
    failed: EarmarkError | None = None
    with _session(plan, manifest, wishes, given) as session:
        if session is not None:
            session.look()
            failed = _decide(session, wishes)
            if asks:
                _ask(session)
        result = screen.Result.of(manifest, plan.head.id, session)
    if failed is None or result.news:
        shown = terminal.detect(os.environ, sys.stdout, sys.stderr)
        terminal.write_out(screen.document(result) if as_json else screen.render(result, shown))
    if failed is not None:
        raise failed
    context.exit(int(Exit.IN_DOUBT if result.open else Exit.DONE))


@contextmanager
def _session(
    plan: "Manifest", manifest: Path, wishes: "Wishes", given: dict[str, Any]
) -> "Iterator[Session | None]":
    """The session; None where nothing is in doubt and nothing was to be decided."""
    from earmark import run_ends
    from earmark.reconciling import Session, take_locks
    from earmark.wallet_choice import whose
    from runner.lines import lines_of

    lines = lines_of(plan, manifest.absolute().parent, plan.head.rates)
    with run_ends.opened(os.environ, whose(given)) as (ledger, locks):
        take_locks(ledger, locks, plan.head.id)
        if not (ledger.unclear_attempts(plan.head.id) or wishes):
            yield None
            return
        yield Session(plan.head.id, lines, ledger, locks, run_ends.service(os.environ)())


def _decide(session: "Session", wishes: "Wishes") -> EarmarkError | None:
    """Write down what was typed; what stopped it, so that the rest can be shown before it is told."""
    from earmark.reconciling import decisions

    wanted = decisions(wishes, session.doubts(), [doubt for doubt, _ in session.cleared])
    try:
        for decision in wanted:
            session.decide(decision)
    except EarmarkError as error:
        return error
    return None


def _ask(session: "Session") -> None:
    """Ask about each open case, until it is decided or left for another time."""
    left: set[str] = set()
    while True:
        cases = [case for case in session.cases() if not case.doubt.decided]
        waiting = [case for case in cases if case.doubt.attempt.token not in left]
        if not waiting:
            return
        if not _asked_about(session, waiting[0]):
            left.add(waiting[0].doubt.attempt.token)


def _asked_about(session: "Session", case: "Case") -> bool:
    """One question; False when the case is left for another time."""
    from earmark.reconciling import Decision
    from earmark.screens import reconcile as screen
    from earmark.terminal import detect
    from runner.reconcile import Choice

    width = detect(os.environ, sys.stdout, sys.stderr).width
    click.echo(screen.question(case, width), err=True)
    answer = click.prompt("job number, s, g, l or n", default="n", err=True).strip()
    choices = {"s": Choice.SEND_AGAIN, "g": Choice.GIVE_UP}
    if answer in ("n", ""):
        return False
    if answer == "l":
        session.look()
        return True
    decision = Decision(choices.get(answer, Choice.ADOPT), case.doubt, "" if answer in choices else answer)
    try:
        click.echo(f"  {session.decide(decision)}", err=True)
    except EarmarkError as error:
        click.echo(f"  {error}", err=True)
    return True
