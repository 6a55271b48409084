"""What limits say to a plan: rows of its screen."""

from collections.abc import Iterator

from earmark.plan_limits import REFUSING, Dear
from earmark.plan_values import PlanResult
from earmark.screens.limits import planned, said_by
from earmark.screens.words import some
from earmark.terminal import printable
from manifests.limits import Scope
from manifests.money import show

FEW = 3
"""Lines that are too dear, of those that are named."""


def limits(result: PlanResult) -> Iterator[tuple[str, str]]:
    """The rows of a plan's screen: what it is above, and which lines are too dear."""
    limited = result.limited
    for file, words in result.options.policy.said:
        yield "policy", f"{printable(file)} says {', '.join(printable(word) for word in words)}"
    if limited.warned is not None:
        most = show(result.summary.total.ceiling)
        yield "warning", f"up to {most}: {said_by(limited.warned)} warns above {show(limited.warned.cents)}"
    for over in limited.over:
        if over.limit.scope not in REFUSING:
            yield "limit", f"{planned(over)}: run will refuse, --fit keeps what may be bought"
        elif over.limit.scope is Scope.PLAN:
            yield "limit", planned(over)
    if limited.dear_items and limited.file is not None:
        yield "limit", _dear(result)


def _dear(result: PlanResult) -> str:
    limited = result.limited
    assert limited.file is not None
    several = len(result.summary.products) > 1
    shown = [_named(each, several=several) for each in limited.dear[:FEW]]
    more = limited.dear_items - len(shown)
    shown += [f"and {more:,} more"] if more > 0 else []
    left_out = ", left out" if result.options.fit else ""
    above = f"above {show(limited.file.cents)} an item ({said_by(limited.file)}){left_out}"
    return f"{some(limited.dear_items, 'item')} {above}: {', '.join(shown)}"


def _named(each: Dear, *, several: bool) -> str:
    product = f" ({each.product})" if several else ""
    return f"{printable(each.file)} {show(each.ceiling)}{product}"
