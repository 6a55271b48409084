"""Choosing what fits under a cap, in the order that the user prefers."""

from collections.abc import Sequence
from enum import StrEnum

from manifests import budget
from manifests.money import Cents
from manifests.naming import whole_of
from planner.pricing import Line, Standing


class Prefer(StrEnum):
    """Which items come first when not all fit."""

    NEWEST = "newest"  # by the file's time of change
    SHORTEST = "shortest"
    LISTED = "listed"  # as the walk found them


def fitting(lines: Sequence[Line], room: Cents, prefer: Prefer) -> list[int]:
    """The numbers of the lines that fit into the room by their ceilings, in the lines' own order.

    Lines that cost nothing stay, those whose audio another line pays for only with that line. The
    parts of a text stay or go together: a part alone is no result.
    """
    payers = sorted(
        (n for n, line in enumerate(lines) if line.standing is Standing.TO_PAY),
        key=lambda n: _rank(lines[n], prefer),
    )
    wholes = _wholes(lines, payers)
    taken = budget.fit([Cents(sum(lines[n].item.ceiling for n in whole)) for whole in wholes], room)
    kept = {n for index in taken for n in wholes[index]}
    return _voiced(lines, [n for n, line in enumerate(lines) if _stays(n, line, kept)])


def _wholes(lines: Sequence[Line], numbers: Sequence[int]) -> list[list[int]]:
    """The numbers in their order, those of one text's parts together, where its first one stands."""
    found: dict[object, list[int]] = {}
    for n in numbers:
        item = lines[n].item
        found.setdefault(n if item.part is None else whole_of(item), []).append(n)
    return list(found.values())


def _voiced(lines: Sequence[Line], kept: list[int]) -> list[int]:
    """Those of the numbers whose voice is made by one of them, or that need none."""
    voices = {lines[n].item.file for n in kept if lines[n].choice.clones}
    return [n for n in kept if lines[n].item.needs is None or lines[n].item.needs in voices]


def _rank(line: Line, prefer: Prefer) -> tuple[bool, int]:
    """Voices come first: others speak with them."""
    return not line.choice.clones, _order(line, prefer)


def _order(line: Line, prefer: Prefer) -> int:
    match prefer:
        case Prefer.NEWEST:
            return -line.input.mtime_ns
        case Prefer.SHORTEST:
            return line.length.ms
        case Prefer.LISTED:
            return 0  # sorting is stable


def _stays(number: int, line: Line, kept: set[int]) -> bool:
    match line.standing:
        case Standing.TO_PAY:
            return number in kept
        case Standing.PAID_BEFORE:
            return True
        case Standing.SAME_AUDIO:
            return line.payer in kept
