"""Which lines make up a shift: about 50 in the manifest's order, and never apart what needs each other."""

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence

from runner.lines import Line

LINES = 50
"""Lines of a shift, about: a job of the queue for each line would be too many, and one for a thousand lines
would leave hosts idle at the end, and more to take over when a host is lost."""

SHARE = 4
"""Shifts for each host at least, where there are few lines: the quicker host takes more of them."""


def size_of(lines: int, hosts: int) -> int:
    """How many lines a shift has where so many are to be shared among so many hosts."""
    return max(1, min(LINES, -(-lines // (SHARE * max(1, hosts)))))


def shifts_of(lines: Sequence[Line], parts: Mapping[str, int], size: int = LINES) -> Iterator[list[Line]]:
    """The lines in shifts of about a size, each in the manifest's order.

    Lines stay together that need one voice, that are parts of one text, or that buy the same.

    Args:
        lines: in the manifest's order.
        parts: what each line buys, by its key; those that nobody has looked at yet are not in it.
        size: lines of a shift; only what belongs together makes a larger one.
    """
    shift: list[Line] = []
    for group in _groups(lines, parts):
        if shift and len(shift) + len(group) > size:
            yield shift
            shift = []
        shift += group
    if shift:
        yield shift


def _groups(lines: Sequence[Line], parts: Mapping[str, int]) -> Iterable[list[Line]]:
    """What belongs together, by the first line of each."""
    ties = _Ties()
    for number, line in enumerate(lines):
        for tie in _common(line, parts):
            ties.tie(number, tie)
    groups: dict[int, list[Line]] = {}
    for number, line in enumerate(lines):
        groups.setdefault(ties.first_of(number), []).append(line)
    return groups.values()


def _common(line: Line, parts: Mapping[str, int]) -> Iterator[Hashable]:
    """What a line has in common with those that it may not be parted from."""
    item = line.item
    if item.part is not None or item.span is not None:
        yield "text", item.path
    if item.needs is not None:
        yield "voice", item.needs
    if line.clones:
        yield "voice", item.file
    if line.key in parts:
        yield "part", parts[line.key]


class _Ties:
    """Numbers that belong together: each leads to the first of its group."""

    def __init__(self) -> None:
        self._before: dict[int, int] = {}
        self._by_tie: dict[Hashable, int] = {}

    def tie(self, number: int, tie: Hashable) -> None:
        """A number has something in common with all that had it before."""
        mine, other = self.first_of(number), self.first_of(self._by_tie.setdefault(tie, number))
        if mine != other:
            self._before[max(mine, other)] = min(mine, other)

    def first_of(self, number: int) -> int:
        """The first number of a group."""
        while number in self._before:
            number = self._before[number]
        return number
