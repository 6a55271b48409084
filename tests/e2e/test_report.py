"""`earmark report` and `run --report` as they are typed."""

import csv
import io
import json

import pytest

from simulator import Fault


@pytest.fixture
def made(bench):
    """Three recordings of which two are rejected, and a file that is none."""
    place = bench(Fault(at="submit:transcription", do="bad_request", name="r[12]*"))
    place.record(3)
    (place.folder / "media" / "notes.mp3").write_text("no sound")
    place.plan("media", "--service", "transcription")
    return place


def report(made, *words, **environ):
    return made.do("earmark", "report", "manifest.yaml", *words, **environ)


def test_a_run_s_reports_say_what_the_ledger_says_later(made):
    names = ("r.html", "r.md", "r.xml", "r.csv", "r.json", "r.txt")
    ended = made.run("--max-spend", "1", *(word for name in names for word in ("--report", name)))
    assert ended.code == 1
    found = json.loads((made.folder / "r.json").read_text())
    assert [each["fate"] for each in found["items"]] == ["rejected", "rejected", "saved"]
    assert found["planned"]["left_out"][0]["file"].endswith("notes.mp3")
    assert found["notes"] == []
    later = report(made, "--json")
    assert later.code == 0
    assert later.json["items"] == found["items"]
    assert later.json["planned"] == found["planned"]
    assert {name: (made.folder / name).stat().st_size > 0 for name in names} == dict.fromkeys(names, True)
    rows = csv.DictReader(io.StringIO(report(made, "--format", "csv").out))
    assert [row["fate"] for row in rows] == ["rejected", "rejected", "saved"]
    made.check_books()


def test_a_saved_document_is_shown_in_any_form(made):
    made.run("--max-spend", "1", "--report", "r.json")
    for name in ("text", "markdown", "html", "junit", "csv", "json", "github"):
        ended = made.do(
            "earmark", "report", "r.json", "--format", name, "-o", "-", EARMARK_LEDGER="/dev/null/x.db"
        )
        assert (ended.code, ended.err) == (0, "")
        assert "r1.wav" in ended.out
    assert made.do("earmark", "report", "r.json", "-o", "again.json").code == 0
    assert (made.folder / "again.json").read_text() == (made.folder / "r.json").read_text()


def test_what_cannot_be_is_refused_and_leaves_everything_as_it_was(made):
    made.run("--max-spend", "1")
    before = {path: path.read_bytes() for path in made.folder.rglob("*.*") if path.is_file()}
    (made.folder / "odd.json").write_text('{"schema": "earmark.report", "version": 3}')
    (made.folder / "cut.json").write_text('{"schema": "earmark.report", "version": 2, ')
    for words, told in (
        (("-o", "manifest.yaml", "--format", "csv"), "what the report is made of"),
        (("-o", "results/r3.txt"), "is a result"),
        (("-o", "x.pdf"), "write one of"),
        (("-o", ""), "-o is empty"),
        (("-o", "nowhere/x.md"), "a folder that exists"),
        (("-o", "media"), "the ending says"),
        (("--json", "--format", "csv"), "leave one of them out"),
    ):
        ended = report(made, *words)
        assert ended.code == 2, words
        assert told in ended.err, words
    for name, told in (
        ("nope.yaml", "there is no such manifest"),
        ("odd.json", "version 3"),
        ("cut.json", "no report"),
    ):
        ended = made.do("earmark", "report", name)
        assert ended.code == 2, name
        assert told in ended.err, name
    assert {path: path.read_bytes() for path in before} == before


def test_a_refused_run_and_one_without_a_key_leave_their_reports(made):
    assert made.run("--max-spend", "0.01", "--report", "r.xml", "--report", "r.json").code == 3
    assert 'errors="1"' in (made.folder / "r.xml").read_text()
    found = json.loads((made.folder / "r.json").read_text())
    assert (found["outcome"], found["fates"][0]["fate"]) == ("refused", "waiting")
    ended = made.run("--max-spend", "1", "--report", "r.json", "--json", AUDIOPOD_API_KEY="")
    assert ended.code == 5
    assert json.loads((made.folder / "r.json").read_text())["exit"] == ended.json["exit"] == 5
    ended = made.do("run", "nope.yaml", "--report", "n.json")
    assert ended.code == json.loads((made.folder / "n.json").read_text())["exit"] == 2


def test_github_is_told_beside_the_document(made):
    told = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(made.folder / "summary.md")}
    planned = made.do("plan", "media", "--service", "transcription", "--force", "--json", **told)
    assert planned.json["outcome"] == "written"
    assert "::warning file=" in planned.err
    ended = made.run("--max-spend", "1", "--json", **told)
    assert ended.json["exit"] == 1
    assert ended.err.count("::error file=") == 2
    failed = made.do("plan", "nope", "--service", "transcription", **told)
    assert "::error title=earmark plan%3A wrong usage::" in failed.err
    failed = made.do("run", "nope.yaml", **told)
    assert "::error title=earmark run%3A wrong usage::" in failed.err
    summary = (made.folder / "summary.md").read_text()
    assert summary.count("### ") == 4


def test_without_its_notes_a_report_says_so(made):
    for path in (made.folder / ".earmark").iterdir():
        path.unlink()
    found = report(made, "--json").json
    assert (found["planned"], len(found["notes"])) == (None, 1)
    assert "left out is not told" in report(made).out
