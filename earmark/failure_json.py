"""What `--json` promises of a command that fails: still one JSON document on stdout."""

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


@contextmanager
def promised(name: str, arguments: Sequence[str]) -> Iterator[Silence]:
    """Watch stdout during a command; what yields writes the document if one was asked for."""
    stdout = sys.stdout
    if not asked(arguments) or stdout is None:  # it is None where it was closed before we started
        yield Silence()
        return
    watched = Watched(stdout)
    sys.stdout = cast("TextIO", watched)
    try:
        yield Document(watched, command_of(name, arguments))
    finally:
        sys.stdout = stdout


def asked(arguments: Sequence[str]) -> bool:
    """Whether `--json` is among the options; behind `--` it is a file name."""
    return "--json" in takewhile(lambda each: each != "--", arguments)


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
