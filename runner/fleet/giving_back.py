"""What a shift leaves to other hosts: lines that this one cannot send, and what it did not come to."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from runner.engine.world import Stop
from runner.fates import Fate, ItemReport
from runner.fleet.grouping import shifts_of
from runner.lines import Line

_UNFINISHED = frozenset({Fate.WAITING, Fate.RUNNING, Fate.NOT_SAVED, Fate.IN_DOUBT})
_ABSENT = frozenset({Fate.STALE, Fate.SKIPPED})


@dataclass(frozen=True, slots=True)
class Left:
    """Lines that wait for a host again, and those of them that this one is not to take, with the reason."""

    lines: Sequence[Line] = ()
    reasons: Mapping[str, str] = field(default_factory=dict)  # by the key of a line


def left_of(
    lines: Sequence[Line],
    items: Iterable[ItemReport],
    parts: Mapping[str, int],
    stops: Mapping[Stop, str],
    unreached: str = "",
    changed: Mapping[str, str] = MappingProxyType({}),
) -> Left:
    """What waits again once a shift is over.

    A file that is not here, or is not what was planned, may be on another host. A full disk, a name that
    cannot be written here, or no way to the service leaves what is unfinished to the others; a signal leaves
    it to anybody, this host too, once it is back. What belongs together stays together: who speaks with a
    voice needs its line.

    Args:
        lines: of the shift, in their order.
        items: what became of each.
        parts: what each line buys, by its key, as far as that is known.
        stops: why nothing more was submitted.
        unreached: why this host alone has no way to the service; empty where it has one, or none has.
        changed: why a line that might be bought has no file here as planned, by its key; also one that
            failed before, which counts as failed until some host tries again.
    """
    trouble = next((stops[stop] for stop in (Stop.DISK, Stop.NAME) if stop in stops), unreached)
    reasons: dict[str, str] = {}
    unfinished: set[str] = set()
    for line, item in zip(lines, items, strict=True):
        if item.fate in _ABSENT or line.key in changed:
            reasons[line.key] = changed.get(line.key, item.reason)
        elif item.fate in _UNFINISHED and (trouble or Stop.SIGNAL in stops):
            unfinished.add(line.key)
            if trouble:
                reasons[line.key] = trouble
    waits = unfinished | reasons.keys()
    groups = shifts_of(lines, parts, size=1)
    together = [line for group in groups if any(line.key in waits for line in group) for line in group]
    return Left(together, reasons)


def all_left(lines: Sequence[Line], reason: str) -> Left:
    """A host that cannot work at all leaves everything, and says why."""
    return Left(lines, {line.key: reason for line in lines})
