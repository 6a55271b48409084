"""Which paths a walk is to bring out, and why not the others."""

# Names stay strings here: making a Path for each of a million files takes seconds.
# ruff: noqa: PTH119

import os
from collections.abc import Callable
from dataclasses import dataclass

from planner.globs import Globs
from planner.leftout import Reason

SCAN_CACHE = ".earmark"
"""The folder beside a manifest in which a scan is remembered."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the caller does and does not want."""

    include: Globs
    exclude: Globs
    skip: Callable[[str], bool]

    def against(self, path: str, relative: str, *, folder: bool, hidden: bool = True) -> Reason | None:
        """Why a path is not wanted; None when it is."""
        if self.skip(path):
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
