"""The report as one HTML file that needs nothing else: no network, no other file, no JavaScript to be read.

The frame is a Jinja template in `page/`; the table and the charts are drawn from columns of JSON in it. What
the page may do stands in its own policy: its scripts and styles by their digests, local sound, nothing else.
"""

from base64 import b64encode
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from earmark.reports.columns import bought
from earmark.reports.document import Item, Report
from earmark.reports.html_data import MOST, clipped, columns, inert, listed, moments, sums
from earmark.reports.html_links import address, labels, relative
from earmark.reports.html_words import bar, below, cap_of, facts, lead, limit
from earmark.reports.texts import near
from earmark.screens.money import amount, both, credits_
from earmark.screens.words import clock, long, size, some
from earmark.terminal import printable
from manifests.catalogue import Currency
from manifests.money import show

if TYPE_CHECKING:
    from jinja2 import Environment

PAGE = Path(__file__).parent / "page"
STYLES = ("theme.css", "page.css", "table.css")
SCRIPTS = ("words.js", "data.js", "table.js", "rows.js", "charts.js", "page.js")
CHARTS = "vendor/chart.umd.min.js"

PLAIN = 200
"""Items that are in the page's own text, to be read without JavaScript."""

PIECE = 64
"""Parts of the template that are put together before they are written."""


def render(report: Report, place: Path, most: int = MOST) -> Iterator[str]:
    """The page, piece by piece; links to results are relative to the folder that it will lie in."""
    first = lead(report)
    items, money = listed(report.items, most), cap_of(report)
    script = f'(() => {{\n"use strict";\n{_together(SCRIPTS)}\n}})();'
    parts = {"style": _together(STYLES), "script": script, "charts": _charts()}
    stream = (
        _environment()
        .get_template("report.html")
        .stream(
            report=report,
            manifest=near(report.manifest or "", place),
            output=near(report.output or "", place),
            items=items[:PLAIN],
            count=len(report.items),
            listed=len(items),
            data=inert(_data(report, items, place)),
            policy=_policy(**parts),
            results=lambda item: _results(item, place),
            lead=first,
            below=below(report, first),
            amounts=money,
            bar=[] if money is None else bar(money),
            limit=None if money is None else limit(money),
            facts=facts(report),
            bought=bought(report),
            **parts,
        )
    )
    stream.enable_buffering(PIECE)
    return iter(stream)


def _data(report: Report, items: list[Item], folder: Path) -> dict[str, Any]:
    return {
        "count": len(report.items),
        "listed": len(items),
        "plan": not bought(report),
        "cap": None if report.amounts is None else report.amounts.cap,
        "items": columns(items, folder),
        "services": sums(report.services),
        "folders": sums(report.folders),
        "timeline": moments(report.timeline),
    }


def _results(item: Item, folder: Path) -> Iterator[tuple[str, str]]:
    """Address and name of each result; no address where the path is not known."""
    for result, name in zip(item.results, labels(item.results, item.file), strict=True):
        path = relative(result, folder)
        yield address(path) if path else "", name


def _policy(style: str, script: str, charts: str) -> str:
    """What the page may do, as its Content-Security-Policy."""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {_digest(charts)} {_digest(script)}",
            f"style-src {_digest(style)}",
            "img-src data:",
            "media-src 'self' file:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def _digest(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


@cache
def _together(names: tuple[str, ...]) -> str:
    return "\n".join((PAGE / name).read_text(encoding="utf-8") for name in names)


@cache
def _charts() -> str:
    """The library, without its last line: it names a file that a page of one file has not."""
    text = (PAGE / CHARTS).read_text(encoding="utf-8")
    return text.partition("//# sourceMappingURL=")[0]


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # 60 ms that other commands do not pay

    environment = Environment(
        loader=FileSystemLoader(PAGE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "amount": amount,
        "both": both,
        "clipped": clipped,
        "clock": clock,
        "credits": credits_,
        "instant": instant,
        "long": long,
        "seen": printable,
        "show": show,
        "signed": signed,
        "size": size,
        "some": some,
    }
    return environment


def instant(at: str) -> str:
    """A time as documents have it, for people: `2026-11-30 10:06:40 UTC`."""
    return printable(at).replace("T", " ", 1).replace("Z", " UTC")


def signed(count: int, currency: Currency = "cents") -> str:
    """A difference: `+$0.02`, `-$0.01`, `$0.00`, `+1 credit`."""
    return f"{'+' if count > 0 else ''}{amount(count, currency)}"
