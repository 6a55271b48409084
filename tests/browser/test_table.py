"""The table of items: filtered, sorted, turned and shared, by mouse and by keyboard."""

import pytest

from earmark.terminal import printable
from support.made_reports import item, made, of
from support.shown import PHONE, Show

pytestmark = pytest.mark.browser

LINES = [
    item("talks/ep10.mp3", ms=60_000, expected=1, charged=1),
    item("talks/ep9.mp3", ms=0, expected=9, charged=None, fate="failed", reason="no speech found"),
    item("songs/a.mp3", service="stems:six", ms=120_000, expected=20, charged=22, job_id="815"),
    item("songs/b.mp3", service="stems:six", ms=30_000, expected=5, charged=None, fate="waiting"),
    item("talks/ep11.mp3", ms=90_000, expected=2, charged=1),
]


def test_what_failed_comes_first(show: Show):
    shown = show(of(LINES))
    assert shown.rows == ["talks/ep9.mp3", "songs/b.mp3", "talks/ep10.mp3", "songs/a.mp3", "talks/ep11.mp3"]
    assert shown.count == "5 items, $0.24 charged"
    assert shown.text(".reason") == "no speech found"
    assert shown.complaints == []


def test_a_text_finds_names_reasons_and_jobs(show: Show):
    shown = show(of(LINES))
    for text, found in {"TALKS ep1": 2, "no speech": 1, "815": 1, "stems": 2, "nothing like it": 0}.items():
        shown.page.fill("#q", text)
        assert len(shown.rows) == found, text
        assert shown.count.startswith(f"{found} of 5 items")
    assert shown.text("#rows") == "No item is like that."


def test_fates_and_services_are_chosen_together(show: Show):
    shown = show(of(LINES))
    shown.page.click("button[data-fate=failed]")
    shown.page.click("button[data-fate=waiting]")
    assert shown.rows == ["talks/ep9.mp3", "songs/b.mp3"]
    shown.page.select_option("#service", "stems:six")
    assert shown.rows == ["songs/b.mp3"]
    assert shown.hash == "#fate=failed%2Cwaiting&service=stems%3Asix"
    shown.page.click("#reset")
    assert len(shown.rows) == 5
    assert shown.hash == ""
    assert shown.focused == "q"


def test_a_heading_sorts_and_what_has_no_figure_comes_last(show: Show):
    wanted = {
        "Item": ["songs/a.mp3", "songs/b.mp3", "talks/ep9.mp3", "talks/ep10.mp3", "talks/ep11.mp3"],
        "Length": ["songs/a.mp3", "talks/ep11.mp3", "talks/ep10.mp3", "songs/b.mp3", "talks/ep9.mp3"],
        "Planned": ["songs/a.mp3", "talks/ep9.mp3", "songs/b.mp3", "talks/ep11.mp3", "talks/ep10.mp3"],
        "Drift": ["songs/a.mp3", "talks/ep10.mp3", "talks/ep11.mp3", "talks/ep9.mp3", "songs/b.mp3"],
    }
    shown = show(of(LINES))
    for head, rows in wanted.items():
        button, sort = f"th button:text-is('{head}')", shown.page.locator("th[aria-sort]")
        shown.page.click(button)
        assert shown.rows == rows
        assert sort.count() == 1
        assert sort.inner_text().strip().startswith(head)
        one = sort.get_attribute("aria-sort")
        shown.page.click(button)
        assert {one, sort.get_attribute("aria-sort")} == {"ascending", "descending"}
        shown.page.click(button)
        assert sort.count() == 0
        assert shown.rows[0] == "talks/ep9.mp3"


def test_the_address_keeps_the_state_and_back_undoes_a_step(show: Show):
    shown = show(of(LINES))
    shown.page.click("button[data-fate=saved]")
    shown.page.click("th button:text-is('Item')")
    shown.page.fill("#q", "ta")
    shown.page.fill("#q", "talks")
    wanted = ["talks/ep10.mp3", "talks/ep11.mp3"]
    assert (shown.rows, shown.hash) == (wanted, "#q=talks&fate=saved&sort=file")
    shown.page.reload()
    assert shown.rows == wanted
    shown.page.go_back()
    assert (len(shown.rows), shown.page.input_value("#q")) == (3, "")
    shown.page.go_back()
    assert shown.page.locator("th[aria-sort]").count() == 0
    shown.page.go_forward()
    assert shown.hash == "#fate=saved&sort=file"


def test_an_address_that_somebody_sent_opens_as_it_was_or_does_no_harm(show: Show):
    shown = show(of(LINES), "#q=songs&sort=-expected")
    assert shown.rows == ["songs/a.mp3", "songs/b.mp3"]
    everything = len(LINES)
    for given, rows in {
        "#fate=failed,unheard-of&service=none&sort=evil&page=77": 1,
        "#q=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E": 0,
        "#page=-3": everything,
        "#%E0%A4%A": everything,
        "#q=%E0%A4%A": 0,
        "#items": everything,
    }.items():
        shown.page.goto("about:blank")
        shown.page.goto(f"{shown.path.as_uri()}{given}")
        shown.page.wait_for_selector("html[data-ready]", state="attached")
        assert len(shown.rows) == rows, given
    assert shown.complaints == []


def test_it_is_used_without_a_mouse(show: Show):
    shown = show(of(LINES))
    shown.press("/")
    assert shown.focused == "q"
    shown.page.keyboard.type("songs")
    assert len(shown.rows) == 2
    shown.press("Escape")
    assert (len(shown.rows), shown.page.input_value("#q")) == (5, "")
    shown.page.keyboard.type("a/b")  # a slash in the field is only a slash
    assert shown.page.input_value("#q") == "a/b"
    shown.press("Escape")
    shown.page.focus("th[data-key=file] button")
    shown.press("ArrowRight", "ArrowRight", "ArrowRight")
    assert shown.focused == "Length"
    shown.press("Enter")
    assert shown.rows[0] == "songs/a.mp3"
    shown.press("Home")
    assert shown.focused == "Item"
    shown.page.focus("#rows .more")
    shown.press("ArrowDown", "Enter")
    assert shown.focused == "Details of talks/ep11.mp3"
    assert shown.page.locator(".detail").count() == 1
    assert shown.page.get_attribute("#rows tr:nth-child(2) .more", "aria-expanded") == "true"
    shown.press("Enter")
    assert shown.page.locator(".detail").count() == 0


def test_details_tell_what_is_in_no_column(show: Show):
    one = item(
        "a.mp3", fate="in doubt", state="in_doubt", reason="lost at 7", charged=None, ceiling=12, held=12,
        tries=2, grade="estimated", job_id="", bytes=2_500_000, ms=61_001,
    )  # fmt: skip
    two = item("b.mp3", paid_before=True, expected=0, ceiling=0, charged=0, saved=31)
    shown = show(of([one, two]))
    for button in shown.page.locator(".more").all():
        button.click()
    told = shown.text(".detail >> nth=0")
    for words in ("$0.12", "1:02 (estimated)", "2.5 MB", "in_doubt", "2026-11-30 07:10:00 UTC", "lost at 7"):
        assert words in told, words
    assert "$0.31: paid before" in shown.text(".detail >> nth=1")
    assert "$0.12 held" in shown.column("Charged")


def test_credits_are_never_shown_as_dollars(show: Show):
    shown = show(of([item(currency="credits", expected=1320, charged=1321), item("b.mp3", charged=1)]))
    assert shown.column("Planned") == ["1,320 credits", "$0.10"]
    assert shown.column("Drift") == ["+1 credit", "-$0.09"]
    assert shown.count == "2 items, $0.01 and 1,321 credits charged"


def test_ten_thousand_items_are_turned_a_hundred_at_a_time(show: Show):
    shown = show(made(10_000))
    assert len(shown.rows) == 100
    assert shown.text("#where") == "1 to 100 of 10,000"
    shown.page.click("#after")
    assert (shown.hash, shown.focused, shown.text("#where")) == ("#page=2", "items", "101 to 200 of 10,000")
    shown.page.click("th button:text-is('Charged')")
    assert shown.hash == "#sort=-charged"
    assert [float(each[1:]) for each in shown.column("Charged")] == sorted(
        (float(each[1:]) for each in shown.column("Charged")), reverse=True
    )
    shown.page.fill("#q", "episode 09999")
    assert shown.rows == ["songs/harbour/show 024/episode 09999.mp3"]
    assert not shown.page.is_visible(".pages")
    assert shown.complaints == []


def test_every_name_arrives_as_it_was(show: Show):
    names = [
        f"{folder}/{name}.mp3"
        for folder in ("a", "\N{PARTY POPPER}", "\N{PARTY POPPER}\N{PARTY POPPER}", "שלום", "a b%20c", "x.y")
        for name in ("1", "\N{HAMMER}", "ü", "u\u0308", "\u200d", "#?&", "ep.1", "")
    ]
    results = {name: [f"/r/{name.removesuffix('.mp3')}.srt"] for name in names}
    shown = show(of([item(name, results=results[name]) for name in names]))
    assert shown.rows == [printable(name) for name in names]
    links = shown.plain(
        "[...document.querySelectorAll('#rows .results a')]"
        ".map((a) => decodeURIComponent(new URL(a.href).pathname))"
    )
    assert links == [results[name][0] for name in names]


def test_a_phone_has_all_of_it_and_nothing_sticks_out(show: Show):
    long = item("very/" + "l" * 280 + "ong.mp3", reason="x" * 300, fate="failed", results=["/r/" + "y" * 200])
    shown = show(of([long, *LINES]), size=PHONE)
    shown.page.click(".more >> nth=0")
    assert shown.plain("document.documentElement.scrollWidth") == PHONE["width"]
    shown.page.click("th button:text-is('Planned')")
    assert shown.rows[0] == "songs/a.mp3"
    assert shown.page.is_visible("#rows tr:nth-child(1) .figure")
