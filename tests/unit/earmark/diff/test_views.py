"""The document and its two views: sums add up, names are inert, comments are never too long."""

import json
from html.parser import HTMLParser
from importlib import resources

import jsonschema
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from earmark.diff import document, markdown, screen
from earmark.diff.thresholds import Limits, limits_of
from earmark.diff.values import Pointer
from earmark.terminal import Terminal, printable
from manifests.money import Cents
from support.compared import make_diff, make_item
from support.schemas import unordered

HOSTILE = [
    "a|b`c``d.mp3",
    "@everyone #12 :boom:.mp3",
    "<img src=x onerror=alert(1)>.mp3",
    "</code></details><script>alert(1)</script>.mp3",
    "[x](javascript:alert(1)) ![y](http://evil.example/z.png).mp3",
    "https://evil.example/x www.evil.example a@b.example.mp3",
    "back\\|slash\\`tick.mp3",
    "line\nbreak\r\x1b[31m\u202e.mp3",
    "*bold* _it_ ~~gone~~ $x$ &amp; &#64; -->.mp3",
    "  leading - and trailing  ",
    "- [ ] task.mp3",
]


class Seen(HTMLParser):
    """The tags of a page, and the texts of its `code`."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.codes, self.attributes, self._inside = set(), [], [], False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += [each for each in attrs if each[0] != "style"]
        if tag == "code":
            self._inside = True
            self.codes.append("")

    def handle_endtag(self, tag):
        self._inside = self._inside and tag != "code"

    def handle_data(self, data):
        if self._inside:
            self.codes[-1] += data


def rendered(text):
    return Seen(MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(text))


OURS = {
    "h3",
    "p",
    "strong",
    "code",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "details",
    "summary",
    "br",
} | {"blockquote"}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_shown_and_does_nothing(name):
    pointers = {name: Pointer("1" * 64, 10)}
    text = markdown.render(
        make_diff([make_item(name, print="11111111")], [make_item(f"x/{name}")], new={"pointers": pointers})
    )
    seen = rendered(text)
    assert seen.tags <= OURS
    assert not seen.attributes
    assert seen.codes.count(printable(name)) == 2
    assert f"x/{printable(name)}" in seen.codes


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40))
def test_no_name_leaves_its_place(name):
    seen = rendered(markdown.render(make_diff([], [make_item(name)])))
    assert seen.tags <= OURS
    assert not seen.attributes
    assert any(each.strip() == printable(name).strip() for each in seen.codes)


@pytest.mark.parametrize(
    "name", ["e.mp3", "ü" * 120, "|" * 200, "\U0001f4be" * 90], ids=["plain", "umlauts", "pipes", "discs"]
)
def test_a_comment_is_never_too_long_and_says_how_many_rows_are_missing(name):
    new = [make_item(f"{name}{number}", print=f"{number:08x}") for number in range(1200)]
    old = [
        make_item(f"old {name}{number}", print=f"{number + 9000:08x}", seconds=61.0) for number in range(300)
    ]
    text = markdown.render(make_diff(old, new, limits_of("1", "2")))
    assert len(text.encode()) < 65_536
    shown = text.count("\n| <code>")
    more = [line for line in text.splitlines() if line.endswith(" more.")]
    missing = [int(line.split()[1].replace(",", "")) for line in more]
    missing += [300] if "Removed: 300 lines: no room" in text else []
    assert shown + sum(missing) == 1500
    assert text.count("<details>") == text.count("</details>")
    assert rendered(text).tags <= OURS


def test_a_comment_begins_with_its_tag_and_what_it_costs():
    first, second, *_ = markdown.render(make_diff([], [make_item()])).splitlines()
    assert (first, second) == ("<!-- earmark:diff:earmark -->", "### This change costs $0.10, at most $0.11")


def test_a_comment_tells_thresholds_and_why_nothing_is_decided():
    text = markdown.render(make_diff([], [make_item()], Limits(Cents(5))))
    assert "**Too much:** up to &#36;0.11 more, above --fail-above &#36;0.05" in text
    undecided = make_diff([], [], Limits(Cents(5)), new={"pointers": {"a": Pointer("1" * 64, 9)}})
    assert "**Not decided**" in markdown.render(undecided)


@pytest.fixture
def everything(item):
    """A document that has something of each kind."""
    old = [
        item("gone.mp3", print="11111111"),
        item("was.mp3", print="22222222"),
        item("same.mp3"),
        item("x.mp3", print="3" * 8),
    ]
    new = [item("is.mp3", print="22222222"), item("same.mp3"), item("x.mp3", print="4" * 8, seconds=750.0)]
    new += [
        item(
            "fresh\udcff.mp3".encode(errors="surrogateescape").decode(errors="replace"),
            "stems:six",
            print="5" * 8,
        )
    ]
    new += [item("noise.wav", "denoise:balanced", print="6" * 8), item("paid.mp3", paid=True, print="7" * 8)]
    pointers = {"pulled\udcff.mp3": Pointer("1" * 64, 2_000_000)}
    notes = ["no ledger is here"]
    return make_diff(
        old, new, limits_of("1", "20"), new={"pointers": pointers, "cap": 500}, notes=notes, paths=["talks"]
    )


def test_every_document_fits_the_published_schema(everything):
    text = resources.files("manifests").joinpath("schema/diff.schema.json").read_text(encoding="utf-8")
    assert unordered(json.loads(text)) == unordered(json.loads(msgspec.json.encode(document.schema())))
    jsonschema.Draft202012Validator.check_schema(json.loads(text))
    check = jsonschema.Draft202012Validator(json.loads(text)).validate
    for each in (everything, make_diff([], [])):
        found = json.loads(document.render(each))
        check(found)
        assert set(found) == set(document.Diff.__struct_fields__)


def test_the_document_names_each_line_and_its_money(everything):
    found = json.loads(document.render(everything))
    assert [(each["kind"], each["file"], each["old_file"]) for each in found["lines"]] == [
        ("added", "fresh�.mp3", None),
        ("added", "noise.wav", None),
        ("added", "paid.mp3", None),
        ("changed", "x.mp3", None),
        ("renamed", "is.mp3", "was.mp3"),
        ("removed", "gone.mp3", None),
    ]
    assert found["unread"] == [
        {"kind": "added", "file": "pulled�.mp3", "file_bytes": b"pulled\xff.mp3".hex(), "bytes": 2_000_000}
    ]
    assert found["notes"] == ["the cap of the manifest was none and is $5.00", "no ledger is here"]
    assert found["exit"] == 3


@pytest.mark.parametrize("width", [120, 80, 50, 40])
def test_the_screen_keeps_to_its_width(everything, width):
    lines = screen.render(everything, Terminal(width)).splitlines()
    assert max(map(len, lines)) <= width


def test_the_screen_says_what_it_costs_first(everything):
    text = screen.render(everything, Terminal(120))
    assert text.startswith(
        "Diff   talks   old.yaml -> new.yaml\n       3 added, 1 removed, 1 changed, 1 renamed, 1 as before\n"
    )
    assert "  This change costs $1.13 and " in text
    assert "  + fresh�.mp3 " in text
    assert "length 10:00 -> 12:30" in text
    assert "was was.mp3, costs nothing" in text
    assert "  ? pulled�.mp3: added, 2.0 MB, length unknown: git lfs pull" in text
    assert "  ABOVE       up to $1.14 more, above --fail-above $1.00" in text
    assert screen.verdict(everything).startswith(
        "this change costs up to $1.14 more, above --fail-above $1.00; up to"
    )


def test_what_is_above_stands_out_in_colour(item):
    text = screen.render(make_diff([], [item()], limits_of("0", None)), Terminal(80, colour=True))
    assert "\n  \x1b[31m\x1b[1mABOVE\x1b[0m       up to $0.11 more, above --fail-above $0.00\n" in text


def test_a_long_list_is_cut_and_says_so(item):
    document_ = make_diff([], [item(f"{number}.mp3") for number in range(30)])
    assert "and 10 more; list: --all" in screen.render(document_, Terminal(120))
    assert screen.render(document_, Terminal(120), every=True).count("\n  + ") == 30


def test_pointers_are_counted_where_they_are_many_or_not_touched():
    pointers = {f"{number}.mp3": Pointer(f"{number:064x}", 9) for number in range(30)}
    fresh = make_diff([], [], new={"pointers": pointers})
    assert "and 10 more of unknown length; list: --all" in screen.render(fresh, Terminal(120))
    kept = make_diff([], [], old={"pointers": pointers}, new={"pointers": pointers})
    assert (kept.unread, kept.notes) == (
        [],
        ["30 more recordings of unknown length, in no sum: git lfs pull"],
    )


def test_what_cannot_be_judged_says_so_in_a_sentence():
    found = make_diff([], [], Limits(Cents(5)), new={"pointers": {"a": Pointer("1" * 64, 9)}})
    assert screen.verdict(found).startswith("1 recording of unknown length: nobody can say")
