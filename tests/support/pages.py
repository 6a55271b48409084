"""Reading the project's own pages: sections, tables, blocks, links."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
MANUAL = sorted((ROOT / "docs").rglob("*.md"))
PAGES = sorted([*ROOT.glob("*.md"), *MANUAL, ROOT / "examples" / "README.md"])


def text_of(page):
    return (ROOT / page).read_text(encoding="utf-8")


def sections(page):
    """The text under each heading, by the heading without its backticks."""
    parts = re.split(r"^#{1,4} (.+)$", _without_blocks(text_of(page)), flags=re.MULTILINE)
    return {title.replace("`", ""): body for title, body in zip(parts[1::2], parts[2::2], strict=True)}


def tables(text):
    """The tables of a text, each a list of rows of cells, without heads and rules."""
    found, rows = [], []
    for line in [*text.splitlines(), ""]:
        if line.startswith("|"):
            rows.append([cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip("|"))])
        elif rows:
            found.append(rows[2:])
            rows = []
    return found


def rows(text):
    """All rows of all tables of a text."""
    return [row for table in tables(text) for row in table]


def words(cell):
    """What stands in backticks."""
    return re.findall(r"`([^`]+)`", cell)


def blocks(page, kind):
    """The fenced blocks of a kind."""
    return re.findall(rf"^```{kind}\n(.*?)^```$", text_of(page), flags=re.MULTILINE | re.DOTALL)


def typed(page):
    """The command lines of a page's console blocks, as they are typed."""
    lines = [line for block in blocks(page, "console") for line in block.splitlines()]
    return [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]


def anchors(page):
    """The places in a page that a link can name."""
    titles = re.findall(r"^#{1,6} (.+)$", _without_blocks(text_of(page)), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def links(page):
    """The relative links of a page: target and anchor."""
    targets = re.findall(r"\]\(([^)\s]+)\)", _without_blocks(text_of(page)))
    return [target.partition("#")[::2] for target in targets if "://" not in target]


def _without_blocks(text):
    return re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
