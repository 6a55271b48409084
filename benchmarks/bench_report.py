"""The HTML report of ten thousand items: made, opened in a real Chromium, and filtered.

Beside it a page that has the same items as a plain table, and nothing that filters them.
"""

import html
import shutil
from pathlib import Path

import pytest

from earmark.reports.document import Report
from earmark.reports.html import render
from support.made_reports import made

ITEMS = 10_000
ROUNDS = 5
NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
READY = "document.documentElement.dataset.ready !== undefined"


@pytest.fixture(scope="module")
def report(scaled) -> Report:
    return made(scaled(ITEMS))


@pytest.fixture(scope="module")
def page():
    """A tab of the system's Chromium."""
    place = next((found for name in NAMES if (found := shutil.which(name))), None)
    if place is None:
        pytest.skip("no Chromium here")
    sync = pytest.importorskip("playwright.sync_api")
    with (
        sync.sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=place, args=ARGUMENTS) as browser,
    ):
        yield browser.new_page()


def plain(report: Report) -> str:
    """The same items as nothing but a table."""
    rows = (
        (each.file, each.service, each.fate, each.ms, each.expected, each.charged, *each.results)
        for each in report.items
    )
    cells = ("".join(f"<td>{html.escape(str(cell))}" for cell in row) for row in rows)
    return "<!doctype html><table>" + "\n".join(f"<tr>{row}" for row in cells) + "</table>"


def opened(page, path: Path) -> None:
    """From the address to the first picture of a page that is ready."""
    page.goto(path.as_uri())
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")


def test_made(benchmark, report):
    count = len(report.items)
    benchmark.group = f"HTML report of {count:,} items: made"
    text = benchmark(lambda: "".join(render(report, Path("/home/me"))))
    benchmark.extra_info.update(
        who="earmark",
        goal="under 2 MB",
        limit="columns of JSON: what repeats, and what begins alike, taken out",
        kb=len(text.encode()) // 1000,
    )


def test_made_beside_a_plain_table(benchmark, report):
    benchmark.group = f"HTML report of {len(report.items):,} items: made"
    text = benchmark(plain, report)
    benchmark.extra_info.update(who="a plain table", kb=len(text.encode()) // 1000)


def test_opened(benchmark, report, page, tmp_path):
    path = tmp_path / "report.html"
    path.write_text("".join(render(report, tmp_path)), encoding="utf-8")
    benchmark.group = f"HTML report of {len(report.items):,} items: opened"
    benchmark.pedantic(opened, args=(page, path), rounds=ROUNDS, iterations=1, warmup_rounds=1)
    assert page.evaluate(READY)
    assert page.locator("#rows tr").count() == min(100, len(report.items))
    benchmark.extra_info.update(
        who="earmark", goal="first picture, table and charts under 2 s", limit="drawing the charts"
    )


def test_opened_beside_a_plain_table(benchmark, report, page, tmp_path):
    path = tmp_path / "plain.html"
    path.write_text(plain(report), encoding="utf-8")
    benchmark.group = f"HTML report of {len(report.items):,} items: opened"
    benchmark.extra_info.update(who="a plain table")
    benchmark.pedantic(opened, args=(page, path), rounds=ROUNDS, iterations=1, warmup_rounds=1)


def test_filtered(benchmark, report, page, tmp_path):
    path = tmp_path / "report.html"
    path.write_text("".join(render(report, tmp_path)), encoding="utf-8")
    opened(page, path)
    benchmark.group = f"HTML report of {len(report.items):,} items: filtered by a text and sorted"

    def both() -> None:
        page.evaluate("(hash) => { location.hash = hash; }", "#q=episode&sort=-charged")
        page.wait_for_selector("th[aria-sort]")

    def back() -> None:
        page.evaluate("() => { location.hash = '#q='; }")
        page.wait_for_selector("th[aria-sort]", state="detached")

    benchmark.pedantic(both, setup=back, rounds=ROUNDS, iterations=1)
    benchmark.extra_info.update(who="earmark", limit="comparing every name in the browser's own language")
