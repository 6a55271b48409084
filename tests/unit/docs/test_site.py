"""The manual as a site: it builds strictly, asks no other host for anything, and its links hold."""

import re
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

import pytest
from mkdocs.commands.build import build
from mkdocs.config import load_config

from support import pages

LOADS = {"script": "src", "img": "src", "source": "srcset", "iframe": "src", "audio": "src", "video": "src"}
LOADING_LINKS = (
    "stylesheet",
    "icon",
    "preconnect",
    "preload",
    "prefetch",
    "dns-prefetch",
    "manifest",
    "modulepreload",
)


class Seen(HTMLParser):
    """What a page loads, where its links lead and which places it has."""

    def __init__(self, text):
        super().__init__()
        self.loads, self.links, self.places = [], [], set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        named = dict(attrs)
        self.places.add(named.get("id"))
        self.loads.append(named.get(LOADS.get(tag)))
        if tag == "a":
            self.links.append(named.get("href"))
        if tag == "link" and set((named.get("rel") or "").split()) & set(LOADING_LINKS):
            self.loads.append(named.get("href"))


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The folder of the site, built as `make docs` builds it: a warning is an error."""
    folder = tmp_path_factory.mktemp("site")
    build(load_config(str(pages.ROOT / "mkdocs.yml"), site_dir=str(folder), strict=True))
    return folder


@pytest.fixture(scope="module")
def seen(site):
    return {path: Seen(path.read_text(encoding="utf-8")) for path in site.rglob("*.html")}


def test_every_page_of_the_manual_is_in_it(site):
    names = {path.relative_to(site).as_posix() for path in site.rglob("*.html")}
    told = {path.relative_to(pages.ROOT / "docs").with_suffix(".html").as_posix() for path in pages.MANUAL}
    assert told | {"index.html", "CHANGELOG.html", "CONTRIBUTING.html"} <= names


def test_no_page_loads_anything_from_elsewhere(seen):
    loads = {each for page in seen.values() for each in page.loads if each}
    assert loads
    assert [each for each in loads if urlsplit(each).scheme or each.startswith("//")] == []


def test_no_style_loads_anything_from_elsewhere(site):
    for path in site.rglob("*.css"):
        named = re.findall(r"(?:@import\s+|url\()[\"']?([^\"')]+)", path.read_text(encoding="utf-8"))
        assert [each for each in named if not each.startswith(("data:", "#", "../", "./"))] == [], path.name


def leads_nowhere(path, target, seen):
    """Whether a page's link within the site has no page, file or place to lead to."""
    parts = urlsplit(target)
    place = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if not place.exists():
        return True
    return bool(parts.fragment) and place in seen and unquote(parts.fragment) not in seen[place].places


def test_everything_that_pages_load_or_link_to_is_there(seen):
    missing = [
        (path.name, target)
        for path, page in seen.items()
        if path.name != "404.html"  # its links are meant for a server
        for target in filter(None, [*page.loads, *page.links])
        if not urlsplit(target).scheme and leads_nowhere(path, target, seen)
    ]
    assert missing == []


def test_the_search_is_there_without_a_server(site):
    index = (site / "search" / "search_index.js").read_text(encoding="utf-8")
    assert index.startswith("var __index = ")
    assert "max-unsaved" in index
