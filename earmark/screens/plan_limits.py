"""What limits say to a plan: rows of its screen, which the report has as advice."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from earmark.plan_limits import REFUSING, Dear
from earmark.plan_values import PlanResult
from earmark.screens.limits import planned, said_by
from earmark.screens.words import some
from earmark.terminal import printable
from manifests.limits import Scope
from manifests.money import show

FEW = 3
"""Lines that are too dear, of those that are named."""


_LIST = "--show did-not-fit"


@dataclass(frozen=True, slots=True)
class Row:
    """Something that a limit has to say; `cents` are a ceiling, 0 where several are meant."""

    kind: str
    words: str
    items: int
    cents: int
    files: Sequence[str] = ()


def limits(result: PlanResult) -> Iterator[tuple[str, str]]:
    """The rows of a plan's screen: what came from which file, what it is above, which lines are too dear."""
    for file, words in result.options.policy.said:
        yield "policy", f"{printable(file)} says {', '.join(printable(word) for word in words)}"
    for row in rows(result):
        yield ("warning" if row.kind == "above_threshold" else "limit"), row.words


def rows(result: PlanResult) -> Iterator[Row]:
    """What a plan is above, and which of its lines are too dear."""
    limited = result.limited
    if limited.warned is not None:
        most, limit = result.summary.total.ceiling, limited.warned
        words = f"up to {show(most)}: {said_by(limit)} warns above {show(limit.cents)}"
        yield Row("above_threshold", words, result.summary.total.items, most)
    for over in limited.over:
        if over.limit.scope is Scope.FILE:  # the items themselves are told
            continue
        said = "" if over.limit.scope in REFUSING else ": run will refuse, --fit keeps what may be bought"
        said = ": the rest did not fit" if result.options.fit else said
        yield Row("over_limit", f"{planned(over)}{said}", over.items, over.needed)
    if limited.dear_items and limited.file is not None:
        files = [each.file for each in limited.dear[:FEW]]
        yield Row("too_dear", _dear(result), limited.dear_items, 0, files)


def _dear(result: PlanResult) -> str:
    limited = result.limited
    assert limited.file is not None
    several = len(result.summary.products) > 1
    shown = [_named(each, several=several) for each in limited.dear[:FEW]]
    more = limited.dear_items - len(shown)
    shown += (
        [f"and {more:,} more; list: {_LIST if result.options.fit else f'--fit {_LIST}'}"] if more > 0 else []
    )
    left_out = ", left out" if result.options.fit else ""
    above = f"above {show(limited.file.cents)} an item ({said_by(limited.file)}){left_out}"
    return f"{some(limited.dear_items, 'item')} {above}: {', '.join(shown)}"


def _named(each: Dear, *, several: bool) -> str:
    product = f" ({each.product})" if several else ""
    return f"{printable(each.file)} {show(each.ceiling)}{product}"
