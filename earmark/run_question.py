"""What a run asks a person before it buys, and the line that it cries out when its ledger is full."""

import signal
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Never

import click

from earmark import run_ends
from earmark.screens import pilot as screen
from earmark.screens.run_words import question, running_low
from earmark.terminal import write_out
from manifests.stored import Location
from runner.options import Offer
from runner.piloting import Piloted


def question_of(
    pause: Callable[[], AbstractContextManager[None]], *, asks: bool, quiet: bool = False
) -> Callable[[Offer], bool]:
    """The question before buying: asked on a terminal only, and not where a cap was named.

    Credits are never spent without one. Where nobody is asked, a line says all the same that the wallet
    is low.
    """

    def ask(offer: Offer) -> bool:
        if not asks or not offer.ceiling or not run_ends.may_ask():
            if offer.wallet.balance.low and not quiet:
                with pause():
                    click.echo(running_low(offer), err=True)
            return True
        with pause():
            return _answer(lambda: click.confirm(question(offer), err=True))

    return ask


def word_after_pilot(
    pause: Callable[[], AbstractContextManager[None]],
    output: Location,
    results: str,
    width: Callable[[], int],
) -> Callable[[Piloted], bool]:
    """The question after a pilot, with what it came to: no without a terminal, whatever else was said.

    Where the pilot went well there is no default: an Enter too many would buy the rest.

    Args:
        pause: leaves the terminal to the question.
        output: the results folder.
        results: the same, as people would name it.
        width: columns of the screen as it is then.
    """

    def go_on(pilot: Piloted) -> bool:
        if not run_ends.may_ask():
            return False
        with pause():
            for row in screen.rows(pilot, output, results, width()):
                click.echo(row, err=True)
            default = None if pilot.went_well else False
            return _answer(lambda: click.confirm(screen.question(pilot), default=default, err=True))

    return go_on


def _answer(ask: Callable[[], bool]) -> bool:
    """The answer; no where a signal, or the end of the input, came instead.

    A signal is then the run's own, which ends with its amounts, and is written down, as after any signal.
    """
    came: list[int] = []

    def hear(number: int, _frame: object) -> Never:
        came.append(number)
        raise KeyboardInterrupt

    kept = {number: signal.signal(number, hear) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        return ask()
    except (click.Abort, KeyboardInterrupt):
        click.echo(err=True)
        return False
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)
        for sent in came[:1]:
            signal.raise_signal(sent)


def alarm(line: str) -> None:
    """What the ledger could no longer take: kept by whoever keeps stderr."""
    write_out(f"run: the ledger is full; keep this line: {line}\n", sys.stderr)
