"""Long texts put together again: when every part is on disk, the whole is made of them, once."""

import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from manifests.errors import EarmarkError
from manifests.naming import joint_base, whole_of
from runner.lines import Line
from runner.points import Point, Reach, nowhere
from runner.within import check_within

Join = Callable[[Sequence[Path], Path], None]
"""Writes the second from the first, durable and whole; raises EarmarkError where that cannot be."""


@dataclass(frozen=True, slots=True)
class Whole:
    """A text whose parts are all saved: its sound files in order, and where they go together."""

    parts: tuple[Path, ...]
    target: Path

    @property
    def is_there(self) -> bool:
        """Whether it was made of these parts before."""
        try:
            made = self.target.stat().st_mtime_ns
            return all(part.stat().st_mtime_ns <= made for part in self.parts)
        except OSError:
            return False


def wholes(saved: Iterable[tuple[Line, Sequence[str]]], output: Path) -> Iterator[Whole]:
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
        paths = tuple(Path(found[0]) for _, (_, found) in sorted(parts.items()))
        yield Whole(paths, output / f"{base}{PurePath(os.fspath(paths[0])).suffix}")


def join_all(
    saved: Iterable[tuple[Line, Sequence[str]]],
    output: Path,
    join: Join,
    note: Callable[[str], None],
    reach: Reach = nowhere,
) -> None:
    """Make the wholes that are not there yet; what cannot be joined is told, its parts stay."""
    for whole in wholes(saved, output):
        if whole.is_there:
            continue
        reach(Point.BEFORE_JOIN)
        try:
            check_within(output, whole.target)
            if whole.target.is_symlink():
                whole.target.unlink()  # what is joined replaces a link, as a result does
            join(whole.parts, whole.target)
        except EarmarkError as error:
            note(f"{whole.target} was not put together: {error}; its {len(whole.parts)} parts are saved")
        else:
            reach(Point.AFTER_JOIN)
            note(f"{whole.target} is {len(whole.parts)} parts in one")
