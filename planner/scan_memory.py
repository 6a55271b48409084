"""What an earlier plan found of files, and what this one does.

A file that changed within two seconds before it was looked at may change again within the same tick of
the file system's clock: nothing is remembered of it.
"""

# Names stay strings here, as in the walk.
# ruff: noqa: PTH118

import os
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Generic, TypeAlias, TypeVar

import msgspec

from planner.roots import Root
from planner.scan_file import ScanReader, ScanWriter, Where
from planner.seen import Verdict
from planner.stamps import carried_stamp, stamp

RACY_NS = 2_000_000_000
"""The coarsest clock of a file system (FAT) ticks every two seconds."""

_NO_TIME = -1
"""Of no file: its print is looked at, and of its sound a new digest is taken."""

_NOBODY = "\0"
"""The name of no file."""

Identity: TypeAlias = Callable[[str], str]
"""What the file at a path is, such as git's digest of its content; empty where nobody knows."""

K = TypeVar("K", bound="Verdict | Sound")


class Sound(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """The digest of a recording that was of this size and these times."""

    size: int
    mtime_ns: int
    ctime_ns: int
    sha256: str


class Memory(AbstractContextManager["Memory[K]"], Generic[K]):
    """What an earlier plan found of files, and what this one does; `home` is None where nobody remembers."""

    def __init__(self, home: str | None, name: str, root: Root, kind: Any, *, carried: bool = False) -> None:
        mark = "" if not home else carried_stamp() if carried else stamp()
        path = os.path.join(home or "", name)
        self._earlier: ScanReader[K] | None = ScanReader(path, mark, kind, carried=carried) if home else None
        self._now: ScanWriter[K] | None = ScanWriter(path, mark) if home else None
        self._same: list[tuple[str, Where]] | None = []  # blocks that are as they were, until one is not
        self._root = root
        self._folder, self._key = "\0", ""  # none yet
        self._trusted_ns = time.time_ns() - RACY_NS
        self._hits = self._misses = 0

    def key(self, before: str) -> str:
        """A folder as the memory knows it; neighbours ask for the same one. `before`: with its slash."""
        if before != self._folder:
            self._folder, self._key = before, self._root.relative(before)
        return self._key

    def known(self, key: str, names: Sequence[str]) -> list[K | None]:
        """What is known of files in a folder, if they are as they were."""
        return [None] * len(names) if self._earlier is None else self._earlier.find(key, names)

    def block_of(self, key: str, names: list[str]) -> Where | None:
        """The block that told of just these files, right after it did."""
        return None if self._earlier is None else self._earlier.block_of(key, names)

    def again(self, key: str, names: Sequence[str], found: Sequence[K], block: Where | None = None) -> None:
        """Remember what was known before; `block` is where all of it stands, if it stands alone there."""
        self._hits += len(names)
        if self._same is not None and block is not None:
            self._same.append((key, block))
        else:
            self._add(key, names, found)

    def _add(self, key: str, names: Sequence[str], found: Sequence[K]) -> None:
        if self._now is not None:
            self._catch_up()
            self._now.add(key, names, found)

    def _catch_up(self) -> None:
        """Write what was the same so far: most plans find nothing else, and write nothing at all."""
        same, self._same = self._same, None
        if not same or self._earlier is None or self._now is None:
            return
        for key, block in same:
            held = self._earlier.block(block)
            self._now.add(key, [*held], [*held.values()])

    def keep(self, key: str, name: str, found: K) -> None:
        """Remember what was found now."""
        self._misses += 1
        if 0 < found.mtime_ns < self._trusted_ns:
            self._add(key, (name,), (found,))

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._earlier is None or self._now is None:
            return
        try:
            changed = self._misses or self._hits < self._earlier.count
            if changed:
                self._catch_up()
                if kind is not None:
                    self._now.complete(self._earlier)
                self._now.commit()
        finally:
            self._now.drop()
            self._earlier.close()


class Carried(Memory[K]):
    """A memory that may come from another machine, and its files from another checkout.

    Times say nothing there. A file is what it was if somebody who knows its content says so, beside its
    size and print; of a file that nobody knows nothing is remembered.
    """

    def __init__(self, home: str | None, name: str, root: Root, kind: Any, identity: Identity) -> None:
        super().__init__(home, name, root, kind, carried=True)
        self._identity = identity

    def known(self, key: str, names: Sequence[str]) -> list[K | None]:
        """As `Memory.known`."""
        found = super().known(key, [self._marked(key, name) or _NOBODY for name in names])
        return [one and msgspec.structs.replace(one, mtime_ns=_NO_TIME, ctime_ns=_NO_TIME) for one in found]

    def keep(self, key: str, name: str, found: K) -> None:
        """As `Memory.keep`."""
        marked = self._marked(key, name)
        if marked:
            super().keep(key, marked, found)

    def _marked(self, key: str, name: str) -> str:
        """A name together with what its file is; the sign between them sorts before all others."""
        what = self._identity(os.path.join(self._root.folder, key, name))
        return what and f"{name}\0{what}"
