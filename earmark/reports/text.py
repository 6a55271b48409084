"""The report as a screen: the sentence, the amounts, where they went, what needs somebody, what to type."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from msgspec.structs import replace

from earmark.reports.amounts import amounts_of, price
from earmark.reports.columns import cells, columns
from earmark.reports.document import FateSum, Report, Share
from earmark.reports.fates import FAILED, MEANINGS, UNSURE, first_of, last_run
from earmark.reports.planned import LeftOut, NotPriced, Planned
from earmark.reports.texts import near
from earmark.screens.bar import cap_lines, credit_lines
from earmark.screens.money import both
from earmark.screens.run_words import clipped
from earmark.screens.words import some
from earmark.screens.wrapping import unbroken, wrapped
from earmark.terminal import Terminal, printable, shortened
from manifests.money import show

FEW = 20
"""Items named of each end that needs somebody."""

FOLDERS = 10
"""Folders that are shown."""

FILES = 5
"""Files named that are in no line."""

NAME = 48
"""Columns of a name."""

LEAST = 12
"""Columns of a name on the narrowest screen."""

DISPENSABLE = ("length", "done", "items")
"""Columns that narrow screens do without, the first first."""

_COLOURS = {"done": "green", "written": "green", "running": "green"}


def render(report: Report, place: Path) -> Iterator[str]:
    """The screen of a terminal without colours."""
    named = report.manifest and near(report.manifest, place)
    yield screen(replace(report, manifest=named), Terminal())


def screen(report: Report, terminal: Terminal) -> str:
    """The whole screen."""
    rows = [
        *_head(report, terminal),
        *_fates(report.fates, terminal.width),
        *_table("service", report.services, columns(report), terminal.width),
        *_folders(report, terminal.width),
        *_troubles(report, terminal.width),
        *(_planned(report.planned, terminal.width) if report.planned else ()),
    ]
    ending = [
        *_wallet(report),
        *_last_run(report, terminal.width),
        *(line for note in report.notes for line in wrapped("  note: ", printable(note), terminal.width)),
        *_next(report),
    ]
    rows += ["", *ending] if ending else []
    return "\n".join(rows) + "\n"


def _head(report: Report, terminal: Terminal) -> Iterator[str]:
    name = f"{printable(report.manifest)}: " if report.manifest else ""
    colour = _COLOURS.get(report.outcome, "yellow")
    for line in wrapped("", f"{name}{printable(report.sentence)}", terminal.width):
        yield terminal.style(line, "bold", colour)
    if report.amounts:
        yield from (f"  {line}" for line in cap_lines(amounts_of(report.amounts), terminal.width))
    if report.credits:
        yield from (f"  {line}" for line in credit_lines(amounts_of(report.credits), terminal.width))


def _fates(fates: Sequence[FateSum], width: int) -> Iterator[str]:
    yield from ("" for _ in fates[:1])
    for each in fates:
        money = both(each.cents, each.credits)
        row = f"  {each.fate:<11}{each.items:>7,}  {money:>9}"
        whole = f"{row}   {MEANINGS.get(each.fate, '')}".rstrip()
        yield whole if len(whole) <= width else row


def _table(name: str, shares: Sequence[Share], heads: Sequence[str], width: int) -> Iterator[str]:
    """A row a share; where the screen is narrow, columns go before figures are cut, and names get shorter."""
    if not shares:
        return
    head = (name, *heads)
    names = (shortened(printable(each.name), NAME) or "all others" for each in shares)
    rows = [head, *((shown, *cells(each, heads)) for shown, each in zip(names, shares, strict=True))]
    shown = list(range(len(head)))
    for gone in DISPENSABLE:
        if gone in head and sum(map(len, _line(rows, shown)[0])) > width:
            shown.remove(head.index(gone))
    room = max(len(row[0]) for row in rows) - max(0, sum(map(len, _line(rows, shown)[0])) - width)
    rows = [(shortened(first, max(LEAST, room)), *rest) for first, *rest in rows]
    yield ""
    yield from ("".join(cells).rstrip() for cells in _line(rows, shown))


def _line(rows: Sequence[Sequence[str]], shown: Sequence[int]) -> list[list[str]]:
    """The cells that are shown, each as wide as its column and with the gap before it."""
    widths = {column: max(len(row[column]) for row in rows) for column in shown}
    return [
        [f"  {row[each]:>{widths[each]}}" if each else f"  {row[each]:<{widths[each]}}" for each in shown]
        for row in rows
    ]


def _folders(report: Report, width: int) -> Iterator[str]:
    shares = report.folders
    if len(shares) > 1:
        yield from _table("folder", shares[:FOLDERS], columns(report), width)
        yield from (f"  and {len(shares) - FOLDERS:,} more folders" for _ in shares[FOLDERS : FOLDERS + 1])


def _troubles(report: Report, width: int) -> Iterator[str]:
    """The items that need somebody, by what became of them."""
    for fate, items in first_of(report, (*FAILED, *UNSURE), FEW).items():
        count = next(each.items for each in report.fates if each.fate == fate)
        yield ""
        yield from wrapped("  ", f"{fate}, {some(count, 'item')}: {MEANINGS[fate]}", width)
        for item in items:
            reason = f": {clipped(item.reason)}" if item.reason else ""
            name = shortened(printable(item.file), NAME)
            yield from wrapped("    ", f"{name} ({item.service}, {price(item)}){reason}", width)
        if count > len(items):
            yield f"    and {count - len(items):,} more; all of them: --format csv"


def _planned(planned: Planned, width: int) -> Iterator[str]:
    left = len(planned.left_out) + planned.left_out_more
    refused = len(planned.not_priced) + planned.not_priced_more
    yield from _unpriced("left out", left, planned.left_out, width)
    yield from _unpriced("not priced", refused, planned.not_priced, width)
    yield from ("" for _ in planned.advice[:1])
    for each in planned.advice:
        option = f"   {unbroken(each.command)}" if each.command else ""
        yield from wrapped("  look: ", f"{printable(each.words)}{option}", width)


def _unpriced(words: str, count: int, files: Iterable[LeftOut | NotPriced], width: int) -> Iterator[str]:
    if not count:
        return
    yield ""
    yield f"  {words}, {some(count, 'file')}"
    for each in list(files)[:FILES]:
        told = f"{shortened(printable(each.file), NAME)}: {each.reason}"
        detail = f" ({clipped(each.detail)})" if each.detail and each.detail != each.reason else ""
        yield from wrapped("    ", f"{told}{detail}", width)
    if count > FILES:
        yield f"    and {count - FILES:,} more"


def _wallet(report: Report) -> Iterator[str]:
    if report.wallet:
        yield f"  Wallet {show(report.wallet.balance)}{', low' if report.wallet.low else ''}"


def _last_run(report: Report, width: int) -> Iterator[str]:
    words = last_run(report)
    if words:
        yield from wrapped("  ", f"Last run {words}", width)


def _next(report: Report) -> Iterator[str]:
    """Commands stand alone on their lines: they are pasted."""
    for number, each in enumerate(report.next.path):
        yield f"{'' if number else 'Next:':<7}{_step(each.command, each.words)}"
    for each in report.next.others:
        yield f"   or: {_step(each.command, each.words)}"


def _step(command: str | None, words: str | None) -> str:
    shown = printable(words or "")
    if command is None:
        return shown
    return f"{printable(command)}   ({shown})" if shown else printable(command)
