"""A run leaves a receipt for each purchase that it saved: once, and after the ledger."""

import json
import os

import pytest

from manifests.exits import Exit
from runner.api.errors import ServiceDown
from runner.report import Fate
from runner.start import run
from support.small_run import BILLED, manifest_of


def receipts(desk, name="m.yaml"):
    path = desk.folder / f"{name}.receipts.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def test_each_saved_purchase_has_a_line_with_its_bill_and_its_files(desk):
    made = manifest_of([desk.item("talks/a.mp3"), desk.item("song.wav", "stems:two")])
    report = desk.run(made, patience=BILLED, spend=100)
    assert report.exit is Exit.DONE
    first, second = sorted(receipts(desk), key=lambda each: each["service"] == "stems")
    attempt = desk.ledger.attempt_of_job("transcription", first["job"])
    assert first["token"] == attempt.token
    assert (first["cents"], first["ceiling"], first["settled"]) == (1, 2, "billed")
    assert (first["product"], first["generation"], first["manifest"]) == ("transcription", 0, "m1")
    assert first["key"].startswith(attempt.token[3:19])
    assert first["time"].endswith("Z")
    assert {each["file"] for each in first["results"]} == {"talks/a.json", "talks/a.txt"}
    assert {each["file"] for each in second["results"]} == {"song/vocals.wav", "song/no_vocals.wav"}
    size = (desk.output / "talks" / "a.txt").stat().st_size
    assert {each["size"] for each in first["results"] if each["name"] == "txt"} == {size}
    assert len(first["sha256"]) == len(first["results"][0]["sha256"]) == 64
    assert str(desk.folder) not in json.dumps([first, second])


def test_later_runs_repeat_no_line(desk):
    made = desk.manifest("a.mp3")
    desk.run(made, patience=BILLED, spend=100)
    before = receipts(desk)
    desk.run(made, patience=BILLED, spend=100)
    assert receipts(desk) == before
    assert len(before) == 1


def test_a_purchase_that_is_not_billed_yet_gets_its_line_and_later_one_with_the_bill(desk):
    rows, desk.api.add_row = [], lambda *row: rows.append(row)
    made = desk.manifest("a.mp3")
    desk.run(made, spend=100)
    (first,) = receipts(desk)
    assert "cents" not in first
    assert first["settled"] == ""
    del desk.api.add_row
    desk.api.add_row(*rows[0])
    desk.run(made, patience=BILLED, spend=100)
    assert [each.get("cents") for each in receipts(desk)] == [None, 1]


def test_what_credits_pay_is_told_in_credits(desk):
    desk.api.credits_left = 5000
    made = manifest_of([desk.item("a.mp3", "denoise:balanced")])
    desk.run(made, spend=0, max_credits=5000, logged_in=True, patience=BILLED)
    (line,) = receipts(desk)
    assert "cents" not in line
    assert line["settled"] == "unverified"
    assert line["credits"] <= line["credits_ceiling"]


def test_one_purchase_under_two_names_is_one_line_with_the_files_of_both(desk):
    item = desk.item("a.mp3")
    (desk.folder / "copy.mp3").write_bytes((desk.folder / "a.mp3").read_bytes())
    desk.run(manifest_of([item, desk.item("copy.mp3")]), patience=BILLED, spend=100)
    (line,) = receipts(desk)
    assert {each["file"] for each in line["results"]} == {"a.json", "a.txt", "copy.json", "copy.txt"}


def test_what_another_manifest_paid_is_told_with_its_name(desk):
    made = desk.manifest("a.mp3")
    desk.run(made, patience=BILLED, spend=100)
    second = desk.options(patience=BILLED, manifest=desk.folder / "second.yaml", spend=9)
    run(desk.manifest("a.mp3", id="m2"), second, desk.ends())
    (line,) = receipts(desk, "second.yaml")
    assert line["manifest"] == "m1"


def test_what_failed_or_did_not_come_gets_no_line(desk):
    desk.api.fail("result_files", *[ServiceDown("503")] * 99)
    report = desk.run(desk.manifest("a.mp3"), patience=BILLED, spend=100)
    assert report.items[0].fate is Fate.NOT_SAVED
    assert receipts(desk) == []


def test_what_a_killed_run_could_not_tell_the_next_one_tells(desk):
    made = desk.manifest("a.mp3", "b.mp3")
    desk.run(made, patience=BILLED, spend=100)
    path = desk.folder / "m.yaml.receipts.jsonl"
    lines = path.read_bytes()
    path.write_bytes(lines[:-30])  # torn
    desk.run(made, spend=100)
    assert sorted(path.read_bytes().splitlines()[-1:]) == lines.splitlines()[-1:]
    path.unlink()
    desk.run(made, spend=100)
    assert sorted(path.read_bytes().splitlines()) == sorted(lines.splitlines())


@pytest.mark.parametrize("how", [os.mkdir, os.mkfifo])
def test_receipts_that_cannot_be_written_are_a_note(desk, how):
    how(desk.folder / "m.yaml.receipts.jsonl")
    report = desk.run(desk.manifest("a.mp3"), patience=BILLED, spend=100)
    assert report.exit is Exit.DONE
    assert any("was not written" in note for note in report.notes)
