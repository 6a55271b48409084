"""The screen at the end of `run`: the sentence that matters, the amounts, what to type next."""

import textwrap
from collections import defaultdict
from collections.abc import Iterator

from earmark.next_steps import pasted
from earmark.run_steps import steps
from earmark.run_sums import Sum, credits_rest, rest, sums, went_elsewhere
from earmark.run_values import Asked
from earmark.screens import pilot
from earmark.screens.bar import cap_lines, credit_lines
from earmark.screens.money import both, credits_
from earmark.screens.run_words import at, clipped, headline, why
from earmark.screens.words import long, size, some
from earmark.screens.wrapping import command_line, sentence
from earmark.terminal import Terminal, printable, shortened
from manifests.exits import Exit
from manifests.money import Cents, show
from runner.report import Fate, RunReport
from runner.tally import Drift, Group, Spread

FEW = 3
"""Reasons shown of an end, and files shown of a reason."""

NAME = 48
"""Columns of a file's name among other words."""

LEAST = 24
"""Columns under which nothing is wrapped any further."""

BELOW = 4
"""Columns that words stand in from the left where they are below their row."""

_COLOURS = {Exit.DONE: "green", Exit.STOPPED_AS_TOLD: "yellow", Exit.INTERRUPTED: "yellow"}
_MEANINGS = {
    Fate.RUNNING: "{held}, the service works on them",
    Fate.NOT_SAVED: "paid, to be fetched; free",
    Fate.IN_DOUBT: "{held}, perhaps paid",
    Fate.REJECTED: "not charged",
    Fate.LOST: "paid, and the service no longer has the result",
    Fate.STALE: "not sent",
    Fate.SKIPPED: "not sent",
    Fate.WAITING: "not sent",
}
_LISTED = frozenset(Fate) - {Fate.SAVED}
"""Ends whose files are named."""


def render(report: RunReport, asked: Asked, terminal: Terminal) -> str:
    """The whole screen, lines joined by newlines."""
    width = terminal.width
    colour = _COLOURS.get(report.exit, "red")
    rows = [
        *(terminal.style(line, colour, "bold") for line in sentence(headline(report, asked), width)),
        *(line for each in sums(report) for line in _fate(each, asked, width)),
        *_rest(report, width),
        *_pilot(report, asked, width),
        *(f"  {line}" for line in cap_lines(report.amounts, width)),
        *(f"  {line}" for line in (credit_lines(report.credits, width) if report.uses_credits else ())),
        *_wallet(report, width),
        *_effort(report, width),
        *_hosts(report, width),
        *_way_to_report(report, asked, width),
        *(line for note in report.notes for line in _wrapped("  note  ", clipped(note, 400), width)),
        *_next(report, asked, width),
    ]
    return "\n".join(rows) + "\n"


def verdict(report: RunReport, asked: Asked) -> str:
    """Why the command does not end with 0, and what to type next, on one line for stderr."""
    told = steps(report, asked)
    following = [*told.path, *told.others][:1]
    return " ".join([why(report, asked), *(f"Next: {step.text}" for step in following)])


# -- the rows ------------------------------------------------------------------------------


def _fate(each: Sum, asked: Asked, width: int) -> Iterator[str]:
    """One end: how many, how much, what that means; then the first files, by reason."""
    head = f"  {each.fate.value:<11}{each.count:>6,}  {amount_of(each):>9}   "
    groups = list(_groups(each)) if each.fate in _LISTED else []
    more = "many" if each.end.more_reasons else f"{len(groups) - FEW:,}"
    meaning = _meaning(each, asked)
    if len(groups) == 1:
        yield from _wrapped(head, "; ".join(filter(None, (meaning, groups[0]))), width)
        return
    yield from _wrapped(head, meaning, width)
    for group in groups[:FEW]:
        yield from _wrapped("    ", group, width)
    if len(groups) > FEW:
        yield f"    and {more} more reasons; all of them: --json"


def _meaning(each: Sum, asked: Asked) -> str:
    """What the amount of an end says."""
    if each.fate is Fate.SAVED:
        return "   ".join(filter(None, (_saved(each), printable(asked.results))))
    if each.fate is Fate.FAILED:
        return _failed(each)
    meaning = _MEANINGS[each.fate]
    if "{held}" in meaning:
        return meaning.format(held=f"{both(each.held, each.in_credits.held)} set aside")
    return beside_amount(each) + meaning


def amount_of(each: Sum) -> str:
    """The amount of a row: the wallet's, or that of credits where nothing else was bought."""
    in_credits = each.in_credits.amount
    return f"{in_credits:,} cr." if in_credits and not each.money.items else show(each.amount)


def beside_amount(each: Sum) -> str:
    """The credits beside a row's dollars: they are no part of them."""
    in_credits = each.in_credits.amount
    return f"and {credits_(in_credits)}; " if in_credits and each.money.items else ""


def _saved(each: Sum) -> str:
    in_credits = each.in_credits
    parts = [beside_amount(each).rstrip("; ")] if beside_amount(each) else []
    parts += [_drifted(each.end.drift)] if each.money.billed else []
    if in_credits.charged:
        parts.append("credits as expected, unverified")
    if each.held or in_credits.held:
        held = both(each.held, in_credits.held)
        parts.append(f"{held} of it set aside until billed ({some(each.end.unbilled, 'item')})")
    if each.end.shared:
        parts.append(f"{some(each.end.shared, 'item')} paid before or by an equal one")
    return ", ".join(parts)


def _drifted(told: Drift) -> str:
    """`planned $46.56 (2 items 1 c dearer)`."""
    differences = [
        f"{some(spread.items, 'item')} {_range(spread)} {word}"
        for word, spread in (("dearer", told.dearer), ("cheaper", told.cheaper))
        if spread.items
    ]
    if not differences:
        return "as planned"
    return f"planned {show(Cents(told.planned))} ({', '.join(differences)})"


def _range(told: Spread) -> str:
    return f"{told.most} c" if told.least == told.most else f"{told.least} to {told.most} c"


def _failed(each: Sum) -> str:
    in_credits = each.in_credits
    charged, held = both(each.charged, in_credits.charged), both(each.held, in_credits.held)
    parts = [f"{charged} charged"] if each.charged or in_credits.charged else []
    if each.held or in_credits.held:
        parts.append(f"{held} set aside until it is known whether they were charged")
    return ", ".join(parts) or "not charged"


def _groups(each: Sum) -> Iterator[str]:
    """The files of an end by their reasons, the most frequent first."""
    shown: dict[str, list[Group]] = defaultdict(list)  # long reasons may look alike once they are clipped
    for reason, group in each.end.reasons.items():
        shown[clipped(reason)].append(group)
    counted = [(sum(group.items for group in groups), reason) for reason, groups in shown.items()]
    for count, reason in sorted(counted, key=lambda pair: -pair[0]):
        first = [item for group in shown[reason] for item in group.first][:FEW]
        names = list(dict.fromkeys(shortened(printable(item.file), NAME) for item in first))
        more = f" and {count - FEW:,} more" if count > FEW else ""
        lost = at(first[0].since) if each.fate is Fate.IN_DOUBT and count == 1 else ""
        told = f": {reason}{lost}" if reason else ""
        yield f"{', '.join(names)}{more}{told}"


def _rest(report: RunReport, width: int) -> Iterator[str]:
    beside, in_credits = rest(report), credits_rest(report)
    if beside.amount or in_credits.amount:
        shown = show(beside.amount) if beside.amount else f"{in_credits.amount:,} cr."
        head = f"  {'besides':<11}{'':>6}  {shown:>9}   "
        also = f"and {credits_(in_credits.amount)}; " if beside.amount and in_credits.amount else ""
        yield from _wrapped(
            head, f"{also}earlier tries, lines taken out of the manifest, or charges that name no job", width
        )


def _pilot(report: RunReport, asked: Asked, width: int) -> Iterator[str]:
    """The sample, where nobody has seen it yet or the rest is still to be bought."""
    if report.pilot is not None and not report.pilot.agreed:
        yield from pilot.rows(report.pilot, report.output, asked.results, width)


# -- wallet and effort ---------------------------------------------------------------------


def _wallet(report: RunReport, width: int) -> Iterator[str]:
    if report.balance is None:
        return
    text = f"Wallet {show(report.balance.balance)}{', low' if report.balance.low else ''}"
    if report.uses_credits and report.credits_left is not None:
        text += f"   the account's credits {report.credits_left:,}"
    elsewhere = went_elsewhere(report)
    if elsewhere:
        least, most = (show(cents) for cents in elsewhere)
        amount = least if least == most else f"{least} to {most}"
        text += f": {amount} went to something else than this manifest   earmark wallet usage"
    yield from _wrapped("  ", text, width)


def _effort(report: RunReport, width: int) -> Iterator[str]:
    saved = report.tally.end(Fate.SAVED).ms
    if not (report.submitted or saved):
        return  # that nothing took a second tells nobody anything
    parts = [
        long(round(report.seconds * 1000)),
        f"{some(report.submitted, 'job')} bought, {size(report.sent)} sent" if report.submitted else "",
        f"{long(saved)} of audio done" if saved else "",
    ]
    yield from _wrapped("  ", ", ".join(filter(None, parts)), width)


def _hosts(report: RunReport, width: int) -> Iterator[str]:
    """Which hosts did the work, where it was shared."""
    if report.hosts:
        parts = [f"{printable(share.host)} {some(share.items, 'item')}" for share in report.hosts]
        yield from _wrapped("  ", f"Saved by {', '.join(parts)}", width)


def _way_to_report(report: RunReport, asked: Asked, width: int) -> Iterator[str]:
    """The command for a page to look at, where there is something to see and no report was asked for."""
    line = f"  Report: earmark report {pasted(asked.manifest)} -o report.html"
    if report.submitted and not asked.reports and len(line) <= width:
        yield line


# -- what to type --------------------------------------------------------------------------


def _next(report: RunReport, asked: Asked, width: int) -> Iterator[str]:
    """Commands stand alone on their lines: they are pasted."""
    told = steps(report, asked)
    numbered = len(told.path) > 1
    for number, step in enumerate(told.path, 1):
        label = "Go on:" if number == 1 else "      "
        head = f"{label}  {f'{number}. ' if numbered else ''}"
        yield from command_line(head, step.command, step.words, width)
    for step in told.others:
        head = f"{'   or:' if told.path else 'Go on:'}  "
        yield from command_line(head, step.command, step.words, width)


def _wrapped(head: str, text: str, width: int) -> Iterator[str]:
    """A row's head with its text beside it, or below it where the screen is narrow."""
    room = width - len(head)
    beside = room >= LEAST * 2 or len(text) <= room
    indent = len(head) if beside else BELOW
    lines = textwrap.wrap(text, max(LEAST, width - indent), break_on_hyphens=False) or [""]
    if len(text) <= room:
        lines = [text]
    if beside:
        yield f"{head}{lines.pop(0)}".rstrip()
    elif head.strip():
        yield head.rstrip()
    yield from (f"{'':{indent}}{line}" for line in lines)
