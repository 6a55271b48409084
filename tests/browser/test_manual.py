"""The manual, opened from a disk: its search works there, and no page asks another host for anything."""

from contextlib import closing

import pytest
from mkdocs.commands.build import build
from mkdocs.config import load_config

from support import pages

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    folder = tmp_path_factory.mktemp("manual")
    build(load_config(str(pages.ROOT / "mkdocs.yml"), site_dir=str(folder), strict=True))
    return folder / "index.html"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_search_works_from_a_disk_and_nothing_is_asked_for_elsewhere(chromium, first, scheme):
    asked, said = [], []
    with chromium.new_context(color_scheme=scheme) as context, closing(context.new_page()) as page:
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(first.as_uri())
        drawn = page.locator("article img").first
        assert drawn.evaluate("image => image.currentSrc.split('/').pop()") == f"plan-{scheme}.svg"
        assert drawn.evaluate("image => image.naturalWidth") > 0
        page.keyboard.press("/")
        page.keyboard.type("max-unsaved")
        found = page.locator(".md-search-result__item a").first
        found.wait_for()
        found.click()
        page.wait_for_url(lambda url: not url.startswith(first.as_uri()))
        assert page.locator("article h1").count() == 1
    assert said == []
    assert {url.partition(":")[0] for url in asked} <= {"file", "data", "blob", "about"}
