"""Audio that was bought before with other options: a new purchase, and the plan says what changed."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from manifests.keys import CLONE, content_key
from planner.history import Bought
from planner.pricing import Line, Standing
from planner.sales import NO_AUDIO


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


class Rebought:
    """Finds lines to pay whose audio was bought from the same service before, with what differs.

    Args:
        bought: what was bought of some digests before.
    """

    def __init__(self, bought: Callable[[Sequence[str]], Sequence[Bought]]) -> None:
        self._bought = bought
        self._voices: dict[str, str] = {}
        self._found: list[Rebuying] = []

    def add(self, lines: Sequence[Line]) -> None:
        """Look at these, too; clones come before the lines that speak with them."""
        digests = list(dict.fromkeys([line.item.sha256 for line in lines if line.item.sha256]))
        if not digests:
            return
        self._voices |= _voices(lines)
        earlier: dict[tuple[str, str], list[Mapping[str, object]]] = {}
        for each in self._bought(digests):
            earlier.setdefault((each.sha256, each.product.partition(":")[0]), []).append(each.options)
        if earlier:
            self._found.extend(self._rebuyings(lines, earlier))

    def _rebuyings(
        self, lines: Sequence[Line], earlier: Mapping[tuple[str, str], Sequence[Mapping[str, object]]]
    ) -> Iterator[Rebuying]:
        """Of several earlier purchases the one that differs least is told."""
        for line in lines:
            known = earlier.get((line.item.sha256 or "", line.choice.product.service.name))
            if known and line.standing is Standing.TO_PAY and line.item.sha256 != NO_AUDIO:
                changes = [_changes(_shown(line, each, self._voices), _now(line)) for each in known]
                yield Rebuying(line, min(changes, key=len))

    @property
    def found(self) -> tuple[Rebuying, ...]:
        """Of all lines so far."""
        return tuple(self._found)


def _voices(lines: Sequence[Line]) -> dict[str, str]:
    """The voices that clones among the lines make, as options hold them, by the samples' files."""
    return {
        line.item.file: CLONE
        + content_key(line.item.sha256, line.item.service, line.choice.submitted, line.item.generation)
        for line in lines
        if line.choice.clones and line.item.sha256
    }


def _now(line: Line) -> Mapping[str, object]:
    """What is sent now, with the sample's file in place of a voice that is to be made of it."""
    voice = line.choice.product.service.voice
    if voice is None or line.item.needs is None:
        return line.choice.submitted
    return {**line.choice.submitted, voice.name: f"{CLONE}{line.item.needs}"}


def _shown(line: Line, before: Mapping[str, object], voices: Mapping[str, str]) -> Mapping[str, object]:
    """What was sent before; a clone is named by its key there, which tells people nothing."""
    voice = line.choice.product.service.voice
    name = voice.name if voice else ""
    if not str(before.get(name, "")).startswith(CLONE):
        return before
    needs = line.item.needs
    again = line.item.generation > 0  # on purpose: then the clone may be bought again, too
    same = needs is not None and (again or before[name] == voices.get(needs))
    return {**before, name: f"{CLONE}{needs}" if same else "another clone"}


def _changes(before: Mapping[str, object], now: Mapping[str, object]) -> tuple[Change, ...]:
    names = dict.fromkeys((*before, *now))
    return tuple(
        Change(name, before.get(name), now.get(name)) for name in names if before.get(name) != now.get(name)
    )
