"""What to look at before buying, as values: money that may be wasted, limits that may be passed."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from earmark.plan_values import PlanResult
from earmark.reports.planned import Advice
from earmark.screens.money import both
from earmark.screens.plan_looks import looks
from earmark.screens.words import some
from earmark.terminal import quoted
from manifests.money import show
from manifests.paths import as_written
from planner.rebuying import Change, Rebuying
from planner.summary import Summary

FEW = 3
"""Files that are named."""


def advice(summary: Summary) -> Iterator[Advice]:
    """All that a plan has to say."""
    yield from _rounding(summary)
    yield from _rebought(summary.rebuyings)
    for pair in summary.pairs:
        words = (
            f"{some(pair.count, 'pair')} x{pair.kept} + x{pair.dropped} of one length: probably one recording"
            f" each, {show(pair.cents)}"
        )
        drops = f"; the option drops {pair.others:,} more" if pair.others else ""
        option = f"--exclude {quoted(pair.exclude)}"
        yield Advice("pair", f"{words}{drops}", pair.count, pair.cents, [], option)
    for warn in summary.warnings:
        words = f"{some(warn.count, f'{warn.product} item')} {warn.limit}: the service may refuse"
        yield Advice(warn.kind, f"{words}; a refusal costs nothing", warn.count, 0, [warn.example], None)


def look_advice(result: PlanResult) -> Iterator[Advice]:
    """Recordings that lie there twice, recordings without anything to hear."""
    for look in looks(result):
        files = [as_written(file)[0] for file in look.files[:FEW]]
        yield Advice(look.kind, look.words, look.items, look.cents, files, look.options or None)


def _rounding(summary: Summary) -> Iterator[Advice]:
    told = summary.rounding
    if told is not None:
        amounts = f"{some(told.items, 'item')}: {show(told.cents)}, not {show(told.exact)}"
        words = f"{amounts}: each job is rounded up to the cent, short clips are dear"
        yield Advice("rounding", words, told.items, told.cents - told.exact, [], None)


def _rebought(rebuyings: Sequence[Rebuying]) -> Iterator[Advice]:
    """What is paid for although it was paid before: on purpose, or with other options."""
    groups: dict[str, list[Rebuying]] = defaultdict(list)
    for each in rebuyings:
        groups[", ".join(map(_told, each.changes))].append(each)
    for changes, some_ in groups.items():
        cents = sum(each.line.full for each in some_)
        price = both(cents, sum(each.line.cost.credits[0] for each in some_))
        was = f"{some(len(some_), 'item')} {'was' if len(some_) == 1 else 'were'} paid before"
        kind = "bought_with_other_options" if changes else "bought_again"
        words = f"{was} with other options, {price} again: {changes}" if changes else f"{was}, {price} again"
        files = [each.line.item.file for each in some_[:FEW]]
        yield Advice(kind, words, len(some_), cents, files, None)


def _told(change: Change) -> str:
    return f"{change.option} {_value(change.before)} -> {_value(change.now)}"


def _value(value: object) -> str:
    """An option's value; `not set` where it was left to the service."""
    return "not set" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
