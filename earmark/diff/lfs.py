"""git-lfs: pointers that stand for large files, and where their content lies if it was brought."""

import hashlib
import os
import re
from collections.abc import Iterator

from earmark.diff.values import Pointer

POINTER_BYTES = 1024
"""No pointer is longer (git-lfs, docs/spec.md)."""

_POINTER = re.compile(
    rb"version https://git-lfs\.github\.com/spec/v1\n"
    rb"(?:ext-[^\n]*\n)*oid sha256:([0-9a-f]{64})\nsize ([0-9]{1,15})\n?"
)


def pointer_of(content: bytes) -> Pointer | None:
    """What a file points to; None where it is no pointer."""
    found = _POINTER.fullmatch(content) if len(content) <= POINTER_BYTES else None
    return None if found is None else Pointer(found[1].decode(), int(found[2]))


def pointer_at(path: str) -> Pointer | None:
    """What the file at a path points to; None where it is no pointer, or cannot be read."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - names of a walk stay strings
            return pointer_of(file.read(POINTER_BYTES + 1))
    except OSError:
        return None


def digest_of(path: str) -> str:
    """The SHA-256 of a whole file, as a pointer names it; empty where it cannot be read."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


class Store:
    """Contents by their digests: what `git lfs pull` brought, and what else is known to be one of them."""

    def __init__(self, common: str) -> None:
        self._home = os.path.join(common, "lfs", "objects")  # noqa: PTH118
        self._known: dict[str, str] = {}

    def add(self, path: str) -> None:
        """A file whose content may be pointed to."""
        self._known[digest_of(path)] = path

    def place(self, pointer: Pointer) -> str | None:
        """A file with this content; None where there is none."""
        for path in self._places(pointer.oid):
            try:
                if os.stat(path).st_size == pointer.size:  # noqa: PTH116
                    return path
            except OSError:
                continue
        return None

    def _places(self, oid: str) -> Iterator[str]:
        yield os.path.join(self._home, oid[:2], oid[2:4], oid)  # noqa: PTH118
        if oid in self._known:
            yield self._known[oid]
