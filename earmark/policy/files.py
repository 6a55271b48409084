"""Where `earmark.toml` is looked for: in a folder and above it, as far as the project goes."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from earmark.policy.values import NAME

_SHARED = stat.S_IWOTH | stat.S_ISVTX
"""Folders such as /tmp, where anybody may put a file: above where one works, nothing in them is obeyed."""


def found(start: str, home: str | None = None) -> list[str]:
    """The files that count for a folder, the nearest first; absolute paths.

    Looks upwards as far as a folder that holds `.git`, that one included; else as far as the home folder;
    else, outside it, as far as there are folders.

    Args:
        start: a folder.
        home: the user's home folder; found if left out.
    """
    places = (os.path.join(folder, NAME) for folder in folders(start, home))  # noqa: PTH118
    return [place for place in places if os.path.lexists(place)]


def folders(start: str, home: str | None = None) -> Iterator[str]:
    """The folders that are looked into."""
    last = _home() if home is None else home
    folder = Path(os.path.abspath(start))  # noqa: PTH100 - symlinks stay as named
    for number, each in enumerate((folder, *folder.parents)):
        if not number or not _is_shared(each):
            yield str(each)
        if os.path.lexists(each / ".git") or str(each) == last:
            return


def _home() -> str:
    try:
        return str(Path.home())
    except RuntimeError:  # nobody knows who we are
        return ""


def _is_shared(folder: Path) -> bool:
    try:
        return folder.stat().st_mode & _SHARED == _SHARED
    except OSError:
        return False
