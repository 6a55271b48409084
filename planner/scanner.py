"""How files are looked at: several at once, and each only once as long as it stays what it is.

What is known of a file counts while its size and its time of change are the same; where only the time
is another, while its print is (`manifests.content`), too. A file that changed within two seconds before
it was looked at may change again within the same tick of the file system's clock, and is looked at again.
"""

# Names stay strings here, as in the walk.
# ruff: noqa: PTH116, PTH118

import os
import time
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from typing import Any, Generic, Protocol, TypeAlias, TypeVar

import msgspec

from planner import pool
from planner.leftout import LeftOut, Unreadable
from planner.pooled import Answer, Job, Same, Task, Whole
from planner.recording import Digest, Recording, Survey
from planner.roots import Root
from planner.scan_file import ScanReader, ScanWriter
from planner.seen import Fault, Seen, Verdict, recorded
from planner.stamps import stamp

RACY_NS = 2_000_000_000
"""The coarsest clock of a file system (FAT) ticks every two seconds."""

K = TypeVar("K", bound="Verdict | Sound")
T = TypeVar("T")


Surveyed: TypeAlias = Recording | LeftOut | None
"""What is to be known of a file, or why it is left out; None where there was no file to look at."""


class Scanner(Protocol):
    """Looks at files for a plan."""

    def surveys(self, steps: Iterable[tuple[str | None, T]]) -> Iterator[tuple[Surveyed, T]]:
        """What is to be known of files, in their order; None where there is no path to one."""
        ...

    def digests(self, steps: Iterable[tuple[int, Recording]]) -> Iterator[tuple[int, str | LeftOut]]:
        """The digests of recordings, by their numbers, or why one has none any more."""
        ...


class Plain:
    """Looks at one file after the other, through functions."""

    def __init__(self, survey: Survey, digest: Digest) -> None:
        self._survey, self._digest = survey, digest

    def surveys(self, steps: Iterable[tuple[str | None, T]]) -> Iterator[tuple[Surveyed, T]]:
        """As `Scanner.surveys`."""
        for path, about in steps:
            try:
                yield None if path is None else self._survey(path), about
            except Unreadable as error:
                yield error.left_out(), about

    def digests(self, steps: Iterable[tuple[int, Recording]]) -> Iterator[tuple[int, str | LeftOut]]:
        """As `Scanner.digests`."""
        for number, recording in steps:
            try:
                yield number, self._digest(recording)
            except Unreadable as error:
                yield number, error.left_out()


class Sound(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """The digest of a recording that was of this size and time."""

    size: int
    mtime_ns: int
    sha256: str


_Place: TypeAlias = tuple[str, str]
"""A folder and a name in it."""


class _Memory(AbstractContextManager["_Memory[K]"], Generic[K]):
    """What an earlier plan found of files, and what this one does; `home` is None where nobody remembers."""

    def __init__(self, home: str | None, name: str, root: Root, kind: Any) -> None:
        mark = stamp() if home else ""
        path = os.path.join(home or "", name)
        self._earlier: ScanReader[K] | None = ScanReader(path, mark, kind) if home else None
        self._now: ScanWriter[K] | None = ScanWriter(path, mark) if home else None
        self._root = root
        self._folder, self._key = "", root.relative("")
        self._trusted_ns = time.time_ns() - RACY_NS
        self._hits = self._misses = 0

    def place(self, path: str) -> _Place:
        """A file's folder and name as the memory knows them; neighbours ask for the same folder."""
        folder, slash, name = path.rpartition("/")
        if folder != self._folder:
            self._folder, self._key = folder, self._root.relative(folder + slash)
        return self._key, name

    def known(self, place: _Place) -> K | None:
        """What is known of a file, if it is as it was."""
        return None if self._earlier is None else self._earlier.find(*place)

    def again(self, place: _Place, found: K) -> None:
        """Remember what was known before."""
        self._hits += 1
        if self._now is not None:
            self._now.add(*place, found)

    def keep(self, place: _Place, found: K) -> None:
        """Remember what was found now."""
        self._misses += 1
        if self._now is not None and 0 < found.mtime_ns < self._trusted_ns:
            self._now.add(*place, found)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._earlier is None or self._now is None:
            return
        try:
            if kind is not None:
                self._now.complete(self._earlier)
            if self._misses or self._hits < self._earlier.count:
                self._now.commit()
        finally:
            self._now.drop()
            self._earlier.close()


class Scan:
    """Looks at files in several processes, and remembers what it found.

    Args:
        readers: how many processes; 1: this one alone.
        root: of the plan; files are remembered by their paths below it.
        home: the folder of the memory (`planner.wanted.SCAN_CACHE`); None: nothing is remembered.
        name: tells this plan's memory from those of others beside it.
    """

    def __init__(self, readers: int, root: Root, home: str | None = None, name: str = "scan") -> None:
        self._readers, self._root, self._home, self._name = readers, root, home, name

    def surveys(self, steps: Iterable[tuple[str | None, T]]) -> Iterator[tuple[Surveyed, T]]:
        """As `Scanner.surveys`."""
        with self._memory("", Verdict) as memory:
            for answer, (path, place, known, about) in pool.answers(_tasks(steps, memory), self._readers):
                if path is None:
                    yield None, about
                    continue
                if answer is None:
                    assert known is not None
                    memory.again(place, known)
                    yield recorded(path, known), about
                    continue
                found = _found(answer, known)
                memory.keep(place, found)
                yield recorded(path, found), about

    def digests(self, steps: Iterable[tuple[int, Recording]]) -> Iterator[tuple[int, str | LeftOut]]:
        """As `Scanner.digests`."""
        with self._memory("-sound", Sound) as memory:
            for answer, (number, one, known) in pool.answers(_wholes(steps, memory), self._readers):
                if isinstance(answer, Fault):
                    yield number, LeftOut(one.path, answer.reason, answer.detail)
                    continue
                place = memory.place(one.path)
                if known is not None:
                    memory.again(place, known)
                    yield number, known.sha256
                    continue
                sound = Sound(one.size, one.mtime_ns, str(answer))
                memory.keep(place, sound)
                yield number, sound.sha256

    def _memory(self, ending: str, kind: Any) -> _Memory[Any]:
        return _Memory(self._home, self._name + ending, self._root, kind)


_Looked: TypeAlias = tuple[str | None, _Place, Verdict | None, T]
"""A path, its place in memory, what was known of it before, and what whoever asked knows."""


def _tasks(
    steps: Iterable[tuple[str | None, T]], memory: _Memory[Verdict]
) -> Iterator[tuple[Job | None, _Looked[T]]]:
    """Each file as a task, unless it is known."""
    for path, about in steps:
        if path is None:
            yield None, (None, ("", ""), None, about)
            continue
        place = memory.place(path)
        known = memory.known(place)
        task = Task(os.fsencode(path)) if known is None else _task(path, known)
        yield task, (path, place, known, about)


def _task(path: str, known: Verdict) -> Task | None:
    """What is to be done with a file of which something is known: nothing, if it is as it was."""
    try:
        status = os.stat(path)
    except OSError:
        return Task(os.fsencode(path))
    if status.st_size != known.size:
        return Task(os.fsencode(path))
    if status.st_mtime_ns == known.mtime_ns:
        return None
    return Task(os.fsencode(path), known.size, known.print if isinstance(known, Seen) else "")


def _found(answer: Answer, known: Verdict | None) -> Verdict:
    """What is known of a file now."""
    if isinstance(answer, Same):
        assert known is not None
        return msgspec.structs.replace(known, mtime_ns=answer.mtime_ns)
    assert not isinstance(answer, str)
    return answer


def _wholes(
    steps: Iterable[tuple[int, Recording]], memory: _Memory[Sound]
) -> Iterator[tuple[Job | None, tuple[int, Recording, Sound | None]]]:
    """Each recording as one to be read whole, unless its digest is known."""
    for number, one in steps:
        known = memory.known(memory.place(one.path))
        if known and (known.size, known.mtime_ns) != (one.size, one.mtime_ns):
            known = None
        yield None if known else Whole(os.fsencode(one.path), one.size), (number, one, known)
