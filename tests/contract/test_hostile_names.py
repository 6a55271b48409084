"""File names that would move the cursor, end a line, reverse a word or run a command do none of it anywhere.

One folder of such names goes the whole way, from `plan` to saved results; everything that is shown,
written or sent on that way is then looked at.
"""

import json
import os
import re
import unicodedata
from dataclasses import dataclass

import pytest
import yaml

import simulator
from earmark import run_ends
from manifests.text import read_manifest
from runner.engine import timing
from simulator import Fault, Scenario
from support.bench import Bench, Ended, wav
from support.hurry import HURRIED, hurry

NAMES = [
    *(
        "new\nline",
        "carriage\rreturn",
        "tab\there",
        "\x1b[31mred\x1b[2J",
        "\x1b]0;title\x07",
        "\x07bell",
        "\x7fdel",
    ),
    *(
        "quote'single",
        'quote"double',
        "back\\slash",
        "back`tick`",
        "$(touch pwned)",
        ";touch pwned;",
        "%s %d {0} {x}",
    ),
    *(
        "a..",
        "a...",
        "a..b",
        "-rf",
        "--output",
        "~root",
        " blank ",
        "#comment",
        "- item",
        "key: value",
        "&anchor",
        "*alias",
    ),
    *(
        "\u202egnp.exe",
        "\u2066isolate\u2069",
        "\u200fmark",
        "\u2028separator",
        "\ufeffbom",
        "\u0085next",
        "\x9bcsi",
    ),
    *("e\u0301", "\u00e9", "CON", "con", "x" * 251, "\u00e9" * 125, "\U0001f600" * 62, "[bold]", "<b>"),
    *(
        os.fsdecode(b"latin\xe9"),
        os.fsdecode(b"\xff\xfe\xff"),
        os.fsdecode(b"\xed\xa0\x80"),
        os.fsdecode(b"\xc3"),
    ),
]
FOLDER = "fold\ner \x1b[1m\u202e" + os.fsdecode(b"\xff")

COMMANDS = [
    ("plan", "media", "--service", "transcription"),
    ("plan", "media", "--service", "transcription", "--json", "-o", "again.yaml"),
    ("run", "manifest.yaml", "--max-spend", "5"),
    ("run", "manifest.yaml", "--max-spend", "5", "--json"),
    ("run", "manifest.yaml", "--max-spend", "5", "--events"),
    ("earmark", "status", "manifest.yaml"),
    ("earmark", "status", "manifest.yaml", "--json"),
    ("earmark", "fetch", "manifest.yaml"),
    ("earmark", "fetch", "--all", "--json"),
    ("earmark", "reconcile", "manifest.yaml"),
    ("earmark", "reconcile", "manifest.yaml", "--json"),
]
REFUSED = [
    ("plan", "no such \x1b[31m\n\u202ething", "--service", "transcription"),
    ("run", "no such \x1b[31m\n\u202ething.yaml", "--max-spend", "1"),
    ("run", "manifest.yaml", "--max-spend", "1\n\x1b[31m"),
    ("plan", "media", "--service", "tr\x1b[31m\n\u202e"),
    ("earmark", "no such \x1b[31m\ncommand"),
    ("plan", "--rules", "rules\n\x1b[31m.yaml", "media"),
    ("plan", "--url", "https://example.org/\x1b[31m\n\u202e 90s", "--service", "transcription"),
]

_OBEYED = re.compile(
    r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
"""What a terminal, a log viewer or a reader of lines would obey; the end of a line is all that is left."""


@dataclass
class Way:
    """What was said on the way, and where it was."""

    bench: Bench
    said: dict[tuple[str, ...], Ended]


@pytest.fixture(scope="module")
def way(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    patched = pytest.MonkeyPatch()
    patched.setattr(run_ends, "READ_PATIENCE", 2.0)
    patched.setattr(timing, "Patience", lambda **_: HURRIED)
    hurry(patched)
    scenario = Scenario(job_seconds=0.0, job_seconds_per_minute=0.0)
    with simulator.serve(scenario, wallet_cents=5000) as sim:
        bench = Bench(folder, sim)
        bench.environ |= {"XDG_STATE_HOME": str(folder / "state"), "AUDIOPOD_BASE_URL": sim.url}
        for number, name in enumerate(NAMES):
            wav(folder / "media" / f"{name}.wav", 1, mark=str(number))
        wav(folder / "media" / FOLDER / "inside.wav", 1, mark="inside")
        yield Way(bench, {words: bench.do(*words) for words in (*COMMANDS, *REFUSED)})
    patched.undo()


def test_all_of_them_are_bought_and_saved(way):
    assert way.said[COMMANDS[2]].code == 0, way.said[COMMANDS[2]].err
    document = way.said[COMMANDS[3]].json
    assert {item["fate"] for item in document["items"]} <= {"saved", "paid before"}
    assert len(document["items"]) == len(NAMES) + 1
    saved = [path for path in (way.bench.folder / "results").rglob("*.json") if path.is_file()]
    assert len(saved) == len(NAMES) + 1
    assert not list(way.bench.folder.rglob("pwned"))


@pytest.mark.parametrize("words", [*COMMANDS, *REFUSED], ids=ascii)
def test_nothing_that_is_shown_is_obeyed(way, words):
    ended = way.said[words]
    for text in (ended.out, ended.err):
        assert _OBEYED.search(text) is None, ascii(text[:2000])


@pytest.mark.parametrize("words", [words for words in COMMANDS if "--json" in words], ids=ascii)
def test_documents_for_machines_hold_on(way, words):
    ended = way.said[words]
    document = json.loads(ended.out)
    assert "Traceback" not in ended.err
    names = [value for value in _texts(document) if value.endswith(".wav")]
    assert all(each.isprintable() or "\\" not in each for each in names)


@pytest.mark.parametrize("words", REFUSED, ids=ascii)
def test_refusals_stay_on_their_line(way, words):
    ended = way.said[words]
    assert ended.code == 2, ended.err
    assert len(ended.err.strip().splitlines()) <= 4
    assert "Traceback" not in ended.err


def test_the_manifest_reads_alike_for_every_reader(way):
    path = way.bench.folder / "manifest.yaml"
    items = read_manifest(path).items
    assert len(items) == len(NAMES) + 1
    assert {item.path.rpartition("/")[2] for item in items} == {f"{name}.wav" for name in NAMES} | {
        "inside.wav"
    }
    text = path.read_bytes()
    loaded = yaml.safe_load(text)
    assert [item["file"] for item in loaded["items"]] == [item.file for item in items]
    lines = text.decode().split("\n")
    assert sum(line.startswith("- ") for line in lines) == len(items)
    assert not any(unicodedata.category(sign) == "Cc" for line in lines for sign in line)


def test_uploads_go_out_under_plain_names(way):
    sent = [submit.name for submit in way.bench.books.submits]
    assert len(sent) == len(NAMES) + 1
    assert [ascii(name) for name in sent if not re.fullmatch(r"[A-Za-z0-9._ -]{1,200}", name)] == []


def test_what_goes_beside_the_manifest_holds_lines(way):
    """Receipts, reports, notes: each line a document, whatever the names."""
    found = list(way.bench.folder.glob("*.jsonl"))
    for path in found:
        for line in path.read_text(encoding="utf-8").splitlines():
            json.loads(line)
            assert _OBEYED.search(line) is None


def test_results_lie_where_their_folder_is(way):
    results = way.bench.folder / "results"
    for path in results.rglob("*"):
        assert os.path.commonpath((os.path.realpath(path), os.path.realpath(results))) == os.path.realpath(
            results
        )
        assert len(os.fsencode(path.name)) <= 255


IN_TROUBLE = [
    ("run", "manifest.yaml", "--max-spend", "5"),
    ("run", "manifest.yaml", "--max-spend", "5", "--json"),
    ("earmark", "status", "manifest.yaml"),
    ("earmark", "reconcile", "manifest.yaml"),
    ("earmark", "reconcile", "manifest.yaml", "--json"),
]


@pytest.mark.parametrize(
    "fault",
    [
        Fault(at="submit:*", do="drop"),
        Fault(at="submit:*", do="bad_request", text="\x1b[31mno\n\u202e\x07"),
        Fault(at="submit:*", do="fail", text="\x1b[31mno\n\u202e\x07"),
    ],
    ids=["doubts", "refusals", "failures"],
)
def test_what_went_wrong_with_them_is_told_as_safely(tmp_path, monkeypatch, fault):
    monkeypatch.setattr(timing, "Patience", lambda **_: HURRIED)
    hurry(monkeypatch)
    scenario = Scenario(job_seconds=0.0, job_seconds_per_minute=0.0, faults=(fault,), names="strip")
    with simulator.serve(scenario, wallet_cents=5000) as sim:
        bench = Bench(tmp_path, sim)
        for number, name in enumerate(("new\nline", "\x1b[31mred", "\u202egnp", os.fsdecode(b"latin\xe9"))):
            wav(tmp_path / "media" / f"{name}.wav", 1, mark=str(number))
        said = [bench.do("plan", "media", "--service", "transcription", "-q")]
        said += [bench.do(*words) for words in IN_TROUBLE]
    assert {ended.code for ended in said} & {1, 7, 8}
    assert [ascii(text) for ended in said for text in (ended.out, ended.err) if _OBEYED.search(text)] == []


def _texts(value):
    match value:
        case dict():
            for each in value.values():
                yield from _texts(each)
        case list():
            for each in value:
                yield from _texts(each)
        case str():
            yield value
