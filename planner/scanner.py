"""How files are looked at: several at once, and each only once as long as it stays what it is.

What is known of a file counts while its size and its times of change are the same; where only a time
is another, while its print is (`manifests.content`), too. Times are two: programs set the one as they
like, and taggers put the old one back; the other (`ctime`) is the file system's own.
"""

# Names stay strings here, as in the walk.
# ruff: noqa: PTH116

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby, islice
from typing import Any, Protocol, TypeVar, cast

import msgspec

from planner import pool
from planner.leftout import LeftOut, Unreadable
from planner.pooled import Answer, Job, Listen, Same, Task, Whole
from planner.recording import Digest, Recording, Survey
from planner.roots import Root
from planner.scan_file import Where
from planner.scan_memory import Carried, Identity, Memory, Sound
from planner.seen import Fault, Seen, Verdict, recorded
from planner.silence import NOT_HEARD, Heard
from planner.walk import RUN, Run

T = TypeVar("T")


class Scanner(Protocol):
    """Looks at files for a plan."""

    def surveys(self, found: Iterable[Run | T]) -> Iterator[Recording | LeftOut | T]:
        """What is to be known of files, or why they are left out; all else passes, in its place."""
        ...

    def digests(self, steps: Iterable[tuple[int, Recording]]) -> Iterator[tuple[int, str | LeftOut]]:
        """The digests of recordings, by their numbers, or why one has none any more."""
        ...

    def listens(self, steps: Iterable[tuple[int, Recording]]) -> Iterator[tuple[int, Heard]]:
        """What there is to hear in recordings, by their numbers."""
        ...


class Plain:
    """Looks at one file after the other, through functions."""

    def __init__(
        self, survey: Survey, digest: Digest, listen: Callable[[str], Heard] = lambda _path: NOT_HEARD
    ) -> None:
        self._survey, self._digest, self._listen = survey, digest, listen

    def surveys(self, found: Iterable[Run | T]) -> Iterator[Recording | LeftOut | T]:
        """As `Scanner.surveys`."""
        for each in found:
            if not isinstance(each, Run):
                yield each
                continue
            for name in each.names:
                try:
                    yield self._survey(each.before + name)
                except Unreadable as error:
                    yield error.left_out()

    def digests(self, steps: Iterable[tuple[int, Recording]]) -> Iterator[tuple[int, str | LeftOut]]:
        """As `Scanner.digests`."""
        for number, recording in steps:
            try:
                yield number, self._digest(recording)
            except Unreadable as error:
                yield number, error.left_out()

    def listens(self, steps: Iterable[tuple[int, Recording]]) -> Iterator[tuple[int, Heard]]:
        """As `Scanner.listens`."""
        return ((number, self._listen(recording.path)) for number, recording in steps)


class Scan:
    """Looks at files in several processes, and remembers what it found.

    Args:
        readers: how many processes; 1: this one alone.
        root: of the plan; files are remembered by their paths below it.
        home: the folder of the memory (`planner.wanted.SCAN_CACHE`); None: nothing is remembered.
        name: tells this plan's memory from those of others beside it.
        identity: what a file is, for a memory that may come from another machine.
    """

    def __init__(
        self,
        readers: int,
        root: Root,
        home: str | None = None,
        name: str = "scan",
        *,
        identity: Identity | None = None,
    ) -> None:
        self._readers, self._root, self._home, self._name = readers, root, home, name
        self._identity = identity

    def surveys(self, found: Iterable[Run | T]) -> Iterator[Recording | LeftOut | T]:
        """As `Scanner.surveys`."""
        with self._memory("", Verdict) as memory:
            for answer, about in pool.answers(_tasks(found, memory), self._readers):
                if isinstance(about, _Known):
                    memory.again(about.key, about.names, about.found, about.block)
                    for name, one in zip(about.names, about.found, strict=True):
                        yield recorded(about.before + name, one)
                elif isinstance(about, _Asked):
                    yield recorded(about.before + about.name, _settled(answer, about, memory))
                else:
                    yield about

    def digests(self, steps: Iterable[tuple[int, Recording]]) -> Iterator[tuple[int, str | LeftOut]]:
        """As `Scanner.digests`."""
        with self._memory("-sound", Sound) as memory:
            for answer, about in pool.answers(_wholes(steps, memory), self._readers):
                if isinstance(about, _Heard):
                    memory.again(about.key, about.names, about.found, about.block)
                    for number, sound in zip(about.numbers, about.found, strict=True):
                        yield number, sound.sha256
                    continue
                number, one, key, name = about
                if isinstance(answer, Fault):
                    yield number, LeftOut(one.path, answer.reason, answer.detail)
                else:
                    sound = Sound(one.size, one.mtime_ns, one.ctime_ns, str(answer))
                    memory.keep(key, name, sound)
                    yield number, sound.sha256

    def listens(self, steps: Iterable[tuple[int, Recording]]) -> Iterator[tuple[int, Heard]]:
        """As `Scanner.listens`; nobody remembers what was heard: it is asked for now and then."""
        jobs = ((Listen(os.fsencode(one.path)), number) for number, one in steps)
        for answer, number in pool.answers(jobs, self._readers):
            yield number, answer if isinstance(answer, Heard) else NOT_HEARD

    def _memory(self, ending: str, kind: Any) -> Memory[Any]:
        name = self._name + ending
        if self._identity is not None:
            return Carried(self._home, name, self._root, kind, self._identity)
        return Memory(self._home, name, self._root, kind)


class _Known(msgspec.Struct, frozen=True):
    """Files in a row that are as they were."""

    key: str
    before: str
    names: list[str]
    found: list[Verdict]
    block: Where | None


class _Asked(msgspec.Struct, frozen=True, gc=False):
    """A file, and what was known of it; a job has been made of it, unless it is as it was."""

    key: str
    before: str
    name: str
    known: Verdict | None


def _tasks(found: Iterable[Run | T], memory: Memory[Verdict]) -> Iterator[tuple[Job | None, Any]]:
    """Each file as a task, unless it is known."""
    for each in found:
        if not isinstance(each, Run):
            yield None, each
            continue
        before, names, key = each.before, each.names, memory.key(each.before)
        known = memory.known(key, names)
        if all(known) and _unchanged(before, names, sure := cast("list[Verdict]", known)):
            yield None, _Known(key, before, names, sure, memory.block_of(key, names))
            continue
        for name, one in zip(names, known, strict=True):
            yield _task(before + name, one), _Asked(key, before, name, one)


def _unchanged(before: str, names: Sequence[str], known: Sequence[Verdict]) -> bool:
    """Whether files are as they were."""
    try:
        for name, one in zip(names, known, strict=True):
            status = os.stat(before + name)
            if (
                status.st_mtime_ns != one.mtime_ns
                or status.st_ctime_ns != one.ctime_ns
                or status.st_size != one.size
            ):
                return False
    except OSError:
        return False
    return True


def _task(path: str, known: Verdict | None) -> Task | None:
    """What is to be done with a file: nothing, if something is known of it and it is as it was."""
    if known is None:
        return Task(os.fsencode(path))
    try:
        status = os.stat(path)
    except OSError:
        return Task(os.fsencode(path))
    if status.st_size != known.size:
        return Task(os.fsencode(path))
    if (status.st_mtime_ns, status.st_ctime_ns) == (known.mtime_ns, known.ctime_ns):
        return None
    return Task(os.fsencode(path), known.size, known.print if isinstance(known, Seen) else "")


def _settled(answer: Answer | None, asked: _Asked, memory: Memory[Verdict]) -> Verdict:
    """What is known of a file now; it is remembered."""
    known = asked.known
    if answer is None:
        assert known is not None
        memory.again(asked.key, (asked.name,), (known,))
        return known
    if isinstance(answer, Same):
        assert known is not None
        answer = msgspec.structs.replace(known, mtime_ns=answer.mtime_ns, ctime_ns=answer.ctime_ns)
    assert not isinstance(answer, str | Heard)
    memory.keep(asked.key, asked.name, answer)
    return answer


class _Heard(msgspec.Struct, frozen=True):
    """Recordings in a row whose digests are known."""

    key: str
    numbers: list[int]
    names: list[str]
    found: list[Sound]
    block: Where | None


_Unheard = tuple[int, Recording, str, str]
"""A recording to be read whole, with its folder and name in the memory."""


def _wholes(
    steps: Iterable[tuple[int, Recording]], memory: Memory[Sound]
) -> Iterator[tuple[Job | None, _Heard | _Unheard]]:
    """Each recording as one to be read whole, unless its digest is known."""
    for before, row in _rows(steps):
        key, names = memory.key(before), [one.path[len(before) :] for _, one in row]
        known = memory.known(key, names)
        if all([_is_of(sound, one) for sound, (_, one) in zip(known, row, strict=True)]):  # noqa: C419
            heard, numbers = cast("list[Sound]", known), [number for number, _ in row]
            yield None, _Heard(key, numbers, names, heard, memory.block_of(key, names))
            continue
        for sound, name, (number, one) in zip(known, names, row, strict=True):
            if sound is not None and _is_of(sound, one):
                yield None, _Heard(key, [number], [name], [sound], None)
            else:
                yield Whole(os.fsencode(one.path), one.size), (number, one, key, name)


def _rows(steps: Iterable[tuple[int, Recording]]) -> Iterator[tuple[str, list[tuple[int, Recording]]]]:
    """Steps in a row in a folder, some at a time, with what begins their paths."""
    for before, some in groupby(steps, key=lambda step: step[1].path[: step[1].path.rfind("/") + 1]):
        while row := list(islice(some, RUN)):
            yield before, row


def _is_of(sound: Sound | None, one: Recording) -> bool:
    """Whether it is the digest of what lies there now."""
    return (
        sound is not None
        and sound.mtime_ns == one.mtime_ns
        and sound.ctime_ns == one.ctime_ns
        and sound.size == one.size
    )
