"""The progress of a run on stderr: spent, reserved, left, items, running jobs."""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Self, TextIO

from earmark.terminal import BAR, FALLBACK_WIDTH, Bar, Terminal, progress
from earmark.terminal import Progress as Shown
from manifests.money import show
from runner.options import Progress

LABEL = "run"
UNIT = "items"

LONG = ("spent", "reserved", "in doubt", "left")
SHORT = ("spent", "res.", "doubt", "left")
LETTERS = ("s", "r", "d", "l")

BESIDE = 37
"""Columns that label, bar and a time of some hours take, the count left out."""


class Listener:
    """Shows what the run tells."""

    def __init__(
        self,
        shown: Shown,
        words: Callable[[Progress, str], str] | None = None,
        to_go: Callable[[], str] = lambda: "",
    ) -> None:
        self._shown, self._words, self._done = shown, words or note, 0
        self._to_go = to_go

    def show(self, now: Progress) -> None:
        """Draw how far the run is."""
        self._shown.advance(now.done - self._done, self._words(now, self._to_go()))
        self._done = now.done

    @contextmanager
    def pause(self) -> Iterator[None]:
        """Leave the terminal to a question."""
        self._shown.hide()
        yield


class MoneyBar(Bar):
    """A bar that gives way to the amounts where the terminal is narrow."""

    def __init__(self, items: int, stream: TextIO) -> None:
        super().__init__(LABEL, UNIT, items, stream)

    def __enter__(self) -> Self:
        """Start showing; `Bar` promises no more than a `Bar` here."""
        return self

    def words(self, now: Progress, to_go: str = "") -> str:
        """What stands beside the bar; where there is no room for one, the whole line is set instead."""
        # Asked each time: a window may be resized while the run lasts. The last column stays free.
        width = (self._bar.format_dict["ncols"] or FALLBACK_WIDTH) - 1
        beside = beside_bar(now, width, to_go)
        # Not tqdm's own `{postfix}`: without a bar tqdm cuts nothing, and a line too long would wrap.
        self._bar.bar_format = BAR if beside else narrow(now, width, to_go)
        return beside


def note(now: Progress, to_go: str = "") -> str:
    """What stands beside the count; the money first, as the end is what gets cut."""
    return ", ".join([*_amounts(now, LONG), *_details(now, to_go)])


def beside_bar(now: Progress, width: int, to_go: str = "") -> str:
    """As much of the note as leaves room for a bar; nothing if the amounts alone do not."""
    amounts = ", ".join(_amounts(now, LONG))
    room = width - BESIDE - 2 * len(str(now.items))
    return _fitting([amounts, *_details(now, to_go)], ", ", room) if len(amounts) <= room else ""


def narrow(now: Progress, width: int, to_go: str = "") -> str:
    """The line without a bar: words get shorter, then the count goes, before an amount does."""
    count = f"{now.done:,}/{now.items:,}"
    layouts = (
        ([f"{LABEL}: {count}", *_amounts(now, LONG)], ", "),
        ([count, *_amounts(now, LONG)], ", "),
        ([count, *_amounts(now, SHORT)], " "),
        (_amounts(now, SHORT), " "),
        (_amounts(now, LETTERS), " "),
    )
    fits = (each for each in layouts if len(each[1].join(each[0])) <= width)
    parts, joiner = next(fits, layouts[-1])
    return _fitting([*parts, *_details(now, to_go)], joiner, width)


def _amounts(now: Progress, words: tuple[str, str, str, str]) -> list[str]:
    """Where the money is, one figure each; doubt only where there is some."""
    spent, reserved, in_doubt, left = words
    amounts = now.amounts
    return [
        f"{spent} {show(amounts.spent)}",
        f"{reserved} {show(amounts.reserved)}",
        *([f"{in_doubt} {show(amounts.in_doubt)}"] if amounts.in_doubt else []),
        f"{left} {show(amounts.left)}",
    ]


def _details(now: Progress, to_go: str) -> list[str]:
    """What is under way."""
    parts = [
        to_go,
        now.phase,
        _credits(now),
        f"{now.failed:,} failed" if now.failed else "",
        f"{now.running:,} at the service" if now.running else "",
    ]
    return list(filter(None, parts))


def _credits(now: Progress) -> str:
    """Where the account's credits are, where any may be spent."""
    credits_ = now.credits
    if not (credits_.cap or credits_.committed):
        return ""
    return f"credits {credits_.committed:,} of {credits_.cap:,}"


def _fitting(parts: Iterable[str], joiner: str, width: int) -> str:
    """The parts that fit, each whole: half an amount is a wrong amount."""
    line = ""
    for part in parts:
        longer = f"{line}{joiner}{part}" if line else part
        line = longer if len(longer) <= width else line
    return line


@contextmanager
def following(
    terminal: Terminal,
    items: int,
    *,
    quiet: bool,
    stream: TextIO | None = None,
    to_go: Callable[[], str] = lambda: "",
) -> Iterator[Listener]:
    """Progress while the run lasts; the line is cleared however it ends."""
    target = stream or sys.stderr
    if terminal.live and not quiet:
        with MoneyBar(items, target) as bar:
            yield Listener(bar, bar.words, to_go)
    else:
        with progress(terminal, target, LABEL, unit=UNIT, total=items, quiet=quiet) as shown:
            yield Listener(shown, to_go=to_go)
