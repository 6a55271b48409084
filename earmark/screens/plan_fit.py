"""What `plan --fit` left out, and what more room would keep: rows of the screen."""

from collections.abc import Iterator

from earmark.amounts import CAP
from earmark.plan_values import More, PlanResult
from earmark.screens.money import both
from earmark.screens.words import clock, some
from earmark.screens.wrapping import wrapped
from earmark.terminal import Terminal, printable
from manifests.money import plain, show
from planner.summary import FEW_UNFIT
from planner.unfit import Unfit


def did_not_fit(result: PlanResult, terminal: Terminal) -> Iterator[str]:
    """The first few that did not fit, or all of them."""
    summary = result.summary
    told = summary.unfit if result.options.tells_all else summary.unfit[:FEW_UNFIT]
    several = len(summary.products) > 1
    for each in told:
        yield from wrapped("    ", _named(each, several=several), terminal.width)
    if len(told) < summary.over.items:
        yield f"    and {summary.over.items - len(told):,} more; list: --show did-not-fit"


def _named(each: Unfit, *, several: bool) -> str:
    part = f" {each.part}" if each.part else ""
    product = f" ({each.product})" if several else ""
    return f"{printable(each.file)}{part} {clock(each.ms)} {both(each.cents, each.credits)}{product}"


def more_room(result: PlanResult) -> Iterator[tuple[str, str]]:
    """What was kept, what the next cap would keep, and which cap keeps all."""
    more = result.more
    if more is None:
        return
    outer, typed = result.options.outer_cap, result.options.max_spend
    cap = "--max-spend " if outer is None or (typed is not None and typed < outer) else f"{CAP}="
    kept = f"{show(more.room)} keeps {some(more.items, 'item')}" if more.items else "nothing fits"
    parts = [
        kept,
        *([f"{_room(more, more.next_room, cap)} would keep {more.next_items:,}"] if more.next_room else []),
    ]
    yield "fit", f"{'; '.join(parts)}; all {more.all_items:,}: {_room(more, more.all_room, cap)}"


def _room(more: More, cents: int, cap: str) -> str:
    """The room as it is to be given: a cap is typed, a wallet is filled."""
    return f"{show(cents)} in the wallet" if more.by_wallet else f"{cap}{plain(cents)}"
