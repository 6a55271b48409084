"""A real browser: the system's Chromium, with pages from disk and nothing from a network."""

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from earmark.reports.html import render
from support.shown import WIDE, Shown

NAMES = ("chromium", "chromium-browser", "google-chrome")
PLACES = [found for name in NAMES if (found := shutil.which(name))]
ARGUMENTS = [
    "--no-sandbox",  # CI and containers run as root
    "--disable-gpu",
    "--disable-dev-shm-usage",  # small in containers
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NEEDED = os.environ.get("EARMARK_NEEDS_BROWSER")  # read before the tests' environment is made bare
MISSING = f"no Chromium here: install `chromium` to see the HTML report in it (tried: {', '.join(NAMES)})"


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for all."""
    if not PLACES:
        (pytest.fail if NEEDED else pytest.skip)(MISSING)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=PLACES[0], args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def usual(chromium) -> Iterator[BrowserContext]:
    """A window as most people have it; what needs another opens one for itself."""
    with chromium.new_context(viewport=WIDE) as context:
        yield context


@pytest.fixture
def show(chromium, usual, tmp_path):
    """Opens a report that was written to a file: `show(report, "#q=ep", size=PHONE, **context)`."""
    with ExitStack() as stack:

        def open_one(report, hash_="", *, size=WIDE, scripts=True, **rest) -> Shown:
            path = tmp_path / "report.html"
            path.write_text("".join(render(report, tmp_path)), encoding="utf-8")
            context = usual
            if rest or size != WIDE or not scripts:
                context = stack.enter_context(
                    chromium.new_context(viewport=size, java_script_enabled=scripts, **rest)
                )
            shown = Shown(stack.enter_context(context.new_page()), path)
            shown.watch()
            shown.page.goto(f"{path.as_uri()}{hash_}")
            if scripts:
                shown.page.wait_for_selector("html[data-ready]", state="attached")
            return shown

        yield open_one
