"""Looks at the files of two trees that have most of them in common: each only once."""

import os
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar, cast

import msgspec

from earmark.diff.lfs import Store, pointer_at
from earmark.diff.values import Pointer
from planner.leftout import LeftOut, Reason, Unreadable
from planner.recording import Recording
from planner.scanner import Scanner
from planner.silence import Heard
from planner.survey import digest_of, survey
from planner.walk import Run

T = TypeVar("T")

Known = Recording | LeftOut


class Looking:
    """A `Scanner` that follows pointers of git-lfs, and remembers what it saw.

    Args:
        inner: looks at files.
        store: where contents of pointers lie.
        before: what was seen of the other tree, by real paths.
    """

    def __init__(self, inner: Scanner, store: Store, before: "Looking | None" = None) -> None:
        self._inner, self._store, self._before = inner, store, before
        self.pointers: dict[str, Pointer] = {}
        self._seen: dict[str, Known] = {}
        self._contents: dict[str, str] = {}  # of pointers
        self._sounds: dict[str, str] = {}

    def surveys(self, found: Iterable[Run | T]) -> Iterator[Recording | LeftOut | T]:
        """As `Scanner.surveys`."""
        for answer in self._inner.surveys(self._fresh(found)):
            if isinstance(answer, (Recording, LeftOut)):
                yield self._followed(answer)
            else:
                yield cast("T", answer)

    def _fresh(self, found: Iterable[Run | T]) -> Iterator[Run | T | Known]:
        """What was not seen yet; the rest as it was seen."""
        for each in found:
            if not isinstance(each, Run) or self._before is None:
                yield each
                continue
            for name in each.names:
                known = self._before.seen(each.before + name)
                content = self._before.content_of(each.before + name)
                if content is not None:
                    self._contents[each.before + name] = content
                yield Run(each.before, each.relative, each.root, [name]) if known is None else known

    def seen(self, path: str) -> Known | None:
        """What is known of a file that leads here, under that path."""
        real = os.path.realpath(path)
        known = None if real == path else self._seen.get(real)
        if known is None:
            return None
        if isinstance(known, LeftOut):
            return LeftOut(path, known.reason, known.detail, known.folder)
        return msgspec.structs.replace(known, path=path)

    def content_of(self, path: str) -> str | None:
        """Where the content of a pointer lies that leads here, under that path."""
        return self._contents.get(os.path.realpath(path))

    def _followed(self, answer: Known) -> Known:
        if isinstance(answer, LeftOut) and answer.reason is Reason.LFS_POINTER:
            answer = self._content(answer)
        if isinstance(answer, Recording) or Unreadable(answer.reason, answer.path, answer.detail).lasting:
            self._seen[answer.path] = answer  # else the walk's word, or that of a busy machine
        return answer

    def _content(self, left_out: LeftOut) -> Known:
        """What a pointer stands for, if it is here."""
        path = left_out.path
        pointer = pointer_at(path)
        if pointer is None:
            return left_out
        place = self._store.place(pointer)
        if place is None:
            self.pointers[path] = pointer
            return left_out
        self._contents[path] = place
        try:
            return msgspec.structs.replace(survey(place), path=path)
        except Unreadable as error:
            return LeftOut(path, error.reason, error.detail)

    def digests(self, steps: Iterable[tuple[int, Recording]]) -> Iterator[tuple[int, str | LeftOut]]:
        """As `Scanner.digests`."""
        here: dict[int, Recording] = {}
        rest: list[tuple[int, Recording]] = []
        for number, one in steps:
            sound = self._sounds.get(one.path) or (self._before.heard(one.path) if self._before else "")
            if sound:
                yield number, sound
            elif one.path in self._contents:
                here[number] = one
            else:
                rest.append((number, one))
        paths = {number: one.path for number, one in rest}
        for number, one in here.items():
            yield number, self.sound_of(one)
        for number, answer in self._inner.digests(rest):
            if isinstance(answer, str):
                self._sounds[paths[number]] = answer
            yield number, answer

    def listens(self, steps: Iterable[tuple[int, Recording]]) -> Iterator[tuple[int, Heard]]:
        """As `Scanner.listens`; a difference never asks."""
        return self._inner.listens(steps)

    def heard(self, path: str) -> str:
        """The digest of a file that leads here; empty where none was taken."""
        return self._sounds.get(os.path.realpath(path), "")

    def recording(self, path: str) -> Recording | None:
        """What was seen at a path."""
        found = self._seen.get(path)
        return found if isinstance(found, Recording) else None

    def sound_of(self, one: Recording) -> str:
        """The digest of a recording's sound; reads all of it.

        Raises:
            Unreadable: it vanished or changed.
        """
        if one.path not in self._sounds:
            self._sounds[one.path] = digest_of(self._contents.get(one.path, one.path), one.size)
        return self._sounds[one.path]


def same_sound(before: Looking, now: Looking) -> Callable[[str, str], bool | None]:
    """Whether two files sound alike, by their paths in either tree; None of what is no recording."""

    def alike(old: str, new: str) -> bool | None:
        was, is_ = before.recording(old), now.recording(new)
        if was is None or is_ is None or not was.audio_bytes:
            return None
        if was.audio_bytes != is_.audio_bytes:
            return False
        try:
            return before.sound_of(was) == now.sound_of(is_)
        except Unreadable:
            return False

    return alike
