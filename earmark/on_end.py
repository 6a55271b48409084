"""`run --on-end COMMAND`: a command for the shell once the run is over, however it ended.

It learns how from its environment, and from the report on its stdin. It never gets the key, and nothing that
it does changes how the run ended. It may only be typed: no file can set it.
"""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO

from earmark.interrupts import stoppable
from earmark.reports.document import Report
from earmark.terminal import write_out
from earmark.wallet_ends import KEY, KEY_FILE, SESSION
from manifests.errors import UsageError

DEADLINE = 60.0
"""Seconds that the command may take."""

GRACE = 2.0
"""Seconds between asking a command to end and ending it."""

SHELL = "/bin/sh"

_SECRETS = frozenset({KEY, KEY_FILE, SESSION})


@dataclass(slots=True)
class Over:
    """How a run ended, as far as it is known."""

    manifest: str
    document: IO[bytes]  # the report, for stdin
    exit: int | None = None
    outcome: str = ""
    sentence: str = ""

    def tell(self, exit_: int, outcome: str, sentence: str, document: Iterable[str]) -> None:
        """It ended so."""
        self.exit, self.outcome, self.sentence = exit_, outcome, sentence
        try:
            for text in document:
                self.document.write(text.encode("utf-8", "backslashreplace"))
            self.document.flush()
        except OSError as error:  # a full disk: the command is done all the same
            _note(f"cannot get the report: {error.strerror}")

    def tell_report(self, document: Report) -> None:
        """It came to this report."""
        from earmark.reports import as_json

        self.tell(document.exit, document.outcome, document.sentence, as_json.render(document))

    @property
    def environment(self) -> Mapping[str, str]:
        """What the command finds in its environment."""
        return {
            "EARMARK_EXIT": "" if self.exit is None else str(self.exit),
            "EARMARK_OUTCOME": self.outcome,
            "EARMARK_SENTENCE": self.sentence.replace("\0", " "),
            "EARMARK_MANIFEST": self.manifest,
        }


@contextmanager
def at_the_end(command: str | None, manifest: str) -> Iterator[Over | None]:
    """Have the command done once what is inside is over, whatever ended it; None where there is none.

    Raises:
        UsageError: the command is empty.
    """
    if command is None:
        yield None
        return
    if not command.strip():
        raise UsageError("--on-end is empty: give a command for the shell, such as --on-end 'date > ended'")
    with tempfile.TemporaryFile() as document:
        over = Over(manifest, document)
        try:
            yield over
        except BaseException as error:
            if over.exit is None:
                _tell_error(over, error)
            perform(command, over)
            raise
        perform(command, over)


def _tell_error(over: Over, error: BaseException) -> None:
    """A run that ended before it had a report."""
    from earmark.main import reading
    from earmark.reports import around, as_json
    from earmark.reports.texts import path
    from earmark.run_outcome import WORDS
    from earmark.secrets import hidden
    from manifests.exits import Exit

    if isinstance(error, SystemExit):
        sentence, code = "", error.code if isinstance(error.code, int) else int(Exit.SOME_FAILED)
    else:
        sentence, code = reading("run", error)
    word = WORDS[Exit(code)] if code in set(Exit) else ""
    sentence = hidden(sentence) or word
    named = path(over.manifest) if over.manifest else None
    failed = around.failed(code, sentence, "run", datetime.now(UTC), named)
    over.tell(code, word, sentence, [as_json.text(failed)])


def perform(command: str, over: Over, *, deadline: float = DEADLINE, grace: float = GRACE) -> None:
    """Do it; what goes wrong is told on stderr and changes nothing."""
    environ = {name: value for name, value in os.environ.items() if name not in _SECRETS}
    try:
        over.document.seek(0)
        process = subprocess.Popen(  # noqa: S603 - the user's own command, by the shell that it is written for
            [SHELL, "-c", command],
            stdin=over.document,
            stdout=_stderr(),  # stdout is the run's own: a document or events may be there
            env={**environ, **over.environment},
            start_new_session=True,  # so that all that it started can be ended
        )
    except (OSError, ValueError) as error:  # no shell; a NUL in the command
        _note(f"could not be started: {error}")
        return
    try:
        with stoppable():
            code = process.wait(deadline)
    except subprocess.TimeoutExpired:
        _end(process, grace)
        _note(f"did not end within {deadline:.0f} s, and was ended")
    except (KeyboardInterrupt, SystemExit):
        _end(process, grace)
        _note("was ended by a signal")
    else:
        if code:
            _note(f"ended with {code}" if code > 0 else f"was ended by signal {-code}")


def _stderr() -> int | None:
    """Where the command's output goes; nowhere, if stderr is no file."""
    try:
        sys.stderr.flush()
        return sys.stderr.fileno()
    except (OSError, ValueError):  # closed, or caught by a test
        return subprocess.DEVNULL


def _end(process: "subprocess.Popen[bytes]", grace: float) -> None:
    """End the command and what it started."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(grace)
            break
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)  # what it started and left behind


def _note(what: str) -> None:
    write_out(f"run: the command of --on-end {what}; the run's own end stays as it is\n", sys.stderr)
