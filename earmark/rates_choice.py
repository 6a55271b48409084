"""The options that bound how often the service is called, by `run` and by whoever works for one."""

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

RATES = ("submit_rate", "read_rate")
"""Those options, as a command to go on repeats them."""

_SECONDS = {"s": 1, "sec": 1, "second": 1, "m": 60, "min": 60, "minute": 60, "h": 3600, "hour": 3600}
_RATE = re.compile(r"(\d{1,7}(?:\.\d{1,3})?)(?:/([a-z]+))?")


def rate_options(command: F) -> F:
    """Give a command --submit-rate and --read-rate, which `rate_of` reads."""
    options = (
        click.option(
            "--submit-rate",
            metavar="RATE",
            help="Submits at most: 30 or 30/min, 2/s. No limit if left out, half after a 429.",
        ),
        click.option(
            "--read-rate",
            metavar="RATE",
            help="Calls that look at jobs, bills and prices, or fetch results from the service, at most.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def rate_of(given: Mapping[str, Any], name: str) -> float | None:
    """Calls a second of `submit_rate` or `read_rate`; None where it was left out.

    Raises:
        UsageError: no rate, or none at all.
    """
    from manifests.errors import UsageError

    text = given[name]
    if text is None:
        return None
    match = _RATE.fullmatch(text.strip().lower())
    seconds = match and _SECONDS.get(match[2] or "min")
    option = f"--{name.replace('_', '-')}"
    if match is None or seconds is None:
        raise UsageError(f"{option} {text!r} is not a rate: write 30/min, or 2/s")
    rate = float(match[1]) / seconds
    if not rate:
        raise UsageError(f"{option} 0 would never call: leave it out for no limit")
    return rate
