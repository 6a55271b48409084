"""The reports of a run: written as it begins, now and then while it lasts, and however it ends.

They never slow or fail the run: what cannot be written is a note on stderr.
"""

import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from msgspec.structs import replace

from earmark import github_ends, run_ends
from earmark.next_steps import DEFAULT_OUTPUT
from earmark.report_choice import chosen
from earmark.report_target import check_target, write
from earmark.reports import around, as_json, of_run
from earmark.reports.document import Report
from earmark.reports.formats import Format
from earmark.reports.kept import kept
from earmark.reports.of_standing import report_of
from earmark.reports.texts import clean, path
from earmark.results_folder import beside
from earmark.run_outcome import WORDS
from earmark.run_values import Asked
from earmark.secrets import hidden
from earmark.terminal import printable, write_out
from manifests.errors import EarmarkError, MachineError
from manifests.exits import Exit
from manifests.manifest import Head
from manifests.text_file import open_manifest
from runner.report import RunReport

EVERY = 15.0
"""Seconds from one report to the next, at least."""

SHARE = 9
"""Times as long as a report took is waited before the next: it takes a tenth of the time at most."""

PATIENCE = 10.0
"""Seconds that the end waits for a report that is being written; it stops at the next item."""

Files = Sequence[tuple[Path, Format]]


class _Stopped(BaseException):
    """The run has ended, and a newer report is about to be written."""


class RunReports:
    """Where a run's reports go, and when they are written.

    Args:
        files: each with its view.
        manifest: that is run.
        results: the folder of its results.
        environ: names the ledger.
        tell: says a note.
        clock: seconds, for how long a report took.
        wait: so many seconds, or until the run is over, which it says.
    """

    def __init__(
        self,
        files: Files,
        manifest: Path,
        results: Path,
        environ: Mapping[str, str],
        tell: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[float], bool] | None = None,
    ) -> None:
        self._files, self._manifest, self._results = files, manifest, results
        self._environ, self._tell, self._clock = environ, tell, clock
        self._told: set[str] = set()
        self._over = threading.Event()
        self._wait = wait or self._over.wait
        self._done = self._stuck = False

    def check(self) -> None:
        """Refuse places where something else lies.

        Raises:
            UsageError: a report would take the place of a manifest, a result, or the ledger.
        """
        if not self._files:
            return
        place: Path | None = None  # a ledger that cannot be named, or read, is for the run to tell
        with suppress(MachineError):
            place = run_ends.ledger_file(self._environ)
            with run_ends.reading(self._environ) as (ledger, _):
                self._check(place, ledger.wrote if ledger else _nothing)
                return
        self._check(place, _nothing)

    def _check(self, place: Path | None, wrote: Callable[[str], bool]) -> None:
        for target, _ in self._files:
            check_target(target, self._manifest, self._results, place, wrote)

    @contextmanager
    def during(self) -> Iterator[None]:
        """Write reports while the block lasts, in a thread with a connection of its own."""
        if not (self._files and self._manifest.is_file()):  # a pipe is read but once, by the run
            yield
            return
        writer = threading.Thread(target=self._go_on, name="reports", daemon=True)
        writer.start()
        try:
            yield
        finally:
            self._over.set()
            writer.join(PATIENCE)
            self._stuck = writer.is_alive()

    def made(self, run: RunReport, asked: Asked, head: Head) -> Callable[[], Report]:
        """The document of a run that has ended, made when it is first needed."""
        notes = kept(self._manifest, head)
        return cache(lambda: of_run.report_of(run, asked, head, datetime.now(UTC), notes))

    def ended(self, report: Callable[[], Report]) -> None:
        """Write the last one, and tell GitHub."""
        self._done = True
        with self._harmless():
            self._last(report)
        with self._harmless():
            github_ends.tell(report, self._environ)

    def failed(self, code: int, sentence: str) -> None:
        """The same of a run that an error ended, unless its report was written."""
        if self._done or not (self._files or github_ends.is_on(self._environ)):
            return
        with self._harmless(), self._after(code, sentence) as report:
            self._last(lambda: report)
            github_ends.tell(lambda: report, self._environ)

    def _last(self, report: Callable[[], Report]) -> None:
        """The last report, unless an earlier one is still on its way to a disk that does not answer."""
        if self._stuck:
            self._note("the last report was not written: the disk does not take the one before")
        elif self._files:
            self._write_all(report())

    @contextmanager
    def _harmless(self) -> Iterator[None]:
        """Whatever is wrong with a report is a note: the run ends as it does."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - also a bug of a view
            self._note(f"no report was made: {type(error).__name__}: {error}")

    @contextmanager
    def _after(self, code: int, sentence: str) -> Iterator[Report]:
        """Where all stands, with the error's sentence; that alone where nothing can be read."""
        word = WORDS[Exit(code)] if code in set(Exit) else ""
        told = {"exit": code, "outcome": word, "sentence": clean(sentence) or word, "running": False}
        with ExitStack() as stack:
            try:
                report = replace(stack.enter_context(self._standing()), **told)
            except Exception:  # noqa: BLE001 - such as the very ledger that ended the run
                named = path(str(self._manifest))
                report = around.failed(code, sentence, "run", datetime.now(UTC), named)
            yield report

    def _go_on(self) -> None:
        pause = 0.0
        while not self._wait(pause):
            start = self._clock()
            try:
                with self._harmless(), self._standing(heed=self._heed) as report:
                    self._write_all(report)
            except _Stopped:
                return
            pause = max(EVERY, SHARE * (self._clock() - start))

    def _heed(self) -> None:
        if self._over.is_set():
            raise _Stopped

    @contextmanager
    def _standing(self, heed: Callable[[], None] = lambda: None) -> Iterator[Report]:
        """How the manifest stands now, from the ledger; its items heed the run's end."""
        with run_ends.reading(self._environ) as (ledger, locks), open_manifest(self._manifest) as plan:
            notes = kept(self._manifest, plan.head)
            report = report_of(
                plan, self._manifest, self._results, ledger, locks.taken, datetime.now(UTC), notes, heed
            )
            yield replace(report, made_by="run", manifest=path(str(self._manifest.absolute())))

    def _write_all(self, report: Report) -> None:
        for target, view in self._files:
            try:
                write(target, lambda place, view=view: view.render(report, place))  # type: ignore[misc]
            except (EarmarkError, OSError) as error:
                self._note(f"the report {target} was not written: {error}")

    def _note(self, words: str) -> None:
        """Say it once: the next report will most likely fail alike."""
        if words not in self._told:
            self._told.add(words)
            self._tell(words)


def _nothing(_path: str) -> bool:
    return False


@contextmanager
def reporting(
    files: Sequence[str], manifest: str | None, output: str | None, environ: Mapping[str, str]
) -> Iterator[RunReports]:
    """The reports of one run; what ends the block is reported, too.

    Args:
        files: as they were typed.
        manifest: as it was typed.
        output: the folder of results, where one was named.
        environ: names the ledger, and who else is to be told.

    Raises:
        UsageError: a file has an ending of no view, or lies where something else does.
    """
    named = Path(manifest or DEFAULT_OUTPUT)
    reports = RunReports(chosen(files), named, Path(output or beside(named)), environ, _note)
    reports.check()
    try:
        yield reports
    except BaseException as error:
        reports.failed(*_told(error))
        raise


def failure(error: EarmarkError, manifest: str | None) -> str:
    """The document of a run that ended before there was anything to report."""
    named = path(manifest) if manifest else None
    return as_json.text(around.failed(int(error.exit_code), str(error), "run", datetime.now(UTC), named))


def _told(error: BaseException) -> tuple[int, str]:
    """The exit code of what ended the command, and what the user reads."""
    from earmark.main import reading  # which imports this command when it is called

    if isinstance(error, SystemExit):
        return (error.code if isinstance(error.code, int) else int(Exit.SOME_FAILED)), ""
    message, code = reading("run", error)
    return code, hidden(message)


def _note(words: str) -> None:
    write_out(f"run: note: {printable(words)}\n", sys.stderr)
