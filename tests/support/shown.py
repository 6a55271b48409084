"""A page in a browser, and what went on in it."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
PATIENCE = 15_000
"""Milliseconds until something that should be there at once fails the test."""

Show = Callable[..., "Shown"]


@dataclass
class Shown:
    """A page that is open; `requests` are the addresses that it asked for, `complaints` what it said."""

    page: Page
    path: Path
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def watch(self) -> None:
        """Note what happens from now on."""
        self.page.set_default_timeout(PATIENCE)
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("dialog", lambda dialog: (self.complaints.append(dialog.message), dialog.dismiss()))

    def beside(self) -> "Shown":
        """The same report in a second tab of the same window."""
        other = Shown(self.page.context.new_page(), self.path)
        other.watch()
        other.page.goto(self.path.as_uri())
        other.page.wait_for_selector("html[data-ready]", state="attached")
        return other

    @property
    def rows(self) -> list[str]:
        """The names of the items that are shown."""
        found: list[str] = self.page.evaluate(
            "[...document.querySelectorAll('#rows .entry > div')].map("
            "(each) => [...each.querySelectorAll(':scope > bdi')].map((part) => part.textContent).join(''))"
        )
        return found

    @property
    def hash(self) -> str:
        """What of the address stands behind the `#`."""
        return str(self.page.evaluate("location.hash"))

    @property
    def count(self) -> str:
        """What the page says of how many items are shown."""
        return self.text("#count")

    def text(self, selector: str) -> str:
        """The text of an element."""
        return self.page.locator(selector).first.inner_text()

    def column(self, name: str) -> list[str]:
        """A column of the table, by its heading."""
        found: list[str] = self.page.evaluate(
            """(name) => {
              const heads = [...document.querySelectorAll('.items thead th')];
              const at = heads.findIndex((th) => th.textContent === name);
              const rows = [...document.querySelectorAll('#rows tr[data-at]')];
              return rows.map((tr) => tr.children[at].textContent);
            }""",
            name,
        )
        return found

    def press(self, *keys: str) -> None:
        """Press one key after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    @property
    def focused(self) -> str:
        """What has the keyboard: its id, its name for people, or its text."""
        return str(
            self.page.evaluate(
                "(({ id, ariaLabel, textContent }) => id || ariaLabel || textContent)(document.activeElement)"
            )
        )

    def plain(self, expression: str) -> Any:
        """What a script in the page answers."""
        return self.page.evaluate(expression)

    def until(self, expression: str) -> None:
        """Wait until it is so; the browser's own way of waiting is forbidden by the page's policy."""
        ends = time.monotonic() + PATIENCE / 1000
        while not self.page.evaluate(expression):
            assert time.monotonic() < ends, f"never so: {expression}"
            self.page.wait_for_timeout(20)
