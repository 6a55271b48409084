"""The page as a text: one file, a policy that lets nothing else run, readable without a script."""

import json
import re
import tomllib
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

import pytest
from msgspec.structs import replace

from earmark.reports.html import PAGE, PLAIN, render
from earmark.reports.planned import DidNotFit, Fit, Moved, Room
from support.made_reports import ROW, gate, item, made, of, planned

VENDORS = (PAGE / "vendor", Path(__file__).parents[3] / "browser" / "vendor")
HOSTILE = [
    "</script><script>alert(1)</script>.mp3",
    '"><img src=x onerror=alert(1)>.mp3',
    "<!--<script>.mp3",
    "{{ 7 * 7 }}{% raw %}.mp3",
    "gpj\u202e3pm.exe",
    "a\nb\x1b[2J\x00c.mp3",
    "x" * 300 + ".mp3",
]


class Page(HTMLParser):
    """Elements with their attributes, the text of each script and style, and what is left to read."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.inline: list[tuple[str, str | None, str]] = []
        self.read = ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag in ("script", "style"):
            self.inline.append((tag, dict(attrs).get("type"), ""))

    def handle_data(self, data):
        if self.cdata_elem:
            tag, kind, text = self.inline[-1]
            self.inline[-1] = (tag, kind, text + data)
        else:
            self.read += data

    def data(self) -> dict:
        return json.loads(next(text for _, kind, text in self.inline if kind == "application/json"))

    def policy(self) -> dict[str, list[str]]:
        metas = [each for tag, each in self.elements if tag == "meta"]
        content = next(each["content"] for each in metas if each.get("http-equiv"))
        return {rule.split()[0]: rule.split()[1:] for rule in content.split("; ")}


def page(report, **rest) -> Page:
    return Page("".join(render(report, Path("/home/me"), **rest)))


def test_the_sentence_the_bar_the_sums_and_the_items_are_read_without_a_script():
    shown = page(made(40))
    for words in ("36 of 40 items done", "Of the cap of", "Saved", "stems:six", "What to type next",
                  "run manifest.yaml --max-spend 50", "episode 00001.mp3", "could not decode", "cover.jpg",
                  "unknown length", "11 pairs"):  # fmt: skip
        assert words in shown.read, words
    bar = next(each for tag, each in shown.elements if tag == "svg" and each.get("class") == "bar")
    assert bar["role"] == "img"
    assert re.fullmatch(r"spent \$.*, reserved \$.*, in doubt \$.*, left \$.*", bar["aria-label"])


def test_the_first_items_stand_in_the_page_and_the_rest_in_its_data():
    shown = page(made(300))
    assert sum(each.get("class") == "item" and tag == "th" and each.get("scope") == "row"
               for tag, each in shown.elements) == PLAIN  # fmt: skip
    assert f"here are the first {PLAIN}" in shown.read
    assert len(shown.data()["items"]["ms"]) == 300


def test_it_needs_no_other_file():
    shown = page(made(40))
    sources = [each.get("src") for _, each in shown.elements if each.get("src")]
    links = [each["href"] for _, each in shown.elements if each.get("href")]
    assert sources == []
    assert {link.partition("/")[0] for link in links if not link.startswith("#")} == {"data:,", "results"}
    assert not any(tag == "style" and "url(" in text.replace("url(#", "") for tag, _, text in shown.inline)


def test_its_policy_allows_its_own_scripts_and_style_by_their_digests():
    shown, digests = page(made(3)), {"script": [], "style": []}
    for tag, kind, text in shown.inline:
        if kind is None:
            digests[tag].append(f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'")
    policy = shown.policy()
    assert policy["default-src"] == ["'none'"]
    assert sorted(policy["script-src"]) == sorted(digests["script"])
    assert policy["style-src"] == digests["style"]
    assert not any("unsafe" in word or word == "*" for words in policy.values() for word in words)
    attributes = {name for _, each in shown.elements for name in each}
    assert not [name for name in attributes if name == "style" or name.startswith("on")]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_only_a_text(name):
    plain = [tag for tag, _ in page(of([item("a.mp3", results=["/home/me/results/a.srt"])])).elements]
    report = of(
        [item(name, reason=name, job_id=name, results=[f"/home/me/results/{name}.srt"])],
        manifest=name, sentence=name, notes=[name],
    )  # fmt: skip
    shown = page(report)
    tags = [tag for tag, _ in shown.elements]
    assert set(tags) - set(plain) <= {"p"}
    assert tags.count("script") == plain.count("script")
    assert not set(shown.read) & set("\u202e\x1b\x00")


def test_a_path_that_is_no_text_is_shown_and_not_linked():
    shown = page(of([item("a\N{REPLACEMENT CHARACTER}.mp3", results=["/r/a\N{REPLACEMENT CHARACTER}.srt"])]))
    assert not any("results" in (each.get("href") or "") for _, each in shown.elements)
    assert "a\N{REPLACEMENT CHARACTER}.mp3" in shown.read


def test_ten_thousand_items_are_less_than_two_megabytes():
    text = "".join(render(made(10_000), Path("/home/me")))
    assert len(text.encode()) < 2_000_000


def test_of_very_many_items_those_are_listed_that_somebody_should_look_at():
    lines = [item(f"{number}.mp3", fate="failed" if number == 30 else "saved") for number in range(40)]
    shown = page(of(lines), most=5)
    assert "This page lists 5 of 40 items" in shown.read
    assert shown.data()["count"] == 40
    assert shown.data()["items"]["file"]["rest"][0] == "30.mp3"


def test_a_plan_has_prices_and_no_word_of_what_was_charged():
    shown = page(
        of(
            [item(fate="waiting", charged=None)],
            made_by="plan",
            amounts=None,
            drift=[],
            timeline=[],
            effort=None,
            wallet=None,
            planned=planned(gate=gate()),
            sentence="1 item.",
        )
    )
    assert "1 item to buy for $0.10, at most $0.11" in shown.read
    assert "$127.31 short" in shown.read
    assert "Planned against charged" not in shown.read


def test_what_did_not_fit_is_told_with_the_next_cap():
    out = DidNotFit("songs/a.mp3", None, "2/3", "stems:six", 60_000, 10, 11, 0)
    sums = {"did_not_fit": replace(ROW, items=2, cents=30, ms=90_000), "did_not_fit_items": [out]}
    fit = Fit(limited_by="cap", kept=Room(5, 90), next=Room(6, 101), all=Room(7, 120))
    shown = page(of([item()], planned=planned(**sums, did_not_fit_more=1, fit=fit)))
    for words in (
        "2 items did not fit: $0.30, 1 min 30 s",
        "5 items, takes $0.90 of the cap. $1.01 would take 6 items; all of them take $1.20.",
        "songs/a.mp3",
        "2/3",
        "And 1 more item.",
    ):
        assert words in shown.read, words


def test_prices_that_moved_are_told():
    moved = [Moved("transcription", "1", "2"), Moved("stems:six", "10", None)]
    shown = page(of([item()], planned=planned(gate=gate(prices_moved=moved))))
    assert "stems:six is not what it was: planned 10, now none." in shown.read


def test_an_empty_report_is_a_page_too():
    nothing = {"fates": [], "services": [], "folders": [], "drift": [], "timeline": []}
    shown = page(of([], **nothing, planned=None, amounts=None, sentence="no.yaml: no such file"))
    assert shown.read.count("no.yaml: no such file") == 2  # the title, and once for people
    assert "Where the money goes" not in shown.read
    assert shown.data()["listed"] == 0


@pytest.mark.parametrize("folder", VENDORS, ids=["page", "tests"])
def test_what_was_made_elsewhere_is_as_it_was_published_and_has_its_licence(folder):
    entries = tomllib.loads((folder / "VENDORED.toml").read_text())["file"]
    for entry in entries:
        assert sha256((folder / entry["name"]).read_bytes()).hexdigest() == entry["sha256"]
        assert (folder / entry["licence_file"]).stat().st_size > 1000
    named = {each[key] for each in entries for key in ("name", "licence_file")}
    assert {path.name for path in folder.iterdir()} == named | {"VENDORED.toml"}
