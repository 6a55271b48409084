"""A line on stderr for each item that is done: `run -v`; also as it is sent: `run -vv`."""

import os
import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import TextIO

from earmark.screens.run_words import clipped
from earmark.screens.wrapping import wrapped
from earmark.terminal import columns, printable, write_out
from manifests.money import show
from runner.told import Change, ItemTold, NoteTold, StopTold, Told

MORE = 2
"""How often `-v` is given for every change."""

HEAD = 10
"""Columns of the word that a line begins with."""

_DONE = frozenset({Change.SAVED, Change.FAILED, Change.REJECTED, Change.IN_DOUBT, Change.LOST})
_WORDS: Mapping[Change, str] = {Change.IN_DOUBT: "in doubt", Change.RETURNED: "not sent"}


class ItemLines:
    """Writes them, above the bar where there is one."""

    def __init__(
        self,
        pause: Callable[[], AbstractContextManager[None]],
        verbose: int = 1,
        stream: TextIO | None = None,
        *,
        wraps: bool = False,
    ) -> None:
        """`wraps`: where `stream`, or stderr, is a terminal; a log keeps one line for each."""
        self._pause, self._more, self._stream, self._wraps = pause, verbose >= MORE, stream, wraps

    def watch(self, told: Told) -> None:
        """One thing that the run tells."""
        line = self._line(told)
        if line:
            with self._pause():
                write_out(f"{self._fitting(line)}\n", self._stream or sys.stderr)

    def _fitting(self, line: str) -> str:
        """The line as wide as the window is now."""
        if not self._wraps:
            return line
        width = columns(self._stream or sys.stderr)
        return "\n".join(wrapped(line[:HEAD], line[HEAD:], width))

    def _line(self, told: Told) -> str:
        match told:
            case ItemTold():
                return _of_item(told) if self._is_shown(told) else ""
            case StopTold(_, message):
                return f"{'stop':<{HEAD}}{clipped(message)}"
            case NoteTold(text) if self._more:
                return f"{'note':<{HEAD}}{clipped(text)}"
        return ""

    def _is_shown(self, told: ItemTold) -> bool:
        if told.change is Change.CHARGED:  # as planned, it is no news
            return self._more or (not told.shared and told.charged != told.expected)
        return self._more or told.change in _DONE


def _of_item(told: ItemTold) -> str:
    """`saved     talks/ep1.mp3  transcription  $0.31  results/talks/ep1.srt`."""
    word = _WORDS.get(told.change, told.change.value)
    parts = [printable(told.file), told.service, _price(told), _job(told), _what(told)]
    return f"{word:<{HEAD}}" + "  ".join(filter(None, parts))


def _price(told: ItemTold) -> str:
    if told.shared:
        return "paid by an equal item"
    if told.charged is None:
        return _amount(told, told.expected)
    if told.change in (Change.REJECTED, Change.RELEASED, Change.RETURNED):
        return "not charged"
    more = told.charged - told.expected
    beside = f" ({abs(more)} c {'more' if more > 0 else 'less'} than planned)" if more else ""
    return f"{_amount(told, told.charged)} charged{beside if told.currency == 'cents' else ''}"


def _amount(told: ItemTold, amount: int) -> str:
    return show(amount) if told.currency == "cents" else f"{amount:,} cr."


def _job(told: ItemTold) -> str:
    """The job, where the line is about it."""
    return f"job {printable(told.job_id)}" if told.change is Change.SUBMITTED else ""


def _what(told: ItemTold) -> str:
    """The result, or the reason."""
    if told.results:
        first, *rest = told.results
        return printable(_near(first)) + (f" and {len(rest)} more" if rest else "")
    return clipped(told.reason) if told.reason else ""


def _near(path: str) -> str:
    """A path as people would type it from where they stand."""
    here = os.path.join(os.getcwd(), "")  # noqa: PTH109, PTH118 - a path as it was typed, symlinks and all
    return path.removeprefix(here)
