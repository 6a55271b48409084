"""The screen of `earmark diff`: what the change costs, the amounts, then each line with its reason."""

import textwrap
from collections.abc import Iterator, Sequence

from earmark.diff.document import Amounts, Diff, Line, Share, Unread
from earmark.diff.words import SIGNS, at_most, costs, counts, named, price, reasons, signed
from earmark.screens.words import long, size, some
from earmark.screens.wrapping import LEAST, wrapped
from earmark.terminal import Terminal, printable, shortened
from manifests.money import show

FEW = 20
"""Lines that are listed without being asked for."""

BELOW = "      "
"""Before what stands below a name."""

LABEL = 14
NAME = 40
"""Columns of a service, and of a file's name; names keep their ends."""


def render(document: Diff, terminal: Terminal, *, every: bool = False) -> str:
    """The whole screen, lines joined by newlines."""
    width = terminal.width
    paths = " ".join(map(printable, document.paths))
    between = f"{named(document.base)} -> {named(document.head)}"
    said = costs(document)
    rows = [
        *wrapped("Diff   ", f"{paths}   {between}" if paths else between, width),
        *wrapped("       ", counts(document), width),
        *_table(document, terminal),
        *wrapped("  ", f"{said[0].upper()}{said[1:]}.", width),
        *_lines(document, terminal, every=every),
        *_unread(document.unread, terminal.width, every=every),
        *(
            row
            for each in document.thresholds
            for row in _threshold(each.words, terminal, passed=each.passed)
        ),
        *(row for note in document.notes for row in wrapped("  note        ", printable(note), width)),
    ]
    return "\n".join(rows) + "\n"


def _table(document: Diff, terminal: Terminal) -> Iterator[str]:
    """Before, after and the difference at full price, and what is to pay; no columns on a narrow screen."""
    columns = f"  {'':<{LABEL}} {'items':>8}  {'length':>14}  {'price':>12}  {'at most':>12}"
    rows = [
        _row("before", document.old),
        _row("now", document.new),
        _row("difference", document.difference, sign=True),
        _row("to pay", document.to_pay),
    ]
    if max(map(len, rows)) > terminal.width:
        yield from _narrow(document, terminal.width)
    else:
        yield terminal.style(columns, "bold")
        yield from rows
    if len(document.services) > 1:
        label = max(LABEL, *(len(share.service) for share in document.services))
        for share in document.services:
            yield from wrapped(f"    {share.service:<{label}} ", _share(share), terminal.width)


def _row(label: str, of: Amounts, *, sign: bool = False) -> str:
    items = f"{of.items:+,}" if sign and of.items else f"{of.items:,}"
    length = f"-{long(-of.ms)}" if of.ms < 0 else f"{'+' if sign and of.ms else ''}{long(of.ms)}"
    dollars, most = (signed(each) if sign else show(each) for each in (of.cents, of.ceiling))
    count = f"{of.credits:+,}" if sign else f"{of.credits:,}"
    credits_ = f"   {count} credits" if of.credits else ""
    return f"  {label:<{LABEL}} {items:>8}  {length:>14}  {dollars:>12}  {most:>12}{credits_}"


def _narrow(document: Diff, width: int) -> Iterator[str]:
    yield from wrapped("  before      ", price(document.old), width)
    yield from wrapped("  now         ", price(document.new), width)
    yield from wrapped("  difference  ", price(document.difference, sign=True), width)
    yield from wrapped("  to pay      ", f"{price(document.to_pay)}{at_most(document.to_pay)}", width)


def _share(share: Share) -> str:
    numbers = {"added": share.added, "removed": share.removed, "changed": share.changed}
    told = [f"{count:,} {word}" for word, count in numbers.items() if count]
    told += [f"{share.renamed:,} renamed"] if share.renamed else []
    return f"{', '.join(told)}: {price(share.to_pay)} to pay{at_most(share.to_pay)}"


def _lines(document: Diff, terminal: Terminal, *, every: bool) -> Iterator[str]:
    shown: Sequence[Line] = document.lines if every else document.lines[:FEW]
    columns = min(NAME, max((len(_name(each, NAME)) for each in shown), default=0))
    label = max((len(each.service) for each in shown), default=0)
    for line in shown:
        mark, about = f"  {SIGNS[line.kind]} ", _about(line)
        head = f"{mark}{_name(line, columns):<{columns}}  {line.service:<{label}}  "
        if len(head) + min(len(about), LEAST * 2) <= terminal.width:
            yield from wrapped(head, about, terminal.width)
        else:  # the name alone, the rest below it
            yield f"{mark}{_name(line, terminal.width - len(mark))}"
            words = f"{line.service}  {about}"
            yield from textwrap.wrap(words, terminal.width, initial_indent=BELOW, subsequent_indent=BELOW)
    if len(shown) < len(document.lines):
        yield f"    and {len(document.lines) - len(shown):,} more; list: --all"


def _name(line: Line, columns: int) -> str:
    part = f" ({line.part})" if line.part else ""
    return shortened(printable(line.file), max(1, columns - len(part))) + part


def _about(line: Line) -> str:
    why = reasons(line)
    if line.before and line.after:
        money = f"{price(line.before)} -> {price(line.after)}"
        money = price(line.after) if price(line.before) == price(line.after) else money
        lengths = ""
    else:
        one = line.after or line.before
        assert one is not None
        money, lengths = price(one), f"{long(one.ms)}  "
    return f"{lengths}{money}{f'  {why}' if why else ''}"


def _unread(unread: Sequence[Unread], width: int, *, every: bool) -> Iterator[str]:
    shown = unread if every else unread[:FEW]
    for each in shown:
        words = f"{printable(each.file)}: {each.kind}, {size(each.bytes)}, length unknown: git lfs pull"
        yield from wrapped("  ? ", words, width)
    if len(shown) < len(unread):
        yield f"    and {len(unread) - len(shown):,} more of unknown length; list: --all"


def _threshold(words: str, terminal: Terminal, *, passed: bool) -> Iterator[str]:
    first, *rest = wrapped("  ok          " if passed else "  ABOVE       ", words, terminal.width)
    yield first if passed else first.replace("ABOVE", terminal.style("ABOVE", "red", "bold"), 1)
    yield from rest


def verdict(document: Diff) -> str:
    """Why the command does not end with 0, in one sentence for stderr."""
    above = [each.words for each in document.thresholds if not each.passed]
    missing = [each for each in document.unread if each.kind != "removed"]
    if missing and not above:
        count = some(len(missing), "recording")
        return (
            f"{count} of unknown length: nobody can say that the change is within its threshold; git lfs pull"
        )
    return f"this change costs {'; '.join(above)}"
