"""The HTML report as a person sees it in a browser, opened from disk."""

import re
from pathlib import Path

import pytest
from msgspec.structs import replace

from support.bench import wav
from support.made_reports import gate, item, made, of, planned
from support.shown import PHONE, WIDE, Show

pytestmark = pytest.mark.browser

AXE = (Path(__file__).parent / "vendor/axe.min.js").read_text(encoding="utf-8")
FOUND = """
  axe.run(document, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  }).then(({ violations }) => violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.target.join(' ')}: ${node.failureSummary}`)))
"""
"""What keeps somebody out, by the rules of WCAG 2.2 AA and of good practice."""

HOSTILE = [
    "</script><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "<svg onload=alert(1)>",
    "javascript:alert(1)",
    "<!--<script>",
    "' onclick='alert(1)' x='",
    "gpj\u202e3pm",
    "a\nb\x1b[2J\x00\u2028",
    "x" * 300,
    "{{constructor.constructor('alert(1)')()}}",
]


DARK = """document.documentElement.dataset.theme === 'dark'
  && document.querySelector('[data-theme-to=dark]').ariaPressed === 'true'"""


def test_it_asks_for_nothing_but_itself_and_says_nothing(show: Show):
    shown = show(made(60))
    shown.page.mouse.wheel(0, 9000)
    shown.page.wait_for_timeout(50)
    assert shown.requests in ([shown.path.as_uri()], [shown.path.as_uri(), "data:,"])
    assert shown.complaints == []


def test_it_begins_with_the_sentence_and_the_bar(show: Show):
    shown = show(made(40))
    assert shown.text("h1") == "36 of 40 items done, $34.13 of $43.00 spent"
    assert shown.page.title() == "36 of 40 items done, $34.13 of $43.00 spent · manifest.yaml"
    bar, spent = (shown.page.locator(each).bounding_box() for each in (".bar", ".bar .spent"))
    assert spent["width"] / bar["width"] == pytest.approx(34.13 / 43, abs=0.01)
    assert "Left\n$8.87" in shown.text(".legend")


def test_each_chart_is_drawn_and_told_in_words_and_figures(show: Show):
    shown = show(made(60))
    for name in ("services", "folders", "drift", "time"):
        colours = shown.plain(
            f"""new Set(new Uint32Array(document.getElementById('c-{name}').getContext('2d')
              .getImageData(0, 0, 600, 300).data.buffer)).size"""
        )
        assert colours > 10
        assert len(shown.page.get_attribute(f"#c-{name}", "aria-label")) > 30
        assert shown.page.locator(f"#f-{name} table").count() == 1


def test_the_words_of_the_charts_have_the_figures(show: Show):
    report = made(60)
    shown = show(report)
    first = report.services[0]
    assert f"{first.name} ${first.expected / 100:,.2f}" in shown.page.get_attribute(
        "#c-services", "aria-label"
    )
    assert f"{report.timeline[-1].done} items done" in shown.page.get_attribute("#c-time", "aria-label")


def test_without_a_script_it_is_read(show: Show):
    shown = show(made(300), scripts=False)
    assert shown.page.is_visible("h1")
    assert shown.page.is_visible(".bar")
    assert shown.page.locator("#rows tr").count() == 200
    assert shown.text("#count").startswith("300 items; here are the first 200.")
    assert not shown.page.is_visible(".filters")
    assert not shown.page.is_visible(".copy >> nth=0")
    assert not shown.page.is_visible("#c-services")
    shown.page.click("#f-services summary")
    assert "stems:six" in shown.text("#f-services table")


@pytest.mark.parametrize(("size", "theme"), [(WIDE, "light"), (WIDE, "dark"), (PHONE, "dark")])
def test_nobody_is_kept_out(show: Show, theme, size, tmp_path):
    lines = list(made(14, str(tmp_path / "results"), seed=3).items)
    lines.append(item("x.mp3", fate="in doubt", charged=None, held=11, reason="lost"))
    shown = show(of(lines), "#sort=-charged", size=size, color_scheme=theme, reduced_motion="reduce")
    shown.page.click(".more >> nth=0")
    shown.page.click("#f-services summary")
    shown.plain(AXE)
    found = shown.plain(FOUND)
    assert found == []
    assert shown.plain("document.documentElement.scrollWidth") == size["width"]


def test_the_colours_are_chosen_and_remembered(show: Show):
    shown = show(made(10), color_scheme="light")
    ground = "getComputedStyle(document.body).backgroundColor"
    chart = "document.getElementById('c-services').toDataURL()"
    light, drawn = shown.plain(ground), shown.plain(chart)
    shown.page.click("[data-theme-to=dark]")
    assert shown.plain(ground) != light
    assert shown.plain(chart) != drawn
    other = shown.beside()  # what it shows was kept: a browser keeps a choice when it gets to it
    other.until(DARK)
    shown.page.reload()
    shown.page.wait_for_selector("html[data-ready]", state="attached")
    shown.until(DARK)
    assert shown.plain(ground) != light
    shown.page.click("[data-theme-to=auto]")
    assert shown.plain(ground) == light


def test_two_windows_wear_the_same_colours(show: Show):
    shown = show(made(10), color_scheme="light")
    other = shown.beside()
    other.page.click("[data-theme-to=dark]")
    shown.until(DARK)
    shown.page.click("[data-theme-to=auto]")
    other.until(f"!({DARK})")
    assert other.complaints == shown.complaints == []


def test_the_next_command_is_copied(show: Show):
    shown = show(made(10), permissions=["clipboard-read", "clipboard-write"])
    shown.page.click(".path li:nth-child(2) .copy")
    shown.until("document.getElementById('copied').textContent")
    assert shown.text(".path li:nth-child(2) .copy") == "Copied"
    assert shown.plain("navigator.clipboard.readText()") == "run manifest.yaml --max-spend 50"


def test_a_long_command_is_seen_whole(show: Show):
    report = made(40)
    on = replace(report.next.path[0], command=f"run {'long-name-of-a-manifest/' * 9}m.yaml --max-spend 50")
    shown = show(replace(report, next=replace(report.next, path=(on,), others=(on,))))
    for size in (WIDE, PHONE):
        shown.page.set_viewport_size(size)
        assert shown.plain("""[...document.querySelectorAll('.next .command code')].length""") == 2
        assert shown.plain(
            """[...document.querySelectorAll('.next .command code')].every(
              (code) => code.scrollWidth <= code.clientWidth
                && code.getBoundingClientRect().right <= innerWidth)"""
        )


def test_it_prints_all_that_is_chosen_on_white(show: Show):
    shown = show(made(300), color_scheme="dark")
    shown.page.emulate_media(media="print", color_scheme="dark")
    shown.plain("dispatchEvent(new Event('beforeprint'))")
    assert len(shown.rows) == 300
    assert not shown.page.is_visible(".filters")
    assert shown.plain("getComputedStyle(document.documentElement).colorScheme") == "light"
    shown.plain("dispatchEvent(new Event('afterprint'))")
    assert len(shown.rows) == 100
    assert shown.plain("getComputedStyle(document.documentElement).colorScheme") == "light dark"


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_hostile_names_are_only_texts(show: Show, scripts, tmp_path):
    lines = [
        item(
            f"{name}.mp3", service=name, fate="failed", reason=name, job_id=name, state=name, grade=name,
            results=[f"{tmp_path}/results/{name}.srt", f"{tmp_path}/results/{name}.wav"],
        )
        for name in HOSTILE
    ]  # fmt: skip
    report = of(
        lines, manifest=HOSTILE[0], sentence=HOSTILE[1], notes=HOSTILE, root=HOSTILE[2], id=HOSTILE[5]
    )
    shown = show(report, scripts=scripts)
    if scripts:
        for button in shown.page.locator(".more").all():
            button.click()
        shown.page.fill("#q", "<img")
        assert len(shown.rows) == 1
        assert (
            shown.plain(
                "document.querySelectorAll('img, #rows script, [onerror], [onload], [onclick]').length"
            )
            == 0
        )
    targets = (
        shown.page.locator("a").evaluate_all("(all) => all.map((each) => each.protocol)") if scripts else []
    )
    assert set(targets) <= {"file:"}
    assert [each for each in shown.requests if each not in (shown.path.as_uri(), "data:,")] == []
    assert shown.complaints == []


def test_a_policy_keeps_what_is_foreign_out(show: Show):
    shown = show(made(3))
    tried = shown.plain(
        """async () => {
          const script = document.createElement('script');
          script.textContent = 'window.foreign = true';
          document.body.append(script);
          const fetched = await fetch(location.href).then(() => 'yes', () => 'no');
          return [window.foreign ?? false, fetched];
        }"""
    )
    assert tried == [False, "no"]
    assert len(shown.complaints) >= 2  # the browser says so
    assert all(re.search("Content Security Policy|Fetch API|violates", each) for each in shown.complaints)


def test_results_open_and_play_one_at_a_time(show: Show, tmp_path):
    for name in ("a/vocals", "a/drums", "b"):
        wav(tmp_path / f"results/{name}.wav", seconds=30)
    (tmp_path / "results/a.json").write_text("{}")
    results = [str(tmp_path / f"results/{name}") for name in ("a/vocals.wav", "a/drums.wav", "a.json")]
    report = of([item("a.mp3", results=results), item("b.mp3", results=[str(tmp_path / "results/b.wav")])])
    shown = show(report)
    assert shown.page.locator("audio").count() == 0  # nothing is read before it is asked for
    shown.page.click(".listen >> nth=0")
    players = "[...document.querySelectorAll('audio')]"
    playing = f"{players}.map((each) => !each.paused && each.currentTime > 0)"
    shown.until(f"{playing}[0]")
    assert shown.plain("document.querySelector('audio').duration") == pytest.approx(30)
    shown.page.click(".listen >> nth=1")
    shown.until(f"{playing}[2]")
    assert shown.plain(playing) == [False, False, True]
    shown.page.click(".listen >> nth=1")
    shown.until(f"{players}.every((each) => each.paused)")
    assert [each for each in shown.complaints if "Policy" in each] == []
    shown.page.click("a:text-is('json')")
    shown.page.wait_for_url("**/results/a.json")


def test_a_plan_is_shown_as_one(show: Show):
    shown = show(
        of(
            [item(f"talks/{number}.mp3", fate="waiting", charged=None, since=None) for number in range(5)],
            made_by="plan",
            drift=[],
            timeline=[],
            effort=None,
            planned=planned(gate=gate()),
        )
    )
    assert shown.text("h1") == "5 items to buy for $0.50, at most $0.55"
    assert shown.page.locator("canvas").count() == 2
    assert shown.count == "5 items, $0.50 planned"
    assert not shown.page.is_visible("th[data-key=charged]")
    assert "11 pairs" in shown.text(".advice")
    assert "no total in it" in shown.text("main")
    assert shown.complaints == []


def test_a_chart_of_nothing_is_not_drawn(show: Show):
    shown = show(of([item(fate="waiting", expected=0, ceiling=0, charged=None, shared=True)], made_by="plan"))
    assert not shown.page.is_visible("#c-services")
    assert shown.page.is_visible("#f-services summary")
    assert shown.complaints == []


def test_nothing_at_all_is_shown_too(show: Show):
    nothing = {"fates": [], "services": [], "folders": [], "drift": [], "timeline": []}
    shown = show(of([], **nothing, planned=None, amounts=None, sentence="no.yaml: no such file"))
    assert shown.text("h1") == "no.yaml: no such file"
    assert not shown.page.is_visible("table")
    shown.plain("dispatchEvent(new Event('beforeprint')); dispatchEvent(new Event('afterprint'))")
    assert shown.complaints == []


def test_what_is_chosen_is_seen_where_the_system_sets_all_colours(show: Show):
    shown = show(made(40), "#fate=failed", forced_colors="active")
    style = "getComputedStyle(document.querySelector('button[data-fate={}]')).outlineStyle"
    assert shown.plain(style.format("failed")) == "solid"
    assert shown.plain(style.format("saved")) == "none"
