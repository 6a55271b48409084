"""Finds lines that buy the same thing, with eight bytes of memory a line."""

from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from manifests.check import Checker, thing
from manifests.manifest import Head, Item
from manifests.text_lines import Faulty

_EIGHTHS = 8


def refuse_twice(
    marks: "array[int]", lines: Sequence[int], item_of: Callable[[int], Item], head: Head
) -> None:
    """Refuse the first line that buys what an earlier one buys.

    Args:
        marks: of all lines (`manifests.check.mark`).
        lines: their numbers in the file.
        item_of: the item of one of them, counted from 0; asked for the few whose mark another one has.
        head: of the manifest.

    Raises:
        Faulty: there is such a line.
    """
    checker = Checker(head.rates)
    for group in _alike(marks):
        first_of: dict[object, int] = {}
        for number in group:
            item = item_of(number)
            first = first_of.setdefault(thing(item, checker.offer(item)), number)
            if first != number:
                raise Faulty(
                    f"{item.file!r} stands twice with the same service and options, first on line"
                    f" {lines[first]}: keep one (formats to fetch go into one line)",
                    lines[number],
                )


def _alike(marks: "array[int]") -> Sequence[Sequence[int]]:
    """The numbers of lines with equal marks together, in the order of the first of each."""
    groups: dict[int, list[int]] = {}
    if repeated := set(_repeated(marks)):
        for number, mark in enumerate(marks):
            if mark in repeated:
                groups.setdefault(mark, []).append(number)
    return list(groups.values())


def _repeated(marks: "array[int]") -> Iterator[int]:
    """The marks that stand there twice; an eighth of them at a time, since sets take ten times the memory."""
    for part in range(_EIGHTHS):
        some = [mark for mark in marks if mark % _EIGHTHS == part]
        if len(set(some)) < len(some):
            yield from (mark for mark, count in Counter(some).items() if count > 1)
