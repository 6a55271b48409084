"""The pictures of the README: small, described, of themselves alone, and of what is printed today."""

import html
import re

import pytest

from support import pages, shelves
from support.bench import Bench

PICTURES = sorted((pages.ROOT / "docs" / "pictures").iterdir())
LARGEST = 150_000
MAKE = "other than it is printed: make pictures"


def test_every_picture_is_shown_and_described():
    shown = re.findall(
        r'<(?:img src|source media="[^"]+" srcset)="docs/pictures/([^"]+)"', pages.text_of("README.md")
    )
    assert sorted(shown) == [path.name for path in PICTURES]
    assert all(len(alt) > 40 for alt in re.findall(r'<img [^>]*alt="([^"]*)"', pages.text_of("README.md")))
    assert pages.text_of("README.md").count("<img ") == len(PICTURES) / 2


@pytest.mark.parametrize("path", PICTURES, ids=lambda path: path.name)
def test_a_picture_is_small_and_needs_nothing_else(path):
    data = path.read_bytes()
    assert len(data) < LARGEST
    if path.suffix == ".svg":
        text = data.decode().replace('xmlns="http://www.w3.org/2000/svg"', "")
        assert not re.search(r"https?:|<script|@import", text)


@pytest.mark.parametrize(
    "path", [path for path in PICTURES if path.suffix == ".svg"], ids=lambda path: path.name
)
def test_the_plan_is_drawn_as_it_is_printed(path, tmp_path, served):
    typed, *drawn = rows(path.read_text(encoding="utf-8"))
    shelves.podcasts(tmp_path)
    bench = Bench(tmp_path, served)
    ended = bench.do(*typed.removeprefix("$ ").split(), COLUMNS="118")
    assert [squeezed(line) for line in drawn] == [squeezed(line) for line in ended.out.splitlines()], MAKE


def squeezed(line):
    return " ".join(line.split())


def rows(svg):
    """The lines of a drawn screen: its words by their height, from left to right."""
    found = {}
    for x, y, words in re.findall(r'<text [^>]*?x="([\d.]+)" y="([\d.]+)"[^>]*>([^<]*)</text>', svg):
        found.setdefault(float(y), []).append((float(x), html.unescape(words)))
    return ["".join(words for _, words in sorted(found[y])).replace("\xa0", " ") for y in sorted(found)]
