"""What lies in a folder, by name alone: a folder may hold a million files."""

import os
from enum import Enum, auto


class Kind(Enum):
    """What a name stands for."""

    FILE = auto()
    FOLDER = auto()
    LINK = auto()
    OTHER = auto()


def listing(path: str) -> tuple[list[str], dict[str, Kind]]:
    """The names in a folder, sorted, and the kinds of those that are no plain files.

    Names alone are kept: a folder may hold a million.
    """
    names: list[str] = []
    odd: dict[str, Kind] = {}
    with os.scandir(path) as entries:
        for entry in entries:
            names.append(entry.name)
            if not entry.is_file(follow_symlinks=False):
                odd[entry.name] = _kind(entry)
    names.sort()
    return names, odd


def _kind(entry: "os.DirEntry[str]") -> Kind:
    if entry.is_symlink():
        return Kind.LINK
    return Kind.FOLDER if entry.is_dir(follow_symlinks=False) else Kind.OTHER
