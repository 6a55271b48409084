"""The terminal: how wide it is, whether it has colours, what may be shown on it, and progress.

Tables and results go to stdout, progress and messages to stderr.
"""

import os
import re
import shlex
import shutil
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Never, Protocol, Self, TextIO, TypeVar

from earmark.times import to_go

if TYPE_CHECKING:
    from tqdm import tqdm as Tqdm  # noqa: N812 - the class under its import-time alias

T = TypeVar("T")

FALLBACK_WIDTH = 120
"""Columns where nobody can tell: a pipe, a CI log."""

PLAIN_EVERY = 10.0
"""Seconds between two progress lines where there is no terminal: CI logs keep every line."""

LATELY = 30
"""Looks, a second apart at least, that a pace rests on."""

SOON = 5.0
"""Seconds before which nothing is said of the time left."""

BAR = "{l_bar}{bar}| {n_fmt}/{total_fmt} [{elapsed}{postfix}]"
"""tqdm's line without the time left."""

_RESET = "\x1b[0m"
_STYLES = {"bold": "\x1b[1m", "dim": "\x1b[2m", "red": "\x1b[31m", "green": "\x1b[32m", "yellow": "\x1b[33m"}

_JOINERS = "\u200c\u200d"
"""Persian, Indic scripts and emoji are not readable without them."""

_COMMAND = re.compile(r"(?<!\S)::|##\[")
"""What GitHub's runner obeys in a log: one at a line's start, where any word may stand, one anywhere."""

_LONE_BYTES = frozenset(map(chr, range(0xDC80, 0xDD00)))
"""Bytes that are no UTF-8, as Python's file names carry them."""


@dataclass(frozen=True, slots=True)
class Terminal:
    """What the two streams can show."""

    width: int = FALLBACK_WIDTH
    colour: bool = False  # stdout understands colours, and the user wants them
    live: bool = False  # stderr can redraw a line
    redraws: bool = False  # stdout can be drawn over

    @property
    def shows_both(self) -> bool:
        """Whether a person sees both streams: what the screen says need not be said on stderr again."""
        return self.live and self.redraws

    def style(self, text: str, *styles: str) -> str:
        """The text in bold or colour, or as it is where there is no colour."""
        if not (self.colour and styles):
            return text
        return "".join(_STYLES[each] for each in styles) + text + _RESET


def detect(environ: Mapping[str, str], stdout: TextIO, stderr: TextIO) -> Terminal:
    """What this process may show; `NO_COLOR`, `FORCE_COLOR` and `TERM=dumb` are obeyed."""
    dumb = environ.get("TERM") == "dumb"
    wants_colour = environ.get("FORCE_COLOR", "") not in ("", "0") or (_is_terminal(stdout) and not dumb)
    return Terminal(
        width=columns_now(),
        colour=wants_colour and not environ.get("NO_COLOR"),
        live=_is_terminal(stderr) and not dumb and columns(stderr) > 0,
        redraws=_is_terminal(stdout) and not dumb and columns(stdout) > 0,
    )


def columns_now() -> int:
    """How wide the screen is by now; `COLUMNS` is obeyed."""
    return shutil.get_terminal_size((FALLBACK_WIDTH, 24)).columns


def columns(stream: TextIO) -> int:
    """How wide a terminal says it is; some of those that CI systems make up say 0, and nothing fits there."""
    try:
        return os.get_terminal_size(stream.fileno()).columns
    except (OSError, ValueError):
        return FALLBACK_WIDTH


def _is_terminal(stream: TextIO) -> bool:
    try:
        return stream.isatty()
    except ValueError:  # a closed stream
        return False


def printable(text: str) -> str:
    r"""The text with everything that could move the cursor or hide something shown as an escape.

    A file name may hold newlines, ANSI sequences, writing-direction marks, or bytes that are no
    text at all; `\n`, `\x1b`, `\u202e` and `\xff` show what is there. Nor does a CI's log obey it.
    """
    if not text.isprintable():
        text = "".join(each if each.isprintable() or each in _JOINERS else _escaped(each) for each in text)
    return _COMMAND.sub(_disobeyed, text) if ":" in text or "#" in text else text


def _disobeyed(found: re.Match[str]) -> str:
    return f"\\x{ord(found[0][0]):02x}{found[0][1:]}"


def _escaped(each: str) -> str:
    if each in _LONE_BYTES:
        return f"\\x{os.fsencode(each)[0]:02x}"
    return each.encode("unicode_escape").decode("ascii")


def quoted(argument: str) -> str:
    """An argument as one can paste it into a shell, whatever it holds; never breaks the line."""
    if argument.isprintable():
        return shlex.quote(argument)
    return "$'" + "".join(map(_shell_escaped, argument)) + "'"


def _shell_escaped(each: str) -> str:
    if each in "\\'":
        return f"\\{each}"
    if each.isprintable():
        return each
    return "".join(f"\\x{byte:02x}" for byte in os.fsencode(each))


def write_out(text: str, stream: TextIO | None = None) -> None:
    """Write to stdout (or another stream) and flush; a reader that went away ends nothing but the writing.

    Raises:
        OSError: a full disk, of stdout; of stderr nobody could be told.
    """
    target = sys.stdout if stream is None else stream
    try:
        target.write(text)
        target.flush()
    except BrokenPipeError:
        # Python flushes once more at its end; without this it would complain and change the exit code.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, target.fileno())
        os.close(nowhere)
    except OSError:
        if target is not sys.stderr:
            raise


def shortened(text: str, width: int) -> str:
    """The text in at most `width` characters; a path keeps its end, which tells files apart."""
    if len(text) <= width:
        return text
    return "…" + text[len(text) - width + 1 :] if width > 1 else "…"[:width]


class Progress(Protocol):
    """Shows how far something is; leaving it clears what it drew."""

    def advance(self, count: int = 1, note: str = "") -> None:
        """So many more are done; `note` is shown beside the count."""
        ...

    def hide(self) -> None:
        """Leave the terminal to something else; the next `advance` draws again."""
        ...

    def __enter__(self) -> Self:
        """Start showing."""
        ...

    def __exit__(self, *_: object) -> None:
        """Clear what was drawn."""
        ...


class Silent(AbstractContextManager["Silent"]):
    """No progress at all: `--quiet`."""

    def advance(self, count: int = 1, note: str = "") -> None:
        """Show nothing."""

    def hide(self) -> None:
        """Nothing is shown."""

    def __exit__(self, *_: object) -> None:
        """Leave nothing behind."""


class Countdown:
    """About how long it takes until so many are done, at the pace of the last half minute."""

    def __init__(self, total: int | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._total, self._clock, self._done = total, clock, 0
        self._lately: deque[tuple[float, int]] = deque([(clock(), 0)])

    def advance(self, count: int) -> None:
        """So many more are done."""
        self._done += count
        now = self._clock()
        if now - self._lately[-1][0] >= 1:
            self._lately.append((now, self._done))
            while len(self._lately) > LATELY:
                self._lately.popleft()

    def seconds(self) -> float | None:
        """None while nobody can tell."""
        if self._total is None or self._done >= self._total:
            return None
        then, before = self._lately[0]
        now, done = self._lately[-1]
        if now - then < SOON or done == before:
            return None
        return (self._total - self._done) * (now - then) / (done - before)


class Bar(AbstractContextManager["Bar"]):
    """A line on a terminal, drawn by tqdm, without its guess of the time left: that jumps."""

    def __init__(
        self,
        label: str,
        unit: str,
        total: int | None,
        stream: TextIO,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        from tqdm import tqdm  # 50 ms that `--help` does not pay

        self._countdown = Countdown(total, clock)
        self._bar: Tqdm[Never] = tqdm(
            desc=label,
            unit=f" {unit}",
            total=total,
            file=stream,
            leave=False,
            dynamic_ncols=True,
            miniters=0,  # the note may change while the count stands still
            bar_format=None if total is None else BAR,
        )

    def advance(self, count: int = 1, note: str = "") -> None:
        """Draw again, as often as tqdm thinks fit."""
        self._countdown.advance(count)
        told = note or to_go(self._countdown.seconds())
        if told:
            self._bar.set_postfix_str(told, refresh=False)
        self._bar.update(count)

    def hide(self) -> None:
        """Clear the line."""
        self._bar.clear()

    def __exit__(self, *_: object) -> None:
        """Clear the line."""
        self._bar.close()


class Lines(AbstractContextManager["Lines"]):
    """A plain line now and then, for logs."""

    def __init__(
        self, label: str, unit: str, total: int | None, stream: TextIO, clock: Callable[[], float]
    ) -> None:
        self._label, self._unit, self._stream, self._clock = label, unit, stream, clock
        self._of = "" if total is None else f" of {total:,}"
        self._done = 0
        self._next = clock() + PLAIN_EVERY
        self._countdown = Countdown(total, clock)

    def advance(self, count: int = 1, note: str = "") -> None:
        """Write a line if the last one is long enough ago."""
        self._done += count
        self._countdown.advance(count)
        if self._clock() >= self._next:
            self._next = self._clock() + PLAIN_EVERY
            told = note or to_go(self._countdown.seconds())
            ending = f"  {told}" if told else ""
            self._stream.write(f"{self._label}: {self._done:,}{self._of} {self._unit}{ending}\n")
            self._stream.flush()

    def hide(self) -> None:
        """Nothing to clear: a log keeps its lines."""

    def __exit__(self, *_: object) -> None:
        """Nothing to clear either."""


def progress(
    terminal: Terminal,
    stream: TextIO,
    label: str,
    *,
    unit: str = "files",
    total: int | None = None,
    quiet: bool = False,
    clock: Callable[[], float] = time.monotonic,
) -> Progress:
    """Progress as the stream can show it: a bar, lines, or nothing."""
    if quiet:
        return Silent()
    if terminal.live:
        return Bar(label, unit, total, stream)
    return Lines(label, unit, total, stream, clock)


def followed(items: Iterable[T], shown: Progress) -> Iterator[T]:
    """The same items, each counted as it passes."""
    with shown:
        for item in items:
            shown.advance()
            yield item
