"""What `--json` and `--events` promise of a command that fails: a document, or a last line, on stdout."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import takewhile
from typing import Any, TextIO, cast

VERSION = 1


class Watched:
    """A stream that remembers whether anything was written to it."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.used = False
        self.settled = False  # the last event is on its way, or nobody reads any

    def write(self, text: str) -> int:
        """Write it, and remember; also what could not be written, of which a part may have gone out."""
        self.used = self.used or bool(text)
        return self._stream.write(text)

    def __getattr__(self, name: str) -> Any:
        """Everything else is the stream's own."""
        return getattr(self._stream, name)


class Silence:
    """Nothing is written for machines: nobody asked."""

    def write(self, code: int, sentence: str) -> None:
        """Leave stdout alone."""


class Document(Silence):
    """The document of a failure, unless the command wrote its own."""

    def __init__(self, stdout: Watched, command: str) -> None:
        self._stdout, self._command = stdout, command

    def write(self, code: int, sentence: str) -> None:
        """Write the document where nothing was written yet."""
        from earmark.terminal import write_out

        if not self._stdout.used:
            with suppress(OSError, ValueError):  # a full disk, a closed stream: the exit code still tells
                write_out(render(code, sentence, self._command), cast("TextIO", self._stdout))


class LastEvent(Silence):
    """The last of the events, unless the command told its own."""

    def __init__(self, stdout: Watched) -> None:
        self._stdout = stdout

    def write(self, code: int, sentence: str) -> None:
        """Write the event where none was told."""
        from earmark.terminal import write_out

        if not self._stdout.settled:
            with suppress(OSError, ValueError):
                write_out(last_event(code, sentence), cast("TextIO", self._stdout))


def settle() -> None:
    """Nothing is left to write for machines."""
    if isinstance(sys.stdout, Watched):
        sys.stdout.settled = True


@contextmanager
def promised(name: str, arguments: Sequence[str]) -> Iterator[Silence]:
    """Watch stdout during a command; what yields writes the document if one was asked for."""
    stdout = sys.stdout
    document, events = asked(arguments), asked(arguments, "--events")
    if not (document or events) or stdout is None:  # it is None where it was closed before we started
        yield Silence()
        return
    watched = Watched(stdout)
    sys.stdout = cast("TextIO", watched)
    try:
        yield Document(watched, command_of(name, arguments)) if document else LastEvent(watched)
    finally:
        sys.stdout = stdout


def asked(arguments: Sequence[str], option: str = "--json") -> bool:
    """Whether the option is among them; behind `--` it is a file name."""
    return option in takewhile(lambda each: each != "--", arguments)


def command_of(name: str, arguments: Sequence[str]) -> str:
    """The command's own name, also where it is one of the group."""
    words = (each for each in arguments if not each.startswith("-"))
    return next(words, "") if name == "earmark" else name


def render(code: int, sentence: str, command: str = "") -> str:
    """The document: of `plan`, `run` and `report` a report without anything in it, of others four fields."""
    import json

    from earmark.run_outcome import WORDS
    from manifests.exits import Exit

    if command in ("plan", "run", "report"):
        from datetime import UTC, datetime

        from earmark.reports import around, as_json

        made_by = cast("around.MadeBy", command)
        return as_json.text(around.failed(code, sentence, made_by, datetime.now(UTC)))
    word = WORDS[Exit(code)] if code in set(Exit) else ""
    plain = {"version": VERSION, "outcome": word, "exit": code, "sentence": sentence or word}
    return json.dumps(plain, indent=2) + "\n"


def last_event(code: int, sentence: str) -> str:
    """The event of a command that never began, or that an error ended."""
    import time

    from earmark.events import Ended, line
    from earmark.run_outcome import WORDS
    from earmark.times import stamp
    from manifests.exits import Exit

    word = WORDS[Exit(code)] if code in set(Exit) else ""
    ended = Ended(
        at=stamp(time.time()),
        exit=code,
        outcome=word,
        sentence=sentence or word,
        manifest=None,
        fates={},
        amounts=None,
        credits=None,
        next=[],
    )
    return line(ended).decode()
