"""Where events go: a thread writes them: a slow reader holds no run up, and one that is gone ends none.

All wait in order, up to `MOST` lines: a reader that is further behind than that is told so by a last line,
and hears no more. Of progress only the newest waits.
"""

import os
import select
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Condition, Thread
from types import TracebackType
from typing import Self, TextIO

from earmark.events import Cut, Ended, Event, Progress, Reading, line
from earmark.failure_json import settle
from earmark.interrupts import stoppable
from earmark.times import stamp

MOST = 100_000
"""Lines that may wait: some 40 MB."""

PATIENCE = 30.0
"""Seconds that the end of a command waits for a reader that takes nothing."""

AT_ONCE = 500
"""Lines that are written together."""

Write = Callable[[bytes], None]


class EventStream:
    """Takes events from any thread; `write` may block, and raises OSError where nobody reads any more."""

    def __init__(self, write: Write, *, most: int = MOST, patience: float = PATIENCE) -> None:
        self._write, self._most, self._patience = write, most, patience
        self._lines: deque[list[bytes]] = deque()  # one each; none where newer progress took its place
        self._progress: list[bytes] | None = None  # the newest, as it waits among them
        self._change = Condition()
        self._silent = self._closing = self._writing = False
        self._written = 0  # lines
        self.trouble: OSError | None = None  # why nothing more is written
        self._thread = Thread(target=self._work, name="events", daemon=True)
        self._thread.start()

    def tell(self, event: Event) -> None:
        """Have it written soon; never waits."""
        with self._change:
            if self._silent:
                return
            if isinstance(event, Progress | Reading):
                self._forget_progress()
                self._progress = [line(event)]
                self._lines.append(self._progress)
            elif len(self._lines) < self._most:
                self._lines.append([line(event)])
            else:
                self._forget_progress()
                waiting = sum(map(len, self._lines))
                self._lines.append([line(Cut(at=stamp(time.time()), waiting=waiting))])
                self._silent = True
                settle()
            if isinstance(event, Ended):
                settle()
            self._change.notify_all()

    def close(self) -> None:
        """Write what waits, as long as the reader goes on taking some."""
        with self._change:
            self._closing = True
            self._change.notify_all()
            while self._lines or self._writing:
                before = self._written
                self._change.wait(self._patience)
                if self._written == before and (self._lines or self._writing):
                    self._give_up(TimeoutError("nobody reads them"))
                    break

    def give_up(self, error: OSError) -> None:
        """Write nothing more, and say why."""
        with self._change:
            self._give_up(error)

    def __enter__(self) -> Self:
        """Nothing to begin."""
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        """Write what waits."""
        self.close()

    def _forget_progress(self) -> None:
        """Take out what newer news makes old."""
        if self._progress is None:
            return
        if self._lines[-1] is self._progress:
            self._lines.pop()
        else:
            self._progress.clear()
        self._progress = None

    def _give_up(self, error: OSError) -> None:
        self.trouble = self.trouble or error
        self._silent = True
        self._lines.clear()
        self._progress = None
        settle()
        self._change.notify_all()

    def _work(self) -> None:
        while some := self._take():
            try:
                self._write(b"".join(some))
            except (OSError, ValueError) as error:  # ValueError: a stream that is closed
                with self._change:
                    self._writing = False
                    self._give_up(error if isinstance(error, OSError) else OSError(str(error)))
                return
            with self._change:
                self._writing = False
                self._written += len(some)
                self._change.notify_all()

    def _take(self) -> list[bytes]:
        """The lines to write next; none once all is written and the stream is closed."""
        with self._change:
            while not (self._lines or self._closing):
                self._change.wait()
            some: list[bytes] = []
            while self._lines and len(some) < AT_ONCE:
                taken = self._lines.popleft()
                some += taken
                if taken is self._progress:
                    self._progress = None
            self._writing = bool(some)
            return some


@contextmanager
def to_stdout(patience: float = PATIENCE) -> Iterator[EventStream]:
    """Events to stdout, each as soon as it can be written."""
    from earmark.terminal import write_out

    with _writing(sys.stdout) as write:
        stream = EventStream(write, patience=patience)
        try:
            yield stream
        finally:
            _close(stream)
    if stream.trouble is not None and not isinstance(stream.trouble, BrokenPipeError):
        why = stream.trouble.strerror or stream.trouble
        write_out(f"events are incomplete: {why}; `earmark report` tells the rest\n", sys.stderr)


def _close(stream: EventStream) -> None:
    """Have written what waits; a signal ends the waiting, and changes no exit code: all else is over."""
    try:
        with stoppable():
            stream.close()
    except (KeyboardInterrupt, SystemExit):
        stream.give_up(TimeoutError("a signal came before they were read"))


@contextmanager
def _writing(stdout: TextIO) -> Iterator[Write]:
    """Write to the file behind stdout itself: a thread that hangs in it keeps no lock of Python's."""
    stdout.flush()
    try:
        number = os.dup(stdout.fileno())
    except OSError:  # io.UnsupportedOperation is one: stdout is no file, as in tests
        yield lambda some: _to_stream(stdout, some)
        return
    try:
        yield lambda some: _to_file(number, some)
    finally:
        with suppress(OSError):
            os.close(number)


def _to_stream(stdout: TextIO, some: bytes) -> None:
    stdout.write(some.decode())
    stdout.flush()


def _to_file(number: int, some: bytes) -> None:
    rest = memoryview(some)
    while rest:
        try:
            rest = rest[os.write(number, rest) :]
        except BlockingIOError:  # somebody made the pipe non-blocking
            select.select([], [number], [])
