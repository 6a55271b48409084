"""How objects in stores are looked at: many at once, by threads, since nearly all of the time is waiting.

What is known of an object counts while its size, its time and its mark (ETag) are the same, as the list
tells them; a mark stands where files have the time of their last change.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from manifests.stored import is_stored
from planner import probe, survey
from planner.containers.stored import StoredSource, mark_number
from planner.content import spans_of
from planner.leftout import LeftOut, Reason, Unreadable
from planner.recording import Recording
from planner.roots import Root
from planner.scan_memory import Memory, Sound
from planner.scanner import Scanner
from planner.seen import Fault, Seen, Verdict, fault_of, recorded
from planner.silence import NOT_HEARD, Heard, listened
from planner.stored_walk import StoredRun
from planner.walk import Run
from stores.interface import About, StoreDown

T = TypeVar("T")

AT_ONCE = 16
"""Objects that are looked at together."""

AHEAD = 8
"""Rows of objects that are asked for before the first of them is needed."""

MOST_FAILURES = 32
"""Objects in a row that could not be read, after which the store counts as down."""


class StoredScan:
    """A scanner for objects; everything else goes to another one.

    Args:
        others: looks at files.
        root: of the plan.
        home: the folder of the memory; None: nothing is remembered.
        name: tells this plan's memory from those of others beside it.
        at_once: objects that are looked at together.
    """

    def __init__(
        self, others: Scanner, root: Root, home: str | None, name: str, at_once: int = AT_ONCE
    ) -> None:
        self._others, self._root, self._home, self._name = others, root, home, f"{name}-stored"
        self._at_once = at_once

    def surveys(self, found: Iterable[Run | T]) -> Iterator[Recording | LeftOut | T]:
        """As `planner.scanner.Scanner.surveys`.

        Raises:
            StoreDown: one object after the other could not be read.
            NoKeys: no credentials are accepted any more.
        """
        pool = ThreadPoolExecutor(self._at_once, thread_name_prefix="objects")
        looks = _Looks()
        try:
            with self._memory("", Verdict) as memory:
                asked: Iterator[Run | T | _Row] = _ahead(_asked(found, memory, pool, looks))
                answers: Iterator[Recording | LeftOut | T | _Row] = self._others.surveys(asked)
                for each in answers:
                    if not isinstance(each, _Row):
                        yield each
                        continue
                    for answer in each.answers(memory):
                        looks.check()
                        yield answer
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def digests(self, steps: Iterable[tuple[int, Recording]]) -> Iterator[tuple[int, str | LeftOut]]:
        """As `planner.scanner.Scanner.digests`; those of objects come last."""
        stored: list[tuple[int, Recording]] = []
        yield from self._others.digests(_without_stored(steps, stored))
        if not stored:
            return
        pool = ThreadPoolExecutor(self._at_once, thread_name_prefix="objects")
        try:
            with self._memory("-sound", Sound) as memory:
                waiting = [(number, one, *_digest(one, memory, pool)) for number, one in stored]
                for number, one, known, future in waiting:
                    yield number, _sound(one, known, future, memory)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def listens(self, steps: Iterable[tuple[int, Recording]]) -> Iterator[tuple[int, Heard]]:
        """As `planner.scanner.Scanner.listens`; those of objects come last."""
        stored: list[tuple[int, Recording]] = []
        yield from self._others.listens(_without_stored(steps, stored))
        yield from ((number, _listened(one.path)) for number, one in stored)

    def _memory(self, ending: str, kind: Any) -> Memory[Any]:
        return Memory(self._home, f"{self._name}{ending}", self._root, kind)


class _Looks:
    """Looks at objects, and how many in a row the store did not answer; threads share it.

    What it answers with a no, such as of objects in an archive, is about each of them.
    """

    def __init__(self) -> None:
        self._failed, self._last = 0, ""

    def at(self, url: str, about: About | None) -> Verdict:
        """Look at one."""
        try:
            with StoredSource(url, about) as source:
                found = survey.verdict_of(source)
        except StoreDown as error:
            told = _about_one(url, error)
            self._failed, self._last = self._failed + 1, told.detail
            return fault_of(told)
        except Unreadable as error:
            found = fault_of(error)
        self._failed = 0
        return found

    def check(self) -> None:
        """Give up where one after the other failed.

        Raises:
            StoreDown: so it is.
        """
        if self._failed >= MOST_FAILURES:
            raise StoreDown(f"{MOST_FAILURES} objects in a row could not be read: {self._last}")


class _Row:
    """Objects in a row, on their way: what was known of each, or what will be."""

    def __init__(self, run: Run, key: str, found: "Sequence[Verdict | Future[Verdict]]") -> None:
        self._run, self._key, self._found = run, key, found

    def answers(self, memory: Memory[Verdict]) -> Iterator[Recording | LeftOut]:
        """What is known now, which is remembered."""
        for name, found in zip(self._run.names, self._found, strict=True):
            if isinstance(found, Future):
                seen = found.result()
                memory.keep(self._key, name, seen)
            else:
                seen = found
                memory.again(self._key, (name,), (seen,))
            yield recorded(self._run.before + name, seen)


def _asked(
    found: Iterable[Run | T], memory: Memory[Verdict], pool: ThreadPoolExecutor, looks: _Looks
) -> Iterator[Run | T | _Row]:
    """What is found, with a row in place of each run of objects."""
    for each in found:
        if not isinstance(each, Run) or not is_stored(each.before):
            yield each
            continue
        key = memory.key(each.before)
        about = each.about if isinstance(each, StoredRun) else [None] * len(each.names)
        known = memory.known(key, each.names)
        yield _Row(
            each,
            key,
            [
                one
                if one is not None and _is_same(one, of)
                else pool.submit(looks.at, each.before + name, of)
                for name, one, of in zip(each.names, known, about, strict=True)
            ],
        )


def _is_same(known: Seen | Fault, about: About | None) -> bool:
    """Whether the list says of an object what it said before; of one without a mark, nobody knows."""
    if about is None or not about.mark:
        return False
    return (known.size, known.mtime_ns, known.ctime_ns) == (about.size, about.mtime_ns, mark_number(about))


def _about_one(url: str, error: Unreadable | StoreDown) -> Unreadable:
    """An error that leaves one object out."""
    if isinstance(error, Unreadable):
        return error
    return Unreadable(Reason.UNREADABLE, url, str(error).removeprefix(f"{url}: "))


def _listened(url: str) -> Heard:
    try:
        return listened(url)
    except StoreDown:
        return NOT_HEARD


def _ahead(rows: Iterable[T]) -> Iterator[T]:
    """The same, of which some are made before they are needed: their objects are being read by then."""
    waiting: deque[T] = deque()
    for each in rows:
        waiting.append(each)
        if len(waiting) > AHEAD:
            yield waiting.popleft()
    yield from waiting


def _without_stored(
    steps: Iterable[tuple[int, Recording]], stored: list[tuple[int, Recording]]
) -> Iterator[tuple[int, Recording]]:
    for number, one in steps:
        if is_stored(one.path):
            stored.append((number, one))
        else:
            yield number, one


def _digest(
    one: Recording, memory: Memory[Sound], pool: ThreadPoolExecutor
) -> tuple[Sound | None, "Future[str | LeftOut] | None"]:
    before, name = _split(one.path)
    (known,) = memory.known(memory.key(before), [name])
    if known is not None and one.ctime_ns and _state(known) == _state(one):
        return known, None
    return None, pool.submit(_read_whole, one)


def _read_whole(one: Recording) -> str | LeftOut:
    """The digest of an object by what is known of it: only its bytes are asked for."""
    try:
        with StoredSource(one.path, About(one.size, one.mtime_ns)) as source:
            return probe.sha256_of(source, spans_of(source))
    except (Unreadable, StoreDown) as error:
        return _about_one(one.path, error).left_out()


def _sound(
    one: Recording, known: Sound | None, future: "Future[str | LeftOut] | None", memory: Memory[Sound]
) -> str | LeftOut:
    before, name = _split(one.path)
    if known is not None:
        memory.again(memory.key(before), (name,), (known,))
        return known.sha256
    assert future is not None
    found = future.result()
    if isinstance(found, str):
        memory.keep(memory.key(before), name, Sound(one.size, one.mtime_ns, one.ctime_ns, found))
    return found


def _state(one: Sound | Recording) -> tuple[int, int, int]:
    return one.size, one.mtime_ns, one.ctime_ns


def _split(url: str) -> tuple[str, str]:
    before, slash, name = url.rpartition("/")
    return before + slash, name
