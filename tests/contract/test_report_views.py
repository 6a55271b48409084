"""Every view takes every document, shows hostile names as names, and looks as it did.

`EARMARK_GOLDEN=write pytest tests/contract/test_report_views.py` renews what is in tests/data/reports/: look
at the difference before it is committed.
"""

import csv
import html
import io
import json
import os
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from earmark.reports import as_csv, as_json, github, junit, markdown
from earmark.reports.document import Earlier
from earmark.reports.formats import FORMATS
from earmark.reports.schema import schema
from earmark.terminal import printable
from support import made_reports
from support.report_kinds import HOSTILE, kinds

WRITE = os.environ.get("EARMARK_GOLDEN") == "write"
GOLDEN = Path(__file__).parents[1] / "data" / "reports"
PLACE = Path("/home/me")
KINDS = kinds()
ENDINGS = {"text": "txt", "markdown": "md", "junit": "xml", "github": "github"}


def shown(name, report):
    return "".join(FORMATS[name].render(report, PLACE))


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_view_shows_every_document(name, kind):
    text = shown(name, KINDS[kind])
    assert text.strip()
    text.encode()


@pytest.mark.parametrize("name", FORMATS)
def test_a_document_that_was_saved_and_read_shows_the_same(name):
    for report in KINDS.values():
        again = as_json.read(as_json.text(report).encode(), "it")
        assert shown(name, again) == shown(name, replace(report, items=list(report.items)))


CUT = re.compile(r"(?<=<style>).*?(?=</style>)|(?<=<script>).*?(?=</script>)|(?<=sha256-)[^&]+", re.DOTALL)
"""Of a page: what is the same in every one, and its digests."""


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("kind", ["run", "failure", "credits", "plan"])
def test_a_view_looks_as_it_did(name, kind):
    place = GOLDEN / f"{kind}.{ENDINGS.get(name, name)}"
    text = shown(name, KINDS[kind]).replace(KINDS["failure"].earmark, "0.1.0")
    if name == "html":
        text = CUT.sub("...", text)
    if WRITE:
        place.write_bytes(text.encode())
    assert place.read_bytes().decode() == text


# -- hostile names


def test_the_screen_has_no_line_that_commands_a_terminal():
    text = shown("text", KINDS["hostile"])
    assert all(line.isprintable() for line in text.split("\n"))
    assert not [line for line in text.split("\n") if line.lstrip().startswith("::") or "##[" in line]


TAGS = re.compile(r"</?(?:code|details|summary)>")
RULE = re.compile(r"\|[-:|]+\|")


def prose(text):
    """A page without its own tags, rules, fences and marks."""
    text = re.sub(r"^```sh\n.*?\n```$", "", text, flags=re.MULTILINE | re.DOTALL)
    lines = [line for line in text.splitlines() if not RULE.fullmatch(line)]
    cells = [cell for line in lines for cell in (line[1:-1].split(" | ") if line.startswith("|") else [line])]
    return [TAGS.sub("", re.sub(r"^(### |- )|\*\*", "", cell)).strip() for cell in cells]


def test_a_page_has_no_markup_but_its_own():
    text = shown("markdown", KINDS["hostile"])
    assert not re.search(r"[@#]\w", html.unescape(text.replace("### ", "")))
    for cell in prose(text):
        bare = re.sub(r"&#\d+;", "", cell)
        assert not set(bare) & set("<>[]`_*~@|\\!#"), cell
        assert "www." not in bare
        assert "://" not in bare
    assert len(text.encode()) < 1 << 20


def test_a_page_of_very_many_stays_below_what_a_summary_may_take():
    name, words = "\n" * 4000, "<" * 9000
    many = [made_reports.item(f"{name}{n}.wav", fate="failed", reason=words) for n in range(3000)]
    left = [made_reports.LeftOut(name, None, "x", words, folder=False)] * 1000
    planned = made_reports.planned(left_out=left)
    report = made_reports.of(many, planned=planned, notes=[words])
    assert len(shown("markdown", report).encode()) < 1 << 19


def cells(text):
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_no_cell_is_a_formula_and_every_name_is_whole():
    rows = cells(shown("csv", KINDS["hostile"]))
    assert [row["file"].removeprefix("'") for row in rows] == [printable(name) for name in HOSTILE]
    for row in rows:
        for name, cell in row.items():
            lines = cell.split("\n") if name == "results" else [cell]
            assert not [line for line in lines if line.startswith(as_csv.FORMULA)]
            assert all(line.isprintable() for line in lines)


@given(st.text())
@settings(max_examples=100)
def test_no_text_is_a_formula(name):
    assert not as_csv.safe(name).lstrip().startswith(as_csv.FORMULA)


def cases(report):
    root = ET.fromstring(shown("junit", report))
    return root, list(root.iter("testcase"))


def test_xml_is_read_by_any_reader_and_every_name_is_there():
    root, found = cases(KINDS["hostile"])
    assert [case.get("name") for case in found] == [printable(name) for name in HOSTILE]
    assert int(root.get("tests")) == len(HOSTILE)
    kinds_of = [child.tag for case in found for child in case]
    assert int(root.get("failures")) == kinds_of.count("failure") > 0
    assert int(root.get("errors")) == kinds_of.count("error") > 0


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
@settings(max_examples=50)
def test_any_name_gives_xml(name):
    _, (case,) = cases(made_reports.of([made_reports.item(name, fate="failed", reason=name)]))
    assert case.get("name") == printable(name)


@pytest.mark.parametrize(("kind", "errors"), [("failure", 1), ("refused", 1), ("done", 0), ("running", 0)])
def test_a_command_that_ended_badly_is_no_green_test(kind, errors):
    root, found = cases(KINDS[kind])
    assert (
        int(root.get("errors")) == errors == len([case for case in found if case.find("error") is not None])
    )
    assert int(root.get("tests")) == len(found)


def test_suites_too_long_for_memory_are_the_same(monkeypatch):
    before = shown("junit", KINDS["run"])
    monkeypatch.setattr(junit, "IN_MEMORY", 100)
    assert shown("junit", KINDS["run"]) == before


@pytest.mark.parametrize("name", ["text", "markdown", "junit", "html"])
def test_what_lies_above_a_report_is_nobodys_to_know(name):
    report = replace(KINDS["failure"], manifest="/home/me/shows/m.yaml", output="/home/me/results")
    near, far = shown(name, report), "".join(FORMATS[name].render(report, Path("/srv")))
    assert "shows/m.yaml" in near
    assert "/home/me" not in near
    assert "/home/me/shows/m.yaml" in far


@pytest.mark.parametrize(
    ("last", "words"),
    [
        (Earlier("2026-11-30T10:00:00Z", "2026-11-30T10:06:40Z", 4, "out of money"), "exit 4: out of money"),
        (Earlier("2026-11-30T10:00:00Z", None, None, None), "began 2026-11-30T10:00:00Z, and was killed"),
        (Earlier("2026-11-30T10:00:00Z", "2026-11-30T10:06:40Z", 0, "done"), ""),
    ],
)
def test_the_last_run_is_told_unless_it_ended_well(last, words):
    before = Earlier("2026-11-29T10:00:00Z", "2026-11-29T10:06:40Z", 7, "in doubt")
    report = replace(KINDS["run"], made_by="report", runs=[before, last])
    for name in ("text", "markdown", "html"):
        told = html.unescape(shown(name, report))
        assert ("Last run" in told, words in told) == (bool(words), True)
        assert "Last run" not in shown(name, replace(report, running=True))
        assert "exit 7" not in told


def test_annotations_stand_one_a_line_and_name_what_they_are_about():
    lines = shown("github", KINDS["hostile"]).splitlines()
    assert all(re.fullmatch(r"::(error|warning|notice) [^:]*::.+", line) for line in lines)
    assert all(line.isprintable() for line in lines)
    for kind in ("error", "warning"):
        assert sum(line.startswith(f"::{kind} ") for line in lines) == github.MOST


def test_what_a_runner_reads_in_an_annotation_is_escaped():
    told = github.command("error", "50%\n::x", file="a,b:c.wav", title="")
    assert told == "::error file=a%2Cb%3Ac.wav::50%25\\n::x\n"


def test_pages_hold_no_hostile_tag():
    text = shown("html", KINDS["hostile"])
    assert "<script>alert" not in text
    assert "<img src=x" not in text


# -- the document


@pytest.mark.parametrize("kind", KINDS)
def test_every_document_is_valid_by_the_published_schema(kind):
    text = as_json.text(KINDS[kind])
    jsonschema.Draft202012Validator(schema()).validate(json.loads(text))
    text.encode("ascii")


def test_words_of_markdown_are_cut_before_they_are_escaped():
    assert markdown.words("<" * 9, 4) == "&#60;&#60;&#60;…"
