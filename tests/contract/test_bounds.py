"""Whatever comes from outside has an end: sizes, depths, pages, and the time and memory that it takes."""

import json
import resource
from pathlib import Path

import httpx
import pytest

from manifests import catalogue, text
from manifests.errors import ManifestError, UsageError
from manifests.text import read_manifest
from planner import prompts, rules_text, texts
from planner.leftout import Unreadable
from runner.api import download, lists, wallet
from runner.api.address import Base
from runner.api.deadlines import Deadlines
from runner.api.errors import BadDownload, ServiceDown
from runner.api.http import Http
from runner.api.interface import ResultFile
from runner.api.reads import Reads
from runner.api.services import ADAPTERS

BASE = "http://127.0.0.1:1"
HEAD = "version: 1\nid: a\ncreated: 2026-01-01T00:00:00Z\nroot: .\n"
EXAMPLE = (Path(text.__file__).parent / "examples" / "small.yaml").read_text(encoding="utf-8")
LAUGHS = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"


def http_over(handler) -> Http:
    return Http(Base.parse(BASE), "ap_test_key", limits=Deadlines(), transport=httpx.MockTransport(handler))


# Files of people.


@pytest.mark.parametrize(
    ("said", "says"),
    [
        (HEAD + "# " + "x" * 70_000, "longer than 64 KiB"),
        (HEAD + ("# " + "x" * 60_000 + "\n") * 20, "within 1024 KiB"),
        (HEAD + "prices: " + "[" * 5_000, "nested too deeply"),
        (LAUGHS, "anchors are not read"),
        ("!!python/object/apply:os.system ['touch pwned']\n", "tags are not read"),
        (EXAMPLE + "- file: a\n" + "  x: y\n" * 20_000, "longer than 64 KiB"),
        ("a: {<<: {b: c}}\n", "merge keys"),
    ],
    ids=["long line", "long head", "deep", "laughs", "objects", "long item", "merge"],
)
def test_a_manifest_has_bounds(tmp_path, said, says):
    path = tmp_path / "m.yaml"
    path.write_text(said)
    with pytest.raises(ManifestError, match=says) as caught:
        read_manifest(path)
    assert len(str(caught.value)) < 2000


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ("# x\n" * 300_000, "larger than 1024 KiB"),
        ("rules: " + "[" * 5_000, "nested too deeply"),
        (LAUGHS, "anchors are not read"),
        ("rules: !!python/name:os.system x\n", "tags are not read"),
    ],
)
def test_a_rules_file_has_bounds(tmp_path, said, says):
    path = tmp_path / "r.yaml"
    path.write_text(said)
    with pytest.raises(UsageError, match=says):
        rules_text.read_rules(str(path), catalogue.load())


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ("# x\n" * 1_100_000, "no list of prompts"),
        ("- " * 5_000 + "x\n", "nested too deeply"),
        ("- &a [x, x]\n- [*a, *a]\n", "anchors are not read"),
        ("- !!python/name:os.system x\n", "tags are not read"),
        ("- " + "x" * 60_000 + "\n", "shorten it"),
    ],
)
def test_a_file_of_prompts_has_bounds(tmp_path, said, says):
    path = tmp_path / "p.yaml"
    path.write_text(said)
    with pytest.raises(Unreadable, match=says):
        prompts.prompts(str(path), catalogue.load().service("music"))


def test_a_text_has_bounds(tmp_path):
    path = tmp_path / "t.md"
    with path.open("wb") as file:
        file.truncate(texts.LARGEST + 1)
    with pytest.raises(Unreadable, match="no text"):
        texts.passages(str(path))


# Answers of the service.


def test_a_list_of_jobs_that_never_ends_is_told(monkeypatch):
    monkeypatch.setattr(lists, "MOST_PAGES", 5)
    numbers = iter(range(1_000_000))

    def endless(_request):
        return httpx.Response(200, json=[{"id": next(numbers), "status": "COMPLETED"} for _ in range(100)])

    reads = Reads(http_over(endless), patience=0)
    with pytest.raises(ServiceDown, match="does not end: 500 jobs so far"):
        list(lists.pages(reads, ADAPTERS["stems"]))


def test_charges_that_never_end_are_told(monkeypatch):
    monkeypatch.setattr(wallet, "MOST_PAGES", 5)
    numbers = iter(range(1_000_000))

    def endless(_request):
        row = {"service_type": "transcription", "amount_cents": 1}
        return httpx.Response(200, json={"logs": [{**row, "id": str(next(numbers))} for _ in range(100)]})

    with pytest.raises(ServiceDown, match="does not end: 500 rows so far"):
        list(wallet.Wallet(Reads(http_over(endless), patience=0)).usage_pages())


def test_an_answer_without_end_is_cut():
    def endless(_request):
        return httpx.Response(200, stream=Stream(b"[" + b" " * 2**20))

    with pytest.raises(ServiceDown, match="more than"):
        http_over(endless).get("/api/v1/x")


class Stream(httpx.SyncByteStream):
    """The same piece again and again, as long as somebody reads."""

    def __init__(self, piece: bytes) -> None:
        self.piece = piece

    def __iter__(self):
        while True:
            yield self.piece


@pytest.mark.parametrize("stated", [None, 10**9])
def test_a_result_without_end_does_not_fill_the_disk(tmp_path, monkeypatch, stated):
    monkeypatch.setattr(download, "LARGEST", 2**20)
    headers = {} if stated is None else {"Content-Length": str(stated)}

    def endless(_request):
        return httpx.Response(200, headers=headers, stream=Stream(b"x" * 2**16))

    result = ResultFile("vocals.wav", f"{BASE}/media/a.wav")
    with pytest.raises(BadDownload, match=r"more than .*any result has|no result has"):
        download.download(http_over(endless), result, tmp_path / "part")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "body",
    [
        json.dumps({"a": float("nan"), "b": [float("-inf")]}).encode(),
        json.dumps({"a": "\ud83d"}).encode(),
        '{"a": "é"}'.encode("utf-16"),
        b"\xef\xbb\xbf{}",
        rb'{"a": "\\ud800 NaN", "b": NaN}',
    ],
    ids=["no numbers", "half a sign", "UTF-16", "mark", "all"],
)
def test_a_result_that_was_paid_for_is_kept_though_strict_readers_refuse_it(tmp_path, body):
    result = ResultFile("json", f"{BASE}/media/a.json")
    received = download.download(
        http_over(lambda _: httpx.Response(200, content=body)), result, tmp_path / "part"
    )
    assert received.path.read_bytes() == body


def test_a_result_of_brackets_is_checked_without_building_it(tmp_path):
    body = b"[" + b"{}," * 3_000_000 + b"NaN]"
    result = ResultFile("json", f"{BASE}/media/a.json")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    download.download(http_over(lambda _: httpx.Response(200, content=body)), result, tmp_path / "part")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000_000
