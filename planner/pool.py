"""Reader processes: files are looked at in several at once, and the answers come in the order of the files.

Threads would be slower than one of them, since reading headers is work for the interpreter. A plain
process for each, started anew and fed through pipes: nothing of this process is copied, whatever threads
it has, and one that dies takes its answers with it and nothing else.
"""

import os
import selectors
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from planner.pooled import Answer, Job, done
from planner.reader import Died, Reader, one_by_one

T = TypeVar("T")

FEW = 64
"""Files that are read here, sooner than a process has started."""

CHUNK = 32
"""Files that travel together: some milliseconds of work."""

MOST_STEPS = 1024
"""The same where hardly any of them has to be read."""

AHEAD = 2
"""Chunks that each process has, so that it never waits for the next."""

WAITING = 64
"""Chunks that may wait for an earlier one, for each process; one file in them may take long."""

Step = tuple[Job | None, T]
"""A job, or none, and what whoever asked knows of it."""


def cores() -> int:
    """The processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def answers(steps: Iterable[Step[T]], readers: int) -> Iterator[tuple[Answer | None, T]]:
    """The answers to jobs, in their order, each with what was known of it; None where there was no job.

    Args:
        steps: jobs, from whatever finds them.
        readers: processes that do them; 1: this one does.
    """
    rest, left = iter(steps), FEW
    for job, about in rest:
        yield (done(job) if job else None), about
        left -= job is not None
        if not left and readers > 1:
            break
    pool = _Pool(readers)
    try:
        yield from pool.answers(rest)
    finally:
        pool.close()


@dataclass(slots=True)
class _Chunk(Generic[T]):
    """Steps that travel together; `done` once all jobs among them are."""

    jobs: list[Job] = field(default_factory=list)
    steps: list[tuple[bool, T]] = field(default_factory=list)  # whether it is a job, and what is known of it
    done: Sequence[Answer] | None = None

    def results(self) -> Iterator[tuple[Answer | None, T]]:
        """What goes out."""
        assert self.done is not None
        found = iter(self.done)
        return ((next(found) if job else None, about) for job, about in self.steps)


class _Busy(Reader):
    """A reader with the chunks that it has."""

    def __init__(self) -> None:
        super().__init__()
        self.has: deque[_Chunk[Any]] = deque()


class _Pool:
    """So many readers, started when there is something for them."""

    def __init__(self, readers: int) -> None:
        self._most = readers
        self._readers: list[_Busy] = []
        self._selector = selectors.DefaultSelector()

    def answers(self, steps: Iterable[Step[T]]) -> Iterator[tuple[Answer | None, T]]:
        """As the function `answers`, all of it by readers."""
        waiting: deque[_Chunk[T]] = deque()
        for chunk in _chunks(steps):
            self._give(chunk)
            waiting.append(chunk)
            while waiting and (waiting[0].done is not None or len(waiting) > WAITING * self._most):
                while waiting[0].done is None:
                    self._listen()
                yield from waiting.popleft().results()
        for chunk in waiting:
            while chunk.done is None:
                self._listen()
            yield from chunk.results()

    def close(self) -> None:
        """End all of them."""
        self._selector.close()
        for reader in self._readers:
            reader.close()
        self._readers = []

    def _give(self, chunk: _Chunk[Any]) -> None:
        """Hand a chunk to whoever has the least to do."""
        if not chunk.jobs:
            chunk.done = ()
            return
        reader = self._idle()
        while reader and len(reader.has) >= AHEAD:
            self._listen()
            reader = self._idle()
        if reader is None:
            chunk.done = [done(job) for job in chunk.jobs]
            return
        reader.has.append(chunk)
        reader.tell(chunk.jobs)

    def _idle(self) -> _Busy | None:
        """The reader with the least to do, a new one if all are busy; None where none can be started."""
        least = min(self._readers, key=lambda each: len(each.has), default=None)
        if len(self._readers) >= self._most or (least and not least.has):
            return least
        try:
            reader = _Busy()
        except OSError:  # no more processes
            self._most = len(self._readers)
            return least
        self._readers.append(reader)
        self._selector.register(reader.stdout, selectors.EVENT_READ, reader)
        return reader

    def _listen(self) -> None:
        """Wait until some reader answers, or dies."""
        for key, _ in self._selector.select():
            reader: _Busy = key.data
            try:
                for found in reader.hear():
                    reader.has.popleft().done = found
            except Died:
                self._selector.unregister(reader.stdout)
                self._readers.remove(reader)
                reader.close()
                for chunk in reader.has:
                    chunk.done = one_by_one(chunk.jobs)


def _chunks(steps: Iterable[Step[T]]) -> Iterator[_Chunk[T]]:
    chunk: _Chunk[T] = _Chunk()
    for job, about in steps:
        chunk.steps.append((job is not None, about))
        if job:
            chunk.jobs.append(job)
        if len(chunk.jobs) == CHUNK or len(chunk.steps) == MOST_STEPS:
            yield chunk
            chunk = _Chunk()
    yield chunk
