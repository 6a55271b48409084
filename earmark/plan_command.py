"""The command `plan`: reads the command line, has the plan made, shows it."""

import os
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from earmark.completing import files, manifests, services, settings
from earmark.github_ends import failures_of
from earmark.watch_choice import events_alone, plan_watch_options

if TYPE_CHECKING:  # imported when the command runs: `--help` is quick
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from earmark.plan_events import PlanNarrator
    from earmark.plan_values import PlanEnds, PlanOptions, PlanResult
    from earmark.reports.document import Report
    from earmark.terminal import Terminal
    from manifests.manifest import Head

EPILOG = """\b
Examples:
  plan podcasts/ --service transcription
  plan songs/ --service stems:six --service transcription -o songs.yaml
  plan talks/ --service transcription --set language=en --set formats=srt,json
  plan podcasts/ --service transcription --max-spend 20 --fit --prefer newest
  plan book/ --service tts --set voice=anna --set language=en
  plan prompts.yaml --service music --set audio_duration=60
  plan media/ --rules rules.yaml
  plan --url 'https://example.org/talk.mp3 12:34' --service transcription
"""


@click.command(epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("paths", nargs=-1, metavar="PATH...", shell_complete=files)
@click.option(
    "--service",
    "services",
    multiple=True,
    metavar="SERVICE[:VARIANT]",
    help="What to buy; repeat for more.",
    shell_complete=services,
)
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="[SERVICE.]OPTION=VALUE",
    help="An option of a service.",
    shell_complete=settings,
)
@click.option(
    "--rules",
    metavar="FILE",
    help="Which files get which services, by patterns (docs/rules.md).",
    shell_complete=manifests,
)
@click.option(
    "--url",
    "urls",
    multiple=True,
    metavar="'URL [LENGTH]'",
    help="A recording that the service fetches itself; its length as 12:34, or read from its header.",
)
@click.option(
    "--urls",
    "url_lists",
    multiple=True,
    metavar="FILE",
    help="A list of such lines; - is standard input.",
    shell_complete=files,
)
@click.option(
    "-o",
    "output",
    default="manifest.yaml",
    show_default=True,
    metavar="FILE",
    help="Where the manifest goes.",
    shell_complete=manifests,
)
@click.option(
    "--include", multiple=True, metavar="GLOB", help="Only files that match, such as '*.mp3' or 'talks/**'."
)
@click.option(
    "--exclude", multiple=True, metavar="GLOB", help="No files that match; stronger than --include."
)
@click.option(
    "--readers",
    type=click.IntRange(1, 256),
    metavar="N",
    help="Processes that read the files; as many as cores, more for a network disk.",
)
@click.option(
    "--max-spend",
    metavar="AMOUNT",
    help="The most that this plan may ever cost, in dollars; kept in the manifest.",
)
@click.option("--fit", is_flag=True, help="Keep what fits under --max-spend, or under the wallet's balance.")
@click.option(
    "--prefer",
    type=click.Choice(["newest", "shortest", "listed", "cheapest-hour"]),
    default="listed",
    show_default=True,
    help="What --fit keeps first; cheapest-hour is most sound for the dollar.",
)
@click.option(
    "--name", metavar="NAME", help="The same name gives the same id, and so the same cap, each time."
)
@click.option(
    "--accept-ceiling",
    is_flag=True,
    help="Let music be as long as the service likes (audio_duration -1), and set that much aside.",
)
@click.option("--pay-again", is_flag=True, help="Buy again on purpose what was paid before.")
@click.option(
    "--force", is_flag=True, help="Write over a manifest with unfinished purchases, or another file."
)
@click.option(
    "--check",
    type=click.Choice(["silence"]),
    multiple=True,
    help="Look for what costs money for nothing: silence listens to some places of each recording.",
)
@click.option("--strict", is_flag=True, help="Exit 1 if anything was left out or could not be priced.")
@click.option(
    "--show",
    type=click.Choice(["left-out", "did-not-fit"]),
    multiple=True,
    help="List every file that was left out, or every item that did not fit.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
@plan_watch_options
@click.option("-q", "--quiet", is_flag=True, help="No progress, and no screen unless something went wrong.")
@click.pass_context
@failures_of("plan", os.environ)
def plan(context: click.Context, /, show: tuple[str, ...], as_json: bool, quiet: bool, **given: Any) -> None:  # noqa: FBT001
    """Price the recordings, texts and prompts under PATH... and write a manifest for `run`.

    Reads lengths from the files; uploads nothing, needs no key, spends nothing.
    """
    from earmark import plan_ends, planning, terminal
    from earmark.interrupts import heeded
    from earmark.plan_target import check_target
    from earmark.wallet_ends import is_local, lookup_of

    if not (given["paths"] or given["urls"] or given["url_lists"]):
        raise click.MissingParameter(ctx=context, param=context.command.params[0])
    events_alone(given, as_json=as_json)
    events, verbose = given.pop("events"), given.pop("verbose")
    options = _options(context, {**given, "tells_all": as_json or "did-not-fit" in show}, os.environ)
    shown = terminal.detect(os.environ, sys.stdout, sys.stderr)
    history, notes = plan_ends.history_of(os.environ)
    check_target(options.output, history.unfinished, force=options.force)
    with ExitStack() as stack:
        check = stack.enter_context(heeded())
        narrator = stack.enter_context(_narrating()) if events else None
        local = is_local(os.environ)
        ends = plan_ends.ends_of(history, lookup_of(os.environ), shown, quiet=quiet, local=local)
        ends = _careful(ends if narrator is None else narrator.beside(ends), check)
        ends = _told(ends) if verbose else ends
        result = replace(planning.make_plan(options, ends), notes=notes)
        check()
        if narrator is not None:
            narrator.ended(result)
    every = "left-out" in show or verbose
    shown = terminal.detect(os.environ, sys.stdout, sys.stderr)  # the window may have another width by now
    _show(result, shown, as_json=as_json, quiet=quiet, all_left_out=every, events=events)
    context.exit(int(result.exit_code))


def _narrating() -> "AbstractContextManager[PlanNarrator]":
    """What tells of events, which reads the code of all reports: half of the start of a small plan."""
    from earmark import plan_events

    return plan_events.narrating()


def _told(ends: "PlanEnds") -> "PlanEnds":
    """The ends, of which each line is told."""
    from earmark import plan_lines

    return plan_lines.told(ends)


def _careful(ends: "PlanEnds", check: "Callable[[], None]") -> "PlanEnds":
    """The ends, of which none writes a manifest once the user wants to stop."""
    from manifests.text import Draft

    class Careful(Draft):
        def write(self, head: "Head") -> None:
            check()
            super().write(head)

    return replace(ends, draft=Careful)


def _options(context: click.Context, given: Mapping[str, Any], environ: Mapping[str, str]) -> "PlanOptions":
    """The command line, with what earmark.toml adds to it, as one frozen value."""
    from click.core import ParameterSource

    from earmark.amounts import CAP, amount_if_given
    from earmark.plan_values import PlanOptions
    from earmark.policy.planning import Typed, with_policy
    from manifests import catalogue
    from manifests.errors import UsageError
    from planner.fitting import Prefer

    typed = {name for name in given if context.get_parameter_source(name) is ParameterSource.COMMANDLINE}
    given = with_policy(Typed(given, typed), environ, catalogue.load())

    if "prefer" in typed and not given["fit"]:
        raise UsageError(
            f"--prefer {given['prefer']} says what --fit keeps first: add --fit, or leave it out"
        )
    made = {
        "max_spend": amount_if_given("--max-spend", given["max_spend"]),
        "outer_cap": amount_if_given(CAP, environ.get(CAP) or None),
        "prefer": Prefer(given["prefer"]),
    }
    return PlanOptions(**{**given, **made})


def _show(
    result: "PlanResult",
    shown: "Terminal",
    *,
    as_json: bool,
    quiet: bool,
    all_left_out: bool,
    events: bool,
) -> None:
    """The result on stdout, unless events are there; what stops a script is also told on stderr."""
    from earmark import github_ends
    from earmark.screens import plan as screen
    from earmark.terminal import printable, write_out

    document = _documented(result)
    if as_json:
        from earmark.reports import as_json as view

        for text in view.render(document()):
            write_out(text)
    elif not events and (not quiet or result.exit_code):
        write_out(screen.render(result, shown, all_left_out=all_left_out))
    if result.exit_code and (as_json or events or not shown.shows_both):
        write_out(f"plan: {printable(screen.verdict(result))}\n", sys.stderr)
    github_ends.tell(document, os.environ)


def _documented(result: "PlanResult") -> "Callable[[], Report]":
    """Keep beside the manifest what only planning knows; the document, made when it is first needed."""
    from datetime import UTC, datetime
    from functools import cache
    from pathlib import Path

    from earmark.reports.kept import keep
    from earmark.reports.of_planning import planned_of

    if result.head is not None:
        keep(planned_of(result), Path(result.options.output), result.head.id)

    @cache
    def made() -> "Report":
        from earmark.reports.of_plan import report_of

        return report_of(result, datetime.now(UTC))

    return made
