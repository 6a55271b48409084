"""The report in GitHub's Markdown, for a step's summary or a file: names stay inert, and it stays small."""

import re
import string
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from earmark.reports.amounts import AMOUNTS, price, purses
from earmark.reports.columns import BOUGHT, PLANNED, cells, columns
from earmark.reports.document import Report, Share, Step
from earmark.reports.fates import FAILED, MEANINGS, UNSURE, first_of, last_run
from earmark.reports.planned import Planned
from earmark.reports.texts import near
from earmark.screens.money import both
from earmark.screens.words import clock, some
from earmark.terminal import printable, shortened

ITEMS = 100
"""Items named of each end that needs somebody."""

FILES = 50
"""Files named that are in no line."""

NAME, REASON = 120, 200
"""Characters of a name, and of other people's words."""

FIGURES = frozenset({"cap", *AMOUNTS, "items", "length", "amount", *PLANNED, *BOUGHT})
"""Columns of figures."""

_PLAIN = frozenset(string.ascii_letters + string.digits + " ./-,")
MENTIONS, _APART = "@#", "&#8203;"
"""What begins a mention or names an issue, and what parts it from the rest: a space without width."""

_LINKS = ("www.", "WWW.", "Www.")


def render(report: Report, place: Path) -> Iterator[str]:
    """The whole page, well under the megabyte that a step's summary may take."""
    yield f"### {words(report.sentence, REASON * 2)}\n"
    if report.manifest:
        yield f"\n{code(near(report.manifest, place))}, {report.made_by} of {report.made}\n"
    ended = last_run(report)
    yield f"\nLast run {words(ended)}\n" if ended else ""
    yield from _amounts(report)
    yield from _fates(report)
    heads = columns(report)
    yield from _shares("service", report.services, heads)
    yield from _shares("folder", report.folders if len(report.folders) > 1 else (), heads)
    yield from _troubles(report)
    yield from _planned(report.planned) if report.planned else ()
    yield from (f"\n- {words(note)}\n" for note in report.notes)
    yield from _next("Next", report.next.path)
    yield from _next("Or", report.next.others)


def words(text: str, most: int = REASON) -> str:
    """Other people's text: neither markup, nor a link, nor a mention comes of it."""
    shown = printable(" ".join(text.split()))
    shown = shown if len(shown) <= most else f"{shown[: most - 1]}…"
    escaped = "".join(map(_escaped, shown))
    for each in _LINKS:
        escaped = escaped.replace(each, f"{each[:3]}&#46;")
    return escaped


def _escaped(each: str) -> str:
    """A character without a meaning; GitHub looks for mentions and issues in the text that is left."""
    if each in _PLAIN or not each.isascii():
        return each
    return f"&#{ord(each)};{_APART if each in MENTIONS else ''}"


def code(text: str) -> str:
    """A name; GitHub makes no mentions of what is code."""
    return f"<code>{words(shortened(text, NAME))}</code>"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A table whose cells are safe already; the columns of `FIGURES` stand on the right."""
    rules = ("---:" if name in FIGURES else "---" for name in head)
    yield f"\n| {' | '.join(head)} |\n|{'|'.join(rules)}|\n"
    yield from (f"| {' | '.join(row)} |\n" for row in rows)


def _amounts(report: Report) -> Iterator[str]:
    if report.amounts is None:
        return
    cap = both(report.amounts.cap, report.credits.cap if report.credits else 0)
    pairs = list(purses(report.amounts, report.credits))
    yield from table(["cap", *(name for name, _ in pairs)], [[cap, *(shown for _, shown in pairs)]])


def _fates(report: Report) -> Iterator[str]:
    if report.fates:
        rows = [
            (
                f"**{each.fate}**",
                f"{each.items:,}",
                both(each.cents, each.credits),
                MEANINGS.get(each.fate, ""),
            )
            for each in report.fates
        ]
        yield from table(["", "items", "amount", "meaning"], rows)


def _shares(name: str, shares: Sequence[Share], heads: Sequence[str]) -> Iterator[str]:
    if shares:
        rows = [(code(each.name) if each.name else "all others", *cells(each, heads)) for each in shares]
        yield from table([name, *heads], rows)


def _troubles(report: Report) -> Iterator[str]:
    for fate, items in first_of(report, (*FAILED, *UNSURE), ITEMS).items():
        count = next(each.items for each in report.fates if each.fate == fate)
        yield f"\n<details><summary>{fate}: {some(count, 'item')}</summary>\n"
        rows = [
            (code(item.file), code(item.service), clock(item.ms), price(item), words(item.reason))
            for item in items
        ]
        yield from table(["file", "service", "length", "amount", "reason"], rows)
        more = f"\nand {count - len(items):,} more\n" if count > len(items) else ""
        yield f"{more}\n</details>\n"


def _planned(planned: Planned) -> Iterator[str]:
    files = [
        *((each.file, each.reason, each.detail) for each in planned.left_out),
        *((each.file, f"{each.reason} ({each.product})", each.detail) for each in planned.not_priced),
    ]
    count = len(files) + planned.left_out_more + planned.not_priced_more
    if files:
        yield f"\n<details><summary>left out or not priced: {some(count, 'file')}</summary>\n"
        rows = [
            (code(file), words(why), words("" if detail == why else detail))
            for file, why, detail in files[:FILES]
        ]
        yield from table(["file", "why", "detail"], rows)
        more = f"\nand {count - FILES:,} more\n" if count > FILES else ""
        yield f"{more}\n</details>\n"
    yield from (f"\n- {words(each.words)}\n" for each in planned.advice)


def _next(head: str, steps: Sequence[Step]) -> Iterator[str]:
    """Commands in blocks of their own, to be copied; a fence is longer than any that a name could hold."""
    yield from (f"\n{head}:\n" for _ in steps[:1])
    for each in steps:
        told = words(each.words or "")
        yield f"\n{told}\n" if told else ""
        if each.command:
            command = printable(each.command)
            longest = max(map(len, re.findall("`+", command)), default=0)
            fence = "`" * max(3, longest + 1)
            yield f"\n{fence}sh\n{command}\n{fence}\n"
