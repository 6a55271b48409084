"""The screen of `plan`: first what was found, then amounts, then what to type next."""

from collections import Counter
from collections.abc import Iterator, Sequence

from earmark.plan_values import Gate, Outcome, PlanResult
from earmark.screens.limits import planned
from earmark.screens.money import both
from earmark.screens.plan_ending import ending, label
from earmark.screens.plan_fit import did_not_fit, more_room
from earmark.screens.plan_limits import limits
from earmark.screens.plan_looks import looks
from earmark.screens.plan_rules import remarks
from earmark.screens.plan_spoken import clipped, credits_of, spoken, to_know
from earmark.screens.plan_table import FEW, left_out, same_as, table
from earmark.screens.words import clock, some
from earmark.screens.wrapping import unbroken, wrapped
from earmark.terminal import Terminal, printable, quoted, shortened
from manifests.money import show
from planner.inputs import Prompt
from planner.leftout import Reason
from planner.pairs import Pairs
from planner.pricing import Line
from planner.rebuying import Rebuying
from planner.summary import Summary

NAME = 48
"""Columns of a file's name among other figures."""

WORDS = 24
"""Columns of a prompt's words there."""


def render(result: PlanResult, terminal: Terminal, *, all_left_out: bool = False) -> str:
    """The whole screen, lines joined by newlines."""
    rows = [
        *_head(result, terminal.width),
        *table(result.summary, terminal),
        *did_not_fit(result, terminal),
        *left_out(result, terminal, all_left_out=all_left_out),
        *(line for word, text in _remarks(result) for line in wrapped(label(word), text, terminal.width)),
        *ending(result, terminal),
    ]
    return "\n".join(rows) + "\n"


def verdict(result: PlanResult) -> str:
    """Why the command does not end with 0, in one sentence for stderr."""
    summary = result.summary
    match result.outcome:
        case Outcome.WRITTEN:
            count = len(summary.left_out) + len(summary.refused)
            return f"--strict: {count:,} left out or not priced; {result.options.output} was written"
        case Outcome.OVER_CAP:
            most = show(summary.total.ceiling + result.committed)
            return f"up to {most} needed, above --max-spend; no manifest was written"
        case Outcome.OVER_LIMIT:
            told = "; ".join(planned(over) for over in result.limited.refusing)
            return f"{told}; no manifest was written"
        case Outcome.NOTHING_FITS:
            limits = "; ".join(planned(over) for over in result.limited.over)
            return f"nothing fits under the cap{f': {limits}' if limits else ''}; no manifest was written"
        case Outcome.NOTHING_PRICED:
            return f"nothing could be priced: {_why_nothing(summary)}; no manifest was written"


def _why_nothing(summary: Summary) -> str:
    reasons = Counter(each.reason for each in summary.left_out)
    if reasons and set(reasons) == {Reason.LFS_POINTER}:
        return "all files are git-lfs pointers, run `git lfs pull` first"
    told = [f"{count:,} {reason.value}" for reason, count in reasons.most_common()]
    told += [f"{count:,} {reason.value}" for reason, count in summary.skipped]
    told += [f"{len(summary.refused):,} not taken by the service"] if summary.refused else []
    return ", ".join(told) or "no files there"


def _head(result: PlanResult, width: int) -> Iterator[str]:
    names = ", ".join(dict.fromkeys(choice.product.name for choice in result.choices))
    yield from wrapped(
        "Plan   ", f"{_given(result)} -> {names}      prices of {result.catalogue}{_live(result)}", width
    )
    files = result.summary.files
    parts = [f"{files.to_pay:,} to pay", f"{files.paid:,} {_paid(result.summary)}" if files.paid else ""]
    over = "beyond a limit" if result.limited.over else "over the cap"
    parts += [f"{files.over:,} {over}" if files.over else "", f"{files.left_out:,} left out"]
    yield from wrapped("       ", f"{some(files.seen, 'file')} seen: {', '.join(filter(None, parts))}", width)


def _given(result: PlanResult) -> str:
    """The paths and addresses of the command line."""
    given = result.options.paths
    paths = [" ".join(printable(path) for path in given[:FEW])] if given else []
    paths += [f"{len(given) - FEW} more"] if len(given) > FEW else []
    if result.addresses:
        paths.append("1 address" if result.addresses == 1 else f"{result.addresses:,} addresses")
    return " and ".join(paths)


def _paid(summary: Summary) -> str:
    """What files are whose every line is free."""
    words = ["paid before"] if summary.paid_before.items else []
    words += [f"the {same_as(summary.same_audio)} as others"] if summary.same_audio.items else []
    return " or ".join(words)


def _live(result: PlanResult) -> str:
    if not isinstance(result.gate, Gate):
        return ""
    if result.gate.view.rates is None:
        return ", today's cannot be read"
    return ", NOT those of today" if result.gate.moved else ", same as live today"


def _remarks(result: PlanResult) -> Iterator[tuple[str, str]]:
    """What a person should know before paying: a word, and what there is to say."""
    summary = result.summary
    yield from more_room(result)
    yield from limits(result)
    yield from credits_of(summary)
    yield from spoken(summary)
    if len(summary.dearest) > 1:
        several = len(summary.products) > 1
        yield "dearest", "   ".join(unbroken(_dear(line, several=several)) for line in summary.dearest)
    if summary.rounding:
        told = summary.rounding
        amounts = f"{some(told.items, 'item')}: {show(told.cents)}, not {show(told.exact)}"
        yield "rounding", f"{amounts}: each job is rounded up to the cent, short clips are dear"
    yield from _rebought(summary.rebuyings)
    yield from (("look", _paired(pair)) for pair in summary.pairs)
    yield from (("look", look.row) for look in looks(result))
    for warn in summary.warnings:
        which = f"{some(warn.count, f'{warn.product} item')} {warn.limit} ({_short(warn.example)})"
        yield "limit", f"{which}: the service may refuse; a refusal costs nothing"
    yield from to_know(result)
    yield from remarks(result.rules)
    yield from (("note", printable(note)) for note in result.notes)


def _paired(pair: Pairs) -> str:
    kinds = f"x{printable(pair.kept)} + x{printable(pair.dropped)}"
    others = f" (drops {pair.others:,} more)" if pair.others else ""
    return (
        f"{some(pair.count, 'pair')} {kinds} of one length: probably one recording each, {show(pair.cents)}"
        f"   {unbroken(f'--exclude {quoted(pair.exclude)}')}{others}"
    )


def _rebought(rebuyings: Sequence[Rebuying]) -> Iterator[tuple[str, str]]:
    """What is paid for although it was paid before: on purpose, or with other options."""
    again = [each for each in rebuyings if not each.changes]
    changed = [each for each in rebuyings if each.changes]
    if again:
        yield "again", f"{_paid_before(again)} again, as --pay-again asks"
    if changed:
        changes = Counter(change for each in changed for change in each.changes)
        told = ", ".join(
            f"{each.option} {_told(each.before)} -> {_told(each.now)}" for each, _ in changes.most_common(FEW)
        )
        yield "changed", f"{_paid_before(changed, ' with other options')} again: {printable(told)}"


def _paid_before(rebuyings: Sequence[Rebuying], how: str = "") -> str:
    """`3 items were paid before with other options, $1.20`."""
    items = f"{some(len(rebuyings), 'item')} {'was' if len(rebuyings) == 1 else 'were'}"
    return f"{items} paid before{how}, {_price([each.line for each in rebuyings])}"


def _told(value: object) -> str:
    """An option's value; `not set` where it was left to the service."""
    return "not set" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _dear(line: Line, *, several: bool) -> str:
    product = f" ({line.item.service})" if several else ""
    return f"{_short(line.item.file)}{_which(line)} {clock(line.length.ms)} {_price([line])}{product}"


def _price(lines: Sequence[Line]) -> str:
    """What lines cost, in dollars, credits or both."""
    return both(sum(line.full for line in lines), sum(line.cost.credits[0] for line in lines))


def _which(line: Line) -> str:
    """Which part of its file a line is."""
    if isinstance(line.input, Prompt):
        return f" {clipped(line.input.start, WORDS)}"
    return f" {line.item.part}" if line.item.part else ""


def _short(name: str) -> str:
    return shortened(printable(name), NAME)
