"""A memory of files that goes from checkout to checkout: where it lies, and how it knows a file again."""

import os
from collections.abc import Callable
from pathlib import Path

from manifests.errors import MachineError, UsageError
from planner.roots import Root

PLACE = "EARMARK_SCAN_CACHE"
"""A folder of somebody's own in place of that beside the manifest, such as one that CI restores."""


def carried_home(folder: str, root: Root) -> str:
    """The folder of the memory; it is made where there is none.

    Raises:
        UsageError: it lies where those can write whose files are planned.
        MachineError: it cannot be made.
    """
    home = Path(os.path.realpath(folder))
    project = Path(os.path.realpath(root.folder))
    project = next((each for each in (project, *project.parents) if (each / ".git").exists()), project)
    if home == project or project in home.parents:
        raise UsageError(
            f"{PLACE} names {folder}, which lies among what is planned: whoever changes that could say what"
            " he likes about lengths. Name a folder outside of it, or unset it"
        )
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise MachineError(f"{PLACE} names {folder}, which cannot be made: {error.strerror}") from error
    return str(home)


def by_git(root: Root) -> Callable[[str], str]:
    """What a file is, by git's digest of its content; nothing where there is no git, or it was changed."""
    from earmark.diff.git import Repository

    try:
        repository = Repository.around(root.folder)
        below = os.path.relpath(os.path.realpath(root.folder), repository.top)
        contents = repository.contents("" if below == os.curdir else below)
    except UsageError:
        return lambda _path: ""
    real = os.path.realpath(root.folder)

    def identity(path: str) -> str:
        inside = os.path.normpath(Path(real, os.path.relpath(path, root.folder)))
        return contents.get(os.path.relpath(inside, repository.top), "")

    return identity
