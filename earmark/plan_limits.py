"""What limits say to a plan: which lines are too dear, and which sums are above what runs may spend."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from earmark.policy.planning import FromPolicy
from manifests.limits import Limit, Limits, Over, Scope
from manifests.money import Cents
from manifests.naming import whole_of
from planner.fitting import Candidates
from planner.pricing import Line, Standing

FEW_DEAR = 20
"""Lines that are kept to be told of."""

REFUSING = frozenset({Scope.PLAN, Scope.FILE})
"""Limits that a plan itself has to keep; the others are those of runs, of which there may be several."""


@dataclass(frozen=True, slots=True)
class Dear:
    """A line that may cost more than one item may."""

    file: str
    product: str
    ceiling: Cents


@dataclass(frozen=True, slots=True)
class Limited:
    """What limits say: those that buying all lines would pass, and the lines that are too dear."""

    over: tuple[Over, ...] = ()
    file: Limit | None = None
    dear: tuple[Dear, ...] = ()  # the first of them
    dear_items: int = 0
    warned: Limit | None = None  # an amount that was to be told of, and is passed

    @property
    def refusing(self) -> tuple[Over, ...]:
        """Those for which no manifest is written."""
        return tuple(over for over in self.over if over.limit.scope in REFUSING)


@dataclass(slots=True)
class TooDear:
    """Gathers the lines that cost more than one item may; the parts of a text count together."""

    limits: Limits
    items: int = 0
    first: list[Dear] = field(default_factory=list)

    def add(self, lines: Sequence[Line]) -> None:
        """Look at these, too; all parts of a text are among them, or none."""
        limit = self.limits.of(Scope.FILE)
        if limit is None:
            return
        to_pay = [line for line in lines if line.standing is Standing.TO_PAY]
        for whole in _wholes(to_pay):
            ceiling = Cents(sum(line.item.ceiling for line in whole))
            if ceiling > limit.cents:
                self.items += len(whole)
                if len(self.first) < FEW_DEAR:
                    self.first.append(Dear(whole[0].item.file, whole[0].item.service, ceiling))


def _wholes(lines: Iterable[Line]) -> Iterable[Sequence[Line]]:
    """Each line by itself, the parts of a text together."""
    for _, some in groupby(lines, key=lambda line: whole_of(line.item) if line.item.part else id(line)):
        yield list(some)


def limited(policy: FromPolicy, lines: Candidates, dear: TooDear, kept: Candidates) -> Limited:
    """What limits say to all lines, and whether those that are kept are above the amount to warn at."""
    warn = policy.warn
    warned = warn if warn is not None and kept.ceiling > warn.cents else None
    file = policy.limits.of(Scope.FILE)
    return Limited(lines.over(), file, tuple(dear.first), dear.items, warned)
