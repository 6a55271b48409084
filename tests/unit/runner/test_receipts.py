"""The file of receipts: added to, never changed; read whatever became of it."""

import json
import os

import pytest

from runner.receipts import LONGEST, Receipt, Receipts, ResultFile, receipts_of

KEY = "0123456789abcdef" * 4


def receipt(job="7", key=KEY, **fields):
    given = {
        "version": 1,
        "product": "tts",
        "service": "tts",
        "server": "api.example",
        "token": f"ek-{key[:16]}-{'0' * 16}",
        "options": {"voice": "aura"},
        "settled": "billed",
        "cents": 3,
        "ceiling": 4,
        "results": (ResultFile("mp3", "book.mp3", 3, "ab"),),
    }
    return Receipt(key=key, job=job, **{**given, **fields})


@pytest.fixture
def book(tmp_path):
    return Book(tmp_path)


class Book:
    def __init__(self, folder):
        self.manifest = folder / "m.yaml"
        self.path = folder / "m.yaml.receipts.jsonl"
        self.told = []

    def open(self, server="api.example"):
        return Receipts(self.manifest, self.manifest.parent / "results", server, self.told.append)

    def lines(self):
        return [json.loads(line) for line in self.path.read_text(encoding="ascii").splitlines()]


def test_they_lie_beside_the_manifest(book):
    assert receipts_of(book.manifest) == book.path
    assert book.open().of({KEY}) == []
    assert book.told == []


def test_a_line_is_one_purchase_and_holds_what_was_said(book):
    book.open().add([receipt()])
    book.open().add([receipt("8")])
    first, second = book.lines()
    assert (first["job"], second["job"]) == ("7", "8")
    assert (first["cents"], first["ceiling"], first["settled"]) == (3, 4, "billed")
    assert first["results"] == [{"name": "mp3", "file": "book.mp3", "size": 3, "sha256": "ab"}]
    assert "credits" not in first
    assert book.open().of({KEY}) == [receipt(), receipt("8")]


def test_names_are_ascii_whatever_they_are(book):
    odd = receipt(results=(ResultFile("mp3", "ü\n\x1b[31m\u202e.mp3", 3, "ab"),))
    book.open().add([odd])
    assert book.path.read_bytes().isascii()
    assert len(book.lines()) == 1
    assert book.open().of({KEY}) == [odd]


def test_what_is_known_is_not_told_again_but_a_bill_is(book):
    receipts = book.open()
    assert receipts.lacks(KEY, "7", settled=False)
    receipts.add([receipt(cents=None, settled="")])
    for each in (receipts, book.open()):
        assert not each.lacks(KEY, "7", settled=False)
        assert each.lacks(KEY, "7", settled=True)
    receipts.add([receipt()])
    for each in (receipts, book.open()):
        assert not each.lacks(KEY, "7", settled=True)
    assert book.open().of({KEY}) == [receipt()]


def test_only_what_is_asked_for_and_of_the_same_service_is_given(book):
    other = "f" * 64
    book.open().add([receipt(), receipt(key=other), receipt("9", server="127.0.0.1:8077")])
    assert book.open().of({KEY}) == [receipt()]
    assert [each.job for each in book.open("127.0.0.1:8077").of({KEY})] == ["9"]


@pytest.mark.parametrize("cut", [2, 40, 200])
def test_a_torn_last_line_is_left_and_what_comes_after_it_is_read(book, cut):
    book.open().add([receipt(), receipt("8")])
    whole = book.path.read_bytes()
    book.path.write_bytes(whole[:-cut])
    torn = book.open()
    assert [each.job for each in torn.of({KEY})] == ["7"]
    assert book.told == []
    torn.add([receipt("9")])
    assert [each.job for each in book.open().of({KEY})] == ["7", "9"]
    assert book.path.read_bytes().startswith(whole[:-cut] + b"\n")


def test_a_last_line_that_lacks_nothing_but_its_end_is_whole(book):
    book.path.write_bytes(receipt().line[:-1])
    book.open().add([receipt("8")])
    assert [each.job for each in book.open().of({KEY})] == ["7", "8"]


@pytest.mark.parametrize(
    "line",
    [
        b"<<<<<<< HEAD",
        b"{}",
        b"[" * 5000,
        b"\xff\xfe",
        b'{"key": 3}',
        receipt(version=2).line.strip(),
        receipt(token="ek-ffffffffffffffff-0000000000000000").line.strip(),
        receipt(token="no token").line.strip(),
    ],
)
def test_lines_that_are_no_receipts_are_left_out_and_counted(book, line):
    book.path.write_bytes(line + b"\n\n" + receipt().line)
    assert book.open().of({KEY}) == [receipt()]
    assert book.told == [f"{book.path}: 1 lines are no receipts, and were left out"]


def test_a_line_without_end_fills_no_memory(book):
    book.path.write_bytes(b"x" * (LONGEST + 5) + b"\n" + receipt().line)
    assert book.open().of({KEY}) == [receipt()]


@pytest.mark.parametrize("make", [lambda path: path.mkdir(), os.mkfifo], ids=["folder", "pipe"])
def test_what_is_no_file_is_told_and_stops_nothing(book, make):
    make(book.path)
    receipts = book.open()
    assert receipts.of({KEY}) == []
    receipts.add([receipt()])
    assert len(book.told) == 2
    assert "cannot be read" in book.told[0]
    assert "was not written" in book.told[1]
    assert "the ledger has it all" in book.told[1]


def test_a_folder_that_is_gone_is_told(book, tmp_path):
    book.manifest = tmp_path / "gone" / "m.yaml"
    book.open().add([receipt()])
    assert "No such file" in book.told[0]
    book.open().add([])
    assert len(book.told) == 1
