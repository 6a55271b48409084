"""Which paths a walk is to bring out, and why not the others."""

# Names stay strings here: making a Path for each of a million files takes seconds.
# ruff: noqa: PTH118, PTH119

import os
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from planner.globs import Globs
from planner.leftout import Reason

SCAN_CACHE = ".earmark"
"""The folder beside a manifest in which a scan is remembered."""


STORED_RESULTS = ".earmark-results"
"""The object that marks a prefix in a store as a results folder of Earmark's."""


@runtime_checkable
class Skip(Protocol):
    """Whether a path is Earmark's own (results, scan cache)."""

    def __call__(self, path: str) -> bool:
        """Of any path."""
        ...

    def within(self, folder: str) -> "OwnNames":
        """The same of names in a folder: what holds for all of them is asked once."""
        ...


class OwnNames(Protocol):
    """Whether what has a name in one folder is Earmark's own."""

    def __call__(self, name: str) -> bool:
        """Of one name."""
        ...

    def none_of(self, names: Sequence[str]) -> bool:
        """Whether it is easily seen that none of the names is."""
        ...


class _AnyName:
    """Names of which nothing is known before one asks."""

    def __init__(self, skip: Callable[[str], bool], folder: str) -> None:
        self._skip, self._folder = skip, folder

    def __call__(self, name: str) -> bool:
        return self._skip(os.path.join(self._folder, name))

    def none_of(self, _names: Sequence[str]) -> bool:
        return False


class Skipping:
    """A `Skip` made of a function."""

    def __init__(self, skip: Callable[[str], bool]) -> None:
        self._skip = skip

    def __call__(self, path: str) -> bool:
        """Of any path."""
        return self._skip(path)

    def within(self, folder: str) -> OwnNames:
        """The same of names in a folder."""
        return _AnyName(self._skip, folder)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the caller does and does not want."""

    include: Globs
    exclude: Globs
    skip: Skip

    def all_of(self, names: Sequence[str], own: OwnNames) -> bool:
        """Whether it is easily seen that all files of a folder are wanted; its names are sorted."""
        hidden = bisect_left(names, ".") != bisect_left(names, "/")  # the sign after the dot
        return not (hidden or self.include or self.exclude) and own.none_of(names)

    def within(self, relative: str, skip: OwnNames) -> Callable[[str], bool]:
        """Of the names of files in a folder: whether `against` has nothing to say."""
        if not self.include and not self.exclude:
            return lambda name: not (name.startswith(".") or skip(name))
        inside = f"{relative}/" if relative else ""

        def wanted(name: str) -> bool:
            if name.startswith(".") or skip(name):
                return False
            below = inside + name
            return not self.exclude.match(below) and (not self.include or self.include.match(below))

        return wanted

    def against(
        self, path: str, relative: str, *, folder: bool, hidden: bool = True, own: bool | None = None
    ) -> Reason | None:
        """Why a path is not wanted; None when it is. `own` is what `skip` says, where it was asked."""
        if self.skip(path) if own is None else own:
            return Reason.OWN
        if hidden and os.path.basename(relative).startswith("."):
            return Reason.HIDDEN
        if self.exclude.match(relative):
            return Reason.EXCLUDED
        if not folder and self.include and not self.include.match(relative):
            return Reason.NOT_INCLUDED
        return None


def own_folders(*folders: str | os.PathLike[str]) -> Callable[[str], bool]:
    """A `skip` for `walk`: these folders, by whatever path they are reached, and every `.earmark`."""
    own = {os.path.realpath(folder) for folder in folders}
    names = {os.path.basename(folder) for folder in own}

    def skip(path: str) -> bool:
        name = os.path.basename(path)
        return name == SCAN_CACHE or (name in names and os.path.realpath(path) in own)

    return skip
