"""The options of `run` about being watched: events for machines, lines for people, a command at the end."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def plan_watch_options(command: F) -> F:
    """Add `--events` and `-v` to `plan`."""
    return _EVENTS(_PLAN_VERBOSE(command))


def watch_options(command: F) -> F:
    """Add `--events`, `-v` and `--on-end`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def events_alone(given: Mapping[str, Any], *, as_json: bool) -> None:
    """Refuse two kinds of machines at one stdout.

    Raises:
        UsageError: events and a document were asked for.
    """
    from manifests.errors import UsageError

    if given["events"] and as_json:
        raise UsageError("--events and --json both write to stdout: give one of them")


_EVENTS = click.option(
    "--events",
    is_flag=True,
    help="What happens, as it happens: one JSON object a line on stdout (docs/events.md).",
)

_PLAN_VERBOSE = click.option(
    "-v",
    "--verbose",
    is_flag=True,
    help="A line for each item with its price, and every file that was left out.",
)

_OPTIONS = (
    _EVENTS,
    click.option(
        "-v",
        "--verbose",
        count=True,
        help="A line for each item that is done, with its price and its result; -vv: also as it is sent,"
        " and for each request.",
    ),
    click.option(
        "--on-end",
        metavar="COMMAND",
        help="A command for the shell at the end, however it ends; EARMARK_EXIT and others tell it how.",
    ),
)
