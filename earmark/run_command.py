"""The command `run`: reads the command line, has the manifest run, shows what it came to."""

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from earmark.amounts import CAP
from earmark.completing import folders, manifests
from earmark.portion_choice import PORTION, portion_of, portion_options, seconds_at_most
from earmark.rates_choice import RATES, rate_of, rate_options
from earmark.report_choice import report_option
from earmark.results_folder import beside, folder_of
from earmark.wallet_choice import wallet_options, whose
from earmark.watch_choice import events_alone, watch_options

if TYPE_CHECKING:  # imported when the command runs: `--help` is quick
    from earmark.reports.document import Report
    from earmark.run_reports import RunReports
    from earmark.run_values import Asked
    from earmark.terminal import Terminal
    from manifests.limits import Limits
    from manifests.manifest import Head
    from manifests.money import Cents
    from runner.options import RunOptions
    from runner.report import RunReport

SWITCHES = ("fit", "yes", "skip_changed", "accept_prices", "retry_failed", "retry_charged")
VALUES = ("max_tries", "uploads", *RATES, "max_unsaved", "wait", *PORTION, "on_end")
"""Options that a command to go on repeats, where they are not at their defaults."""

EPILOG = """\b
Examples:
  run manifest.yaml --max-spend 20
  run manifest.yaml --max-spend 20 --fit --yes
  run manifest.yaml --max-spend 20 --max-credits 1320
  run manifest.yaml --max-spend 20 --report report.html
  run manifest.yaml --max-spend 2 --pilot 3      # a sample, and its bills
  run manifest.yaml --max-spend 20 --only 'talks/**' --max-time 50m
  run manifest.yaml --max-spend 0        # only collect what is paid
  run manifest.yaml --yes --on-end 'notify-send "$EARMARK_SENTENCE"'
"""


@click.command(epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("manifest", required=False, metavar="MANIFEST", shell_complete=manifests)
@click.option(
    "--max-spend",
    metavar="AMOUNT",
    help="The cap: the most that this manifest may ever cost, over all its runs. 0 only collects.",
)
@click.option(
    "--max-credits",
    metavar="N",
    help="The most of the account's credits that this manifest may ever cost, for lines that credits pay;"
    " none if left out.",
)
@click.option("--fit", is_flag=True, help="Buy, in the manifest's order, what cap and wallet allow.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask before buying.")
@click.option(
    "--output",
    metavar="FOLDER",
    help="Where results go, a folder or s3://BUCKET/FOLDER; results/ beside the manifest if left out.",
    shell_complete=folders,
)
@click.option("--skip-changed", is_flag=True, help="Leave changed files out and run the rest.")
@click.option("--accept-prices", is_flag=True, help="Go on if live prices rose; the cap stays.")
@click.option(
    "--max-tries",
    type=click.IntRange(1, 100),
    default=3,
    show_default=True,
    metavar="COUNT",
    help="Times that a failed item is tried over its life.",
)
@click.option("--retry-failed", is_flag=True, help="Send rejected items again.")
@click.option("--retry-charged", is_flag=True, help="Send items again that failed and were charged.")
@click.option(
    "--uploads",
    type=click.IntRange(1, 64),
    default=8,
    show_default=True,
    metavar="COUNT",
    help="Uploads at once, at most.",
)
@rate_options
@click.option(
    "--max-unsaved",
    type=click.IntRange(1, 100_000),
    default=50,
    show_default=True,
    metavar="COUNT",
    help="Send nothing more while so many finished results are not on disk yet.",
)
@click.option(
    "--wait",
    default="24h",
    show_default=True,
    metavar="TIME",
    help="How long to wait for a job that does not end: 90s, 30m, 24h.",
)
@portion_options
@wallet_options
@watch_options
@report_option
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
@click.option("-q", "--quiet", is_flag=True, help="No progress, and no summary unless something is left.")
@click.pass_context
def run(context: click.Context, /, manifest: str | None, as_json: bool, quiet: bool, **given: Any) -> None:  # noqa: FBT001
    """Buy what MANIFEST plans, within its cap, and save the results.

    Collects first what earlier runs paid for; then the gate; then uploads, watches and fetches.
    The same command goes on after any stop.
    """
    from earmark import terminal
    from earmark.on_end import at_the_end
    from earmark.run_reports import failure, reporting
    from manifests.errors import EarmarkError

    events_alone(given, as_json=as_json)
    shown = terminal.detect(os.environ, sys.stdout, sys.stderr)
    told = False
    files = given["report_files"]
    with at_the_end(given["on_end"], manifest or "") as over:
        try:
            with (
                reporting(files, manifest, given["output"], os.environ) as reports,
                _run(context, manifest, given, shown, reports, quiet=quiet) as (report, asked, head),
            ):
                made = reports.made(report, asked, head)
                reports.ended(made)
                told = True
                events = given["events"]
                _show(report, asked, made, as_json=as_json, quiet=quiet, events=events)
                if over is not None:
                    over.tell_report(made())
        except EarmarkError as error:
            if as_json and not told:
                terminal.write_out(failure(error, manifest))
            raise
    context.exit(int(report.exit))


@contextmanager
def _run(
    context: click.Context,
    named: str | None,
    given: Mapping[str, Any],
    shown: "Terminal",
    reports: "RunReports",
    *,
    quiet: bool,
) -> "Iterator[tuple[RunReport, Asked, Head]]":
    """The run, and what it was asked for; a large report reads ledger and manifest, which stay open."""
    from earmark import run_ends
    from manifests.text import open_manifest
    from runner.stamps import mark_of

    manifest = _manifest(named)
    caps = _caps(given["max_spend"], os.environ.get(CAP))
    options = replace(_options(manifest, given, caps), as_read=mark_of(manifest), limits=_limits(manifest))
    with ExitStack() as stack:
        plan = stack.enter_context(open_manifest(manifest))
        asked = _asked(context, manifest, given, caps, plan.head)
        options = replace(options, portion=portion_of(given, plan))
        ledger, locks = stack.enter_context(run_ends.opened(os.environ, whose(given)))
        from earmark.crashing import crashing
        from earmark.fleet_ends import saying, side_of
        from earmark.run_by import run_by
        from earmark.run_question import alarm, question_of, word_after_pilot
        from earmark.terminal import columns_now
        from earmark.time_left import TimeLeft
        from earmark.watching import narrator, watching
        from runner.options import RunEnds
        from runner.start import run as run_manifest

        options = replace(options, by=run_by(os.environ, manifest, plan.digest(), plan.head.name or ""))
        side = side_of(ledger, options.read_rate, stack)
        left = TimeLeft()
        events = narrator(stack, given, manifest, left)
        with watching(shown, len(plan), left, events, quiet=quiet, verbose=given["verbose"]) as watchers:
            ends = RunEnds(
                api=run_ends.service(os.environ, side.reads, watchers.hear),
                reader=side.reader,
                ledger=ledger,
                locks=locks,
                probes=run_ends.probes(),
                clock=ledger.hour,
                on_signals=run_ends.on_signals,
                listener=watchers.progress,
                watch=watchers.watch,
                logged_in=run_ends.logged_in(os.environ),
                ask=question_of(watchers.pause, asks=not given["yes"] and caps == (None, None), quiet=quiet),
                go_on=word_after_pilot(watchers.pause, options.output, asked.results, columns_now),
                alarm=alarm,
                say=saying(watchers.pause, quiet=quiet),
                fleet=side.fleet,
                join=run_ends.join,
                reach=crashing(os.environ),
                server=run_ends.server(os.environ),
            )
            with reports.during():
                report = run_manifest(plan, options, ends)
        if events is not None:
            events.ended(report, asked)
        yield report, asked, plan.head


def _manifest(named: str | None) -> Path:
    """The manifest that was named.

    Raises:
        UsageError: none was, or a folder that holds one.
    """
    from earmark.next_steps import DEFAULT_OUTPUT, pasted
    from manifests.errors import UsageError

    if not named:
        here = Path(DEFAULT_OUTPUT)
        way = f"`run {here}`" if here.is_file() else "write one with `plan PATH... --service SERVICE`"
        raise UsageError(f"no manifest is named: {way}")
    inside = Path(named, DEFAULT_OUTPUT)
    if inside.is_file():
        raise UsageError(f"{named} is a folder; name the manifest in it: `run {pasted(str(inside))}`")
    return Path(named)


def _caps(typed: str | None, outer: str | None) -> "tuple[Cents | None, Cents | None]":
    """The amounts of --max-spend and EARMARK_MAX_SPEND.

    Raises:
        UsageError: no amount; the message says which of them.
    """
    from earmark.amounts import amount_if_given

    return amount_if_given("--max-spend", typed), amount_if_given(CAP, outer or None)


def _limits(manifest: Path) -> "Limits":
    """The limits of the environment and of earmark.toml.

    Raises:
        UsageError: one of them is no amount, or a file has a fault.
    """
    from earmark.policy.reading import limits_for
    from manifests import catalogue

    return limits_for(str(manifest), os.environ, catalogue.load())


def _credits(given: Mapping[str, Any]) -> int | None:
    """The number of --max-credits.

    Raises:
        UsageError: it is none.
    """
    from earmark.amounts import credits_if_given

    return credits_if_given("--max-credits", given["max_credits"])


def _options(
    manifest: Path, given: Mapping[str, Any], caps: "tuple[Cents | None, Cents | None]"
) -> "RunOptions":
    """The command line as one frozen value."""
    from earmark.times import seconds_of
    from manifests.errors import UsageError
    from runner.engine.timing import Patience
    from runner.options import RunOptions

    if given["output"] == "":
        raise UsageError("--output is empty: name a folder, such as --output results")
    names = (
        *("fit", "skip_changed", "accept_prices", "retry_failed", "retry_charged"),
        *("max_tries", "uploads", "max_unsaved"),
    )
    return RunOptions(
        manifest=manifest.absolute(),
        output=folder_of(_results(manifest, given)),
        caps=caps,
        patience=Patience(job=seconds_of(given["wait"])),
        max_credits=_credits(given),
        max_time=seconds_at_most(given),
        submit_rate=rate_of(given, "submit_rate"),
        read_rate=rate_of(given, "read_rate"),
        **{name: given[name] for name in names},
    )


def _results(manifest: Path, given: Mapping[str, Any]) -> str:
    """The results folder as it was typed, or beside the manifest."""
    return str(given["output"] or beside(manifest))


def _asked(
    context: click.Context,
    manifest: Path,
    given: Mapping[str, Any],
    caps: "tuple[Cents | None, Cents | None]",
    head: "Head",
) -> "Asked":
    """The command line as it was typed."""
    from click.core import ParameterSource

    from earmark import run_ends
    from earmark.run_values import Asked

    flags = {_flag(name): "" for name in SWITCHES if given[name]}
    if given["output"]:
        flags["--output"] = given["output"]
    for name in VALUES:
        if context.get_parameter_source(name) is not ParameterSource.DEFAULT:
            flags[_flag(name)] = str(given[name])
    return Asked(
        manifest=str(manifest),
        results=os.path.join(_results(manifest, given), ""),  # noqa: PTH118 - the end shows that it is a folder
        max_spend=caps[0],
        outer_cap=caps[1],
        plan_cap=head.cap,
        flags=flags,
        only=given["only"],
        max_tries=given["max_tries"],
        max_credits=_credits(given),
        reports=given["report_files"],
        server=run_ends.server(os.environ),
    )


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _show(
    report: "RunReport",
    asked: "Asked",
    document: "Callable[[], Report]",
    *,
    as_json: bool,
    quiet: bool,
    events: bool,
) -> None:
    """The report on stdout, unless events are there; what stops a script is also told on stderr."""
    from earmark.screens import run as screen
    from earmark.terminal import detect, write_out

    shown = detect(os.environ, sys.stdout, sys.stderr)  # the window may have another width by now
    if as_json:
        from earmark.reports import as_json as view

        for text in view.render(document()):
            write_out(text)
    elif not events and (not quiet or report.exit):
        write_out(screen.render(report, asked, shown))
    if report.exit and (as_json or events or not shown.shows_both):
        write_out(f"run: {screen.verdict(report, asked)}\n", sys.stderr)
