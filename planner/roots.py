"""The folder that a manifest's paths are relative to."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import takewhile

from manifests.stored import is_stored, parts_of, plain

_ADDRESSES = ("http://", "https://")
_NO_NAMES = ("", ".", "..")
_ODD = ("/.", "//", "/\n")
"""In paths between line ends: names that begin with a dot, and those that are none."""


@dataclass(frozen=True, slots=True)
class Root:
    """An absolute folder; paths below it are written relative to it, others as they are."""

    folder: str
    _last: list[str] = field(default_factory=lambda: ["\0", ""], init=False, compare=False, repr=False)

    def relative(self, path: str) -> str:
        """A path as a manifest's line names it; an address as it is."""
        folder, slash, name = path.rpartition("/")
        if not slash or name in _NO_NAMES or self.folder.endswith(name):
            return self._relative(path)
        # A walk tells a folder's files one after the other, and a million paths are made.
        if self._last[0] != folder:
            self._last[:] = folder, self._relative(f"{folder}/\0")[:-1]
        return self._last[1] + name

    def relatives(self, paths: Sequence[str]) -> list[str]:
        """The paths of some files as a manifest's lines name them: a million in a tenth of the time."""
        first = self.relative(paths[0])
        before = paths[0].removesuffix(first)
        joined = "\n" + "\n".join(paths)
        plain = before.endswith("/") and not any(odd in joined for odd in _ODD)
        # The rest of a plain path below the same folder needs no closer look.
        if plain and joined.count("\n") == joined.count(f"\n{before}") == len(paths):
            return joined.replace(f"\n{before}", "\n")[1:].split("\n")
        return [self.relative(path) for path in paths]

    def _relative(self, path: str) -> str:
        if path.startswith(_ADDRESSES):
            return path
        whole = path if is_stored(path) else os.path.abspath(path)  # noqa: PTH100 - symlinks stay as named
        if whole == self.folder:
            return whole if is_stored(whole) else "."  # an object that was named itself
        prefix = self.folder if self.folder.endswith(os.sep) else self.folder + os.sep
        return whole.removeprefix(prefix)

    def beside(self, manifest: str) -> str:
        """The root as the manifest's head names it.

        Relative to the manifest's folder where the two are neighbours, so that both can move
        together; absolute where they share nothing but the disk; a URL where it is in a store.
        """
        if is_stored(self.folder):
            return self.folder
        home = os.path.dirname(os.path.abspath(manifest))  # noqa: PTH100, PTH120
        if _holds(home, self.folder):
            return os.path.relpath(self.folder, home)
        # `..` climbs out of the real folder, whatever symlink led into it
        real_home, real_folder = os.path.realpath(home), os.path.realpath(self.folder)
        if os.path.commonpath([real_home, real_folder]) == os.sep:
            return self.folder
        return os.path.relpath(real_folder, real_home)


def root_of(arguments: Sequence[str]) -> Root:
    """The deepest folder that holds everything the arguments name: a folder itself, a file's folder.

    Places in stores are below it only where all arguments are in one bucket; else they stand by their URLs.
    """
    stored = [plain(argument) for argument in arguments if is_stored(argument)]
    if len(stored) == len(arguments):
        return Root(_stored_root(stored))
    return Root(os.path.commonpath(list(_folders(each for each in arguments if not is_stored(each)))))


def _stored_root(urls: Sequence[str]) -> str:
    """The deepest prefix with all of these that are in the first one's bucket; an object's is its folder."""
    bucket, _ = parts_of(urls[0])
    keys = [key.split("/") for place, key in map(parts_of, urls) if place == bucket]
    if len(keys) == 1 and "." in keys[0][-1]:
        keys = [keys[0][:-1]]
    common = [parts[0] for parts in takewhile(lambda parts: len(set(parts)) == 1, zip(*keys, strict=False))]
    return "/".join([bucket, *common]) if common != [""] else bucket


def _folders(arguments: Iterable[str]) -> Iterable[str]:
    for argument in arguments:
        whole = os.path.abspath(argument)  # noqa: PTH100
        yield whole if os.path.isdir(whole) else os.path.dirname(whole)  # noqa: PTH112, PTH120


def _holds(folder: str, other: str) -> bool:
    return os.path.commonpath([folder, other]) == folder
