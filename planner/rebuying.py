"""Audio that was bought before with other options: a new purchase, and the plan says what changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from planner.history import Bought
from planner.pricing import Line, Standing


@dataclass(frozen=True, slots=True)
class Change:
    """An option that is not what it was; None where it was, or is, not sent."""

    option: str
    before: object
    now: object


@dataclass(frozen=True, slots=True)
class Rebuying:
    """A line to pay whose audio the same service was paid for before."""

    line: Line
    changes: tuple[Change, ...]


def rebuyings(lines: Sequence[Line], bought: Sequence[Bought]) -> tuple[Rebuying, ...]:
    """The lines to pay whose audio was bought from the same service before, with what differs.

    Of several earlier purchases the one that differs least is told.
    """
    earlier: dict[tuple[str, str], list[Mapping[str, object]]] = {}
    for each in bought:
        earlier.setdefault((each.sha256, each.product.partition(":")[0]), []).append(each.options)
    found: list[Rebuying] = []
    for line in lines:
        known = earlier.get((line.item.sha256 or "", line.choice.product.service.name))
        if known and line.standing is Standing.TO_PAY:
            nearest = min((_changes(options, line.choice.submitted) for options in known), key=len)
            found.append(Rebuying(line, nearest))
    return tuple(found)


def _changes(before: Mapping[str, object], now: Mapping[str, object]) -> tuple[Change, ...]:
    names = dict.fromkeys((*before, *now))
    return tuple(
        Change(name, before.get(name), now.get(name)) for name in names if before.get(name) != now.get(name)
    )
