"""The files of a commit, laid out in a folder: links to the work tree where they are the same."""

# Names stay strings here, as in the walk.
# ruff: noqa: PTH103, PTH108, PTH113, PTH118, PTH120, PTH123, PTH202, PTH211

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache

from earmark.diff.git import LINK, SUBMODULE, Blobs, Entry, Repository
from earmark.diff.lfs import POINTER_BYTES, Store, digest_of, pointer_at


@dataclass(slots=True)
class Laid:
    """What was laid out: a folder that stands for the top of the work tree, and what could not be."""

    folder: str
    missing: list[str] = field(default_factory=list)  # contents that this clone lacks
    links: list[str] = field(default_factory=list)  # that lead to something else by now: not followed
    written: list[str] = field(default_factory=list)  # files that are others by now


def lay_out(repository: Repository, commit: str, paths: Sequence[str], folder: str, store: Store) -> Laid:
    """Lay out what a commit has at some paths below its top; only what differs is read.

    Args:
        repository: of the work tree.
        commit: of which the files are.
        paths: below the top; an empty one means all.
        folder: an empty one.
        store: learns which contents lie in it.
    """
    laid = Laid(folder)
    wanted = () if "" in paths else tuple(paths)
    differing = repository.differing(commit, *wanted)
    elsewhere = cache(lambda: _with_folders(repository.differing(commit)))
    with repository.blobs() as blobs:
        for entry in repository.entries(commit, *wanted):
            if entry.mode == SUBMODULE or not _is_plain(entry.path):
                continue
            if entry.path not in differing:
                _link(repository, entry, laid, wanted, elsewhere)
            elif entry.mode == LINK:
                laid.links.append(entry.path)
            else:
                _write(repository, entry, laid, blobs, store)
    return laid


def _is_plain(path: str) -> bool:
    """Whether a path stays below its folder: whoever makes a tree can write anything into it."""
    return not path.startswith("/") and not {"", ".", "..", ".git"} & set(path.split("/"))


def _place(laid: Laid, path: str) -> str:
    place = os.path.join(laid.folder, path)
    os.makedirs(os.path.dirname(place), exist_ok=True)
    return place


def _with_folders(paths: Iterable[str]) -> set[str]:
    """Paths, and the folders above them."""
    found: set[str] = set()
    for path in paths:
        above = path
        while above and above not in found:
            found.add(above)
            above = os.path.dirname(above)
    return found


def _link(
    repository: Repository,
    entry: Entry,
    laid: Laid,
    wanted: Sequence[str],
    elsewhere: Callable[[], set[str]],
) -> None:
    here = os.path.join(repository.top, entry.path)
    if not os.path.lexists(here):  # a sparse checkout
        return
    if entry.mode == LINK:
        real = os.path.relpath(os.path.realpath(here), repository.top)
        inside = any(real == each or real.startswith(f"{each}/") for each in wanted)
        # what lies among the planned files is reached under its own name
        if inside or (not wanted and not real.startswith("../")):
            return
        if real in elsewhere():
            laid.links.append(entry.path)
            return
    os.symlink(here, _place(laid, entry.path))


def _write(repository: Repository, entry: Entry, laid: Laid, blobs: Blobs, store: Store) -> None:
    """A file that is another by now, unless git-lfs keeps the present one under the same digest."""
    place, here = _place(laid, entry.path), os.path.join(repository.top, entry.path)
    with open(place, "xb") as file:
        size = blobs.copy(entry.oid, file)
    if size is None:
        os.unlink(place)
        laid.missing.append(entry.path)
        return
    pointer = pointer_at(place) if size <= POINTER_BYTES else None
    if pointer is not None and os.path.isfile(here) and os.path.getsize(here) == pointer.size:
        if digest_of(here) == pointer.oid:  # it was pulled, or came to git-lfs since
            os.unlink(place)
            os.symlink(here, place)
        return
    laid.written.append(entry.path)
    now = pointer_at(here)
    if now is not None and now.size == size:
        store.add(place)
