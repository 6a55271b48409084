"""From a prefix in a store to the objects under it; the same rules as on a disk, where there are no links.

A store has no folders, only keys with slashes: a folder here is what the keys say. One list tells of all
objects with their sizes, so nothing is asked of the store for each of them.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby

from manifests.errors import UsageError
from manifests.stored import is_stored, key_problem, parts_of, plain, problem, without_password
from planner.globs import Globs
from planner.leftout import LeftOut, Reason
from planner.walk import Found, Run, runs
from planner.wanted import STORED_RESULTS, Skip, Wanted
from stores.interface import About, NotThere, Store

RUN = 64
"""Objects that come out together: they are looked at side by side."""


class StoredRun(Run, frozen=True, gc=False):
    """Objects in a row in a folder of a store, with what the list said of each."""

    about: list[About]


def all_runs(
    roots: Sequence[str], include: Sequence[str], exclude: Sequence[str], skip: Skip
) -> Iterator[Found | Run | LeftOut]:
    """What lies under some roots, those on disks first; arguments and errors as `planner.walk.runs`.

    Raises:
        UsageError: a root is no place in a store, or nothing lies there.
        NotThere: a bucket that is not there.
        NotAllowed: no credentials, or they do not allow to list it.
        StoreDown: a store cannot be reached.
    """
    stored = [root for root in roots if is_stored(root)]
    for root in stored:
        _check_url(root)
    if len(stored) < len(roots):
        yield from runs([root for root in roots if not is_stored(root)], include, exclude, skip)
    wanted = Wanted(Globs(tuple(include)), Globs(tuple(exclude)), skip)
    for number, root in enumerate(stored):
        yield from stored_runs(root, wanted, stored[:number])


def _check_url(root: str) -> None:
    """Refuse what is no place in a store; nothing is asked of it yet."""
    wrong = problem(root)
    if wrong is not None:
        raise UsageError(f"{without_password(root)}: {wrong}")


def stored_runs(root: str, wanted: Wanted, earlier: Sequence[str] = ()) -> Iterator[StoredRun | LeftOut]:
    """The objects under a root in a store, sorted by their keys; or the object that it names.

    Args:
        root: a URL.
        wanted: what the caller wants.
        earlier: roots whose objects came out before; what lies there does not come out again.

    Raises:
        UsageError: nothing lies there.
        NotThere: there is no such bucket.
        NotAllowed: no credentials, or they do not allow to list it.
        StoreDown: the store cannot be reached.
    """
    from stores.opening import store_of

    base = plain(root)
    store = store_of(base)
    about = None if root.endswith("/") or not parts_of(base)[1] else _about(store, base)
    if about is not None:
        yield _named(base, about, wanted, earlier)
        return
    found = list(store.below(base))
    if not found and parts_of(base)[1]:
        raise UsageError(f"nothing lies under {base}: look at its name, in which capitals count")
    yield from _Below(base, wanted, earlier).runs(found)


def _about(store: Store, url: str) -> About | None:
    try:
        return store.about(url)
    except NotThere:  # the list says whether it is the bucket
        return None


def _named(url: str, about: About, wanted: Wanted, earlier: Sequence[str]) -> StoredRun | LeftOut:
    """A root that is an object; its name may begin with a dot, since somebody typed it."""
    folder, _, name = url.rpartition("/")
    reason = wanted.against(url, name, folder=False, hidden=False)
    if reason is None and _below_any(url, earlier):
        reason = Reason.TWICE
    return LeftOut(url, reason) if reason else StoredRun(f"{folder}/", "", url, [name], [about])


def _below_any(url: str, roots: Sequence[str]) -> bool:
    return any(url == root or url.startswith(f"{root}/") for root in map(plain, roots))


class _Below:
    """One prefix; see `stored_runs`."""

    def __init__(self, base: str, wanted: Wanted, earlier: Sequence[str]) -> None:
        self._base, self._wanted, self._earlier = base, wanted, earlier
        self._told: dict[str, bool] = {}  # folders, and whether they are left out
        self._own: frozenset[str] = frozenset()  # folders that hold results

    def runs(self, found: Sequence[tuple[str, About]]) -> Iterator[StoredRun | LeftOut]:
        """What comes out of a list of keys below the base."""
        marks = [key for key, _ in found if key.rpartition("/")[2] == STORED_RESULTS]
        self._own = frozenset(key.rpartition("/")[0] for key in marks) - {""}  # the base was named
        for folder, entries in groupby(found, key=lambda each: each[0].rpartition("/")[0]):
            closed, answers = self._enter(folder)
            yield from answers
            if not closed:
                yield from self._inside(folder, list(entries))

    def _enter(self, folder: str) -> tuple[bool, list[LeftOut]]:
        """Whether a folder, or one around it, is left out; each of them is told once."""
        parts = folder.split("/") if folder else []
        for depth in range(1, len(parts) + 1):
            relative = "/".join(parts[:depth])
            if relative not in self._told:
                reason = self._against(relative)
                self._told[relative] = reason is not None
                if reason is not None:
                    return True, [reason]
            if self._told[relative]:
                return True, []
        return False, []

    def _against(self, relative: str) -> LeftOut | None:
        url = f"{self._base}/{relative}"
        wrong = key_problem(relative)
        if wrong is not None:
            return LeftOut(url, Reason.UNREADABLE, wrong, folder=True)
        own = relative in self._own or self._wanted.skip(url)
        reason = self._wanted.against(url, relative, folder=True, own=own)
        return LeftOut(url, reason, folder=True) if reason else None

    def _inside(self, folder: str, entries: list[tuple[str, About]]) -> Iterator[StoredRun | LeftOut]:
        before = f"{self._base}/{folder}/" if folder else f"{self._base}/"
        relative = f"{folder}/" if folder else ""
        own = self._wanted.skip.within(before)
        names: list[str] = []
        about: list[About] = []
        for key, each in entries:
            name = key.rpartition("/")[2]
            left = self._left_out(before + name, key, own=own(name))
            if left is None and name:
                names.append(name)
                about.append(each)
            if names and (left or len(names) == RUN):
                yield StoredRun(before, relative, self._base, names, about)
                names, about = [], []
            if left:
                yield left
        if names:
            yield StoredRun(before, relative, self._base, names, about)

    def _left_out(self, url: str, key: str, *, own: bool) -> LeftOut | None:
        """Why an object does not come out; `key/` is how some programs mark a folder, and is none at all."""
        name = key.rpartition("/")[2]
        if not name:
            return None
        if (wrong := key_problem(key)) is not None:
            return LeftOut(url, Reason.UNREADABLE, wrong)
        reason = self._wanted.against(url, key, folder=False, own=own)
        if reason is None and _below_any(url, self._earlier):
            return LeftOut(url, Reason.TWICE, "reached before")
        return LeftOut(url, reason) if reason else None
