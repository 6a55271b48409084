"""Lines: what identifies one across runs, what it costs, where its results go."""

import os
from fractions import Fraction
from pathlib import Path

import pytest

from manifests.errors import ManifestError
from runner.lines import as_fields, as_text, lines_of
from support.small_run import RATES, manifest_of


def only(desk, item, rates=RATES, **head):
    (line,) = lines_of(manifest_of([item], **head), desk.folder, rates)
    return line


def test_a_line_knows_what_it_buys_and_what_it_fetches(desk):
    line = only(desk, desk.item("a.mp3", options={"language": "en", "formats": ["srt", "json"]}))
    assert line.product.name == "transcription"
    assert line.submit == {
        "language": "en",
        "enable_speaker_diarization": False,
        "enable_word_timestamps": True,
    }
    assert line.wanted == {"formats": ["srt", "json"]}
    assert (line.expected, line.ceiling) == (1, 2)
    assert line.path == desk.folder / "a.mp3"
    assert line.base == "a"


def test_its_price_follows_the_rates_of_the_run_not_of_the_plan(desk):
    item = desk.item("a.mp3")
    assert only(desk, item).expected == 1
    assert only(desk, item, {"transcription": Fraction(7, 2)}).expected == 4


def test_a_paid_line_costs_its_full_price_if_it_has_to_be_paid_after_all(desk):
    line = only(desk, desk.item("a.mp3", cents=0, ceiling=0, paid=True))
    assert (line.expected, line.ceiling) == (1, 2)


@pytest.mark.parametrize(
    "changes",
    [
        {"cents": 9, "ceiling": 9},
        {"result": "elsewhere/b"},
        {"note": "said by hand"},
        {"options": {"formats": ["vtt"]}},
        {"options": {"enable_word_timestamps": True}},
        {"sha256": "0" * 64, "paid": True},
        {"seconds": 61.0},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_price_name_note_and_free_options_leave_a_line_the_same(desk, changes):
    plain = only(desk, desk.item("a.mp3"))
    assert only(desk, desk.item("a.mp3", **changes)).key == plain.key


@pytest.mark.parametrize(
    ("name", "service", "changes"),
    [
        ("b.mp3", "transcription", {}),
        ("a.mp3", "stems:two", {}),
        ("a.mp3", "transcription", {"options": {"language": "de"}}),
        ("a.mp3", "transcription", {"generation": 1}),
    ],
)
def test_file_service_bought_options_and_generation_make_it_another(desk, name, service, changes):
    assert only(desk, desk.item(name, service, **changes)).key != only(desk, desk.item("a.mp3")).key


def test_other_names_of_a_variant_are_one_line(desk):
    other = desk.item("a.mp3", "stems:2stem")
    assert only(desk, other).key == only(desk, desk.item("a.mp3", "stems:two")).key


def test_a_root_beside_the_manifest_s_folder_is_found(desk):
    assert only(desk, desk.item("a.mp3"), root="../media").path == desk.folder.parent / "media" / "a.mp3"
    assert only(desk, desk.item("a.mp3"), root="/srv/media").path == Path("/srv/media/a.mp3")


def test_a_path_that_is_no_text_stays_what_it_is(desk):
    raw = b"talks/\xff.mp3"
    line = only(desk, desk.item("a.mp3", file_bytes=raw.hex()))
    assert os.fsencode(line.path) == os.fsencode(desk.folder) + b"/" + raw


def test_lines_keep_the_manifest_s_order_and_clashing_names_are_told_apart(desk):
    items = [desk.item(name) for name in ("b.mp3", "a.mp3", "a.wav")]
    lines = lines_of(manifest_of(items), desk.folder, RATES)
    assert [line.item.file for line in lines] == ["b.mp3", "a.mp3", "a.wav"]
    assert [line.base for line in lines] == ["b", "a.mp3.transcription", "a.wav.transcription"]


def test_lines_of_one_service_and_options_share_what_follows_from_them(desk):
    items = [desk.item(name, options={"language": name[:2]}) for name in ("en1.mp3", "en2.mp3", "de.mp3")]
    first, same, other = lines_of(manifest_of(items), desk.folder, RATES)
    assert first.submit is same.submit
    assert first.wanted is same.wanted
    assert (first.submit["language"], other.submit["language"]) == ("en", "de")


@pytest.mark.parametrize("result", ["../out", "/etc/passwd"])
def test_a_result_name_that_leads_out_is_refused(desk, result):
    with pytest.raises(ManifestError, match="leads out"):
        only(desk, desk.item("a.mp3", result=result))


def test_equal_mappings_are_equal_texts():
    assert as_text({"b": 1, "a": [True]}) == as_text({"a": [True], "b": 1})
    assert as_fields(as_text({"a": ["x"], "b": False})) == {"a": ["x"], "b": False}
    assert as_text({"a": 1}) != as_text({"a": True})
