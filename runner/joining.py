"""Long texts put together again: when every part is on disk, the whole is made of them, once."""

import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from manifests.errors import EarmarkError
from manifests.naming import joint_base, whole_of
from manifests.stored import Location, Stored, location
from runner.lines import Line
from runner.points import Point, Reach, nowhere
from runner.stored_joining import is_joined, join_stored
from runner.within import check_within

Join = Callable[[Sequence[Path], Path], None]
"""Writes the second from the first, durable and whole; raises EarmarkError where that cannot be."""


@dataclass(frozen=True, slots=True)
class Whole:
    """A text whose parts are all saved: its sound files in order, and where they go together."""

    parts: tuple[Location, ...]
    target: Location

    @property
    def is_there(self) -> bool:
        """Whether it was made of these parts before."""
        if isinstance(self.target, Stored):
            return is_joined(_all_stored(self.parts), self.target)
        try:
            made = self.target.stat().st_mtime_ns
            return all(Path(part).stat().st_mtime_ns <= made for part in self.parts)
        except OSError:
            return False


def _all_stored(parts: Sequence[Location]) -> list[Stored]:
    """Parts that lie in a store, all of them.

    Raises:
        EarmarkError: some lie on a disk, from when results went there.
    """
    found = [part for part in parts if isinstance(part, Stored)]
    if len(found) < len(parts):
        raise EarmarkError("some of its parts lie on a disk, others in a store")
    return found


def wholes(saved: Iterable[tuple[Line, Sequence[str]]], output: Location) -> Iterator[Whole]:
    """The texts of which every part is saved.

    Args:
        saved: lines with the paths of their results; none where they are not saved.
        output: the results folder.
    """
    texts: dict[bytes, dict[int, tuple[Line, Sequence[str]]]] = defaultdict(dict)
    for line, results in saved:
        if line.item.part is not None and results:
            texts[whole_of(line.item)][int(line.item.part.partition("/")[0])] = (line, results)
    for parts in texts.values():
        (line, results) = next(iter(parts.values()))
        base = joint_base(line.item, line.base)
        count = int((line.item.part or "0/0").partition("/")[2])
        if base is None or sorted(parts) != list(range(1, count + 1)):
            continue
        paths = tuple(location(found[0]) for _, (_, found) in sorted(parts.items()))
        yield Whole(paths, output / f"{base}{PurePath(os.fspath(paths[0])).suffix}")


def join_all(
    saved: Iterable[tuple[Line, Sequence[str]]],
    output: Location,
    join: Join,
    note: Callable[[str], None],
    reach: Reach = nowhere,
) -> None:
    """Make the wholes that are not there yet; what cannot be joined is told, its parts stay."""
    for whole in wholes(saved, output):
        try:
            if whole.is_there:
                continue
            reach(Point.BEFORE_JOIN)
            _make(whole, output, join, reach)
        except EarmarkError as error:
            note(f"{whole.target} was not put together: {error}; its {len(whole.parts)} parts are saved")
        else:
            reach(Point.AFTER_JOIN)
            note(f"{whole.target} is {len(whole.parts)} parts in one")


def _make(whole: Whole, output: Location, join: Join, reach: Reach) -> None:
    if isinstance(whole.target, Stored):
        assert isinstance(output, Stored)
        join_stored(_all_stored(whole.parts), whole.target, output, join, reach)
        return
    assert isinstance(output, Path)
    check_within(output, whole.target)
    if whole.target.is_symlink():
        whole.target.unlink()  # what is joined replaces a link, as a result does
    join([Path(part) for part in whole.parts], whole.target)
