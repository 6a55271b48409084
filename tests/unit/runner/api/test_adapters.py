from pathlib import Path

import pytest

from manifests.errors import UsageError
from runner.api import links
from runner.api.adapter import Form, wire
from runner.api.address import Base
from runner.api.interface import Order, ResultFile
from runner.api.services import adapter

BASE = Base.parse("https://api.example")


def form(service: str, fields: dict[str, object]) -> Form:
    return adapter(service).form(Order(service, fields, Path("talk.mp3"), 1, "talk.mp3", (), ""))


def test_wire_values_become_form_texts():
    fields = {"a": True, "b": False, "c": 3, "d": "text", "e": ["x", "ü"], "f": None}

    assert wire(fields) == {"a": "true", "b": "false", "c": "3", "d": "text", "e": '["x","ü"]'}


def test_a_service_that_is_not_there_is_named():
    with pytest.raises(UsageError, match=r"'astrology'.*transcription, stems"):
        adapter("astrology")


def test_transcripts_are_calls_of_the_service():
    found = adapter("transcription").results("7", {}, {"formats": ["srt", "json", "srt"]}, BASE)

    jobs = "https://api.example/api/v1/transcription/jobs/7/transcript"
    assert found == [
        ResultFile(
            "json",
            f"{jobs}?format=json",
            own=True,
            also="https://api.example/api/v1/transcription/transcript/7",
        ),
        ResultFile(
            "srt",
            f"{jobs}?format=srt",
            own=True,
            also="https://api.example/api/v1/transcription/transcript/7?format=srt",
        ),
    ]


@pytest.mark.parametrize("wanted", [{}, {"formats": None}, {"formats": "srt"}])
def test_the_json_is_always_kept(wanted):
    assert [each.name for each in adapter("transcription").results("7", {}, wanted, BASE)] == ["json"]


@pytest.mark.parametrize("service", ["transcription", "stems"])
def test_an_id_cannot_leave_its_place_in_the_path(service):
    paths = adapter(service).job_paths("../../admin?x=1#y")

    assert all(path.endswith("/..%2F..%2Fadmin%3Fx%3D1%23y") for path in paths)


def test_modes_and_packages_go_to_their_own_addresses():
    assert form("stems", {"mode": "two"}).path == "/api/v1/stem-extraction/api/extract"
    advanced = form("stems", {"package": "karaoke"})
    assert advanced.path == "/api/v1/stem-extraction/extract/advanced"
    assert advanced.fields == {"package": "karaoke"}


def stems_of(download_urls: object) -> list[ResultFile]:
    return adapter("stems").results("7", {"download_urls": download_urls}, {}, BASE)


def test_stems_are_what_is_there():
    assert stems_of({"vocals": "https://m.example/7/v.wav?s=1", "drums": "https://m.example/7/d.flac"}) == [
        ResultFile("drums.flac", "https://m.example/7/d.flac"),
        ResultFile("vocals.wav", "https://m.example/7/v.wav?s=1"),
    ]


def test_empty_and_odd_entries_are_left_out():
    assert stems_of(
        {"a": "", "b": None, "c": 3, "d": " ", "e": ["x"], "f": {}, "g": "https://m.example/g"}
    ) == [ResultFile("g.wav", "https://m.example/g")]


@pytest.mark.parametrize("nothing", [None, {}, [], "x", 3, {"a": ""}])
def test_a_finished_job_without_addresses_has_no_files(nothing):
    assert stems_of(nothing) == []


def test_addresses_may_stand_in_a_list():
    rows = [
        {"stem": "a", "url": "https://m.example/a"},
        {"name": "b", "download_url": "https://m.example/b"},
        {"url": "u"},
        3,
    ]

    assert list(links.labelled(rows)) == [
        ("a", "https://m.example/a"),
        ("b", "https://m.example/b"),
        ("stem", "u"),
    ]


def test_relative_addresses_are_taken_from_the_service():
    assert stems_of({"a": "/media/a.wav"}) == [ResultFile("a.wav", "https://api.example/media/a.wav")]


def test_signed_links_get_no_key_even_on_the_services_own_host():
    found = {
        each.name: each.own
        for each in stems_of({"a": "https://api.example/media/a", "b": "https://api.example/api/v1/b"})
    }

    assert found == {"a.wav": False, "b.wav": True}


def test_hostile_names_stay_in_the_folder_and_apart():
    found = stems_of(
        {
            "../../x": "https://m.example/1.wav",
            "..\\..\\x": "https://m.example/2.wav",
            "": "https://m.example/3",
        }
    )

    assert [each.name for each in found] == ["_.wav", "_.._x.wav", "_.._x_2.wav"]


def test_files_keep_their_names_whatever_the_order():
    one = stems_of({"a": "https://m.example/1.wav", "A": "https://m.example/2.wav"})
    two = stems_of({"A": "https://m.example/2.wav", "a": "https://m.example/1.wav"})

    assert one == two
