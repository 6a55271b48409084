"""Results whose content is another kind of sound than their name says (docs/api.md 9)."""

from pathlib import Path

import pytest

from runner.engine.messages import Fetch
from runner.engine.task import Target
from runner.results import fetch
from runner.sniffing import other_names, sound, true_name
from support.fake_api import FakeApi

WAV = b"RIFF\x00\x00\x00\x00WAVEfmt more"
MP3 = b"\xff\xfb\x90\x64" + bytes(20)
TAG = b"ID3\x04\x00\x00\x00\x00\x01\x05" + bytes(128 + 5)


def tree(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def wish(service: str, *have: str, bases: tuple[str, ...] = ("book",)) -> Fetch:
    targets = tuple(
        Target(number, "book.txt", base, {}, frozenset(have)) for number, base in enumerate(bases, 1)
    )
    return Fetch(1, service, "7", targets)


def test_wav_behind_an_mp3_name_is_saved_as_what_it_is_for_everyone(tmp_path):
    api = FakeApi(results=("mp3",), content={"mp3": WAV})

    rows = fetch(api, wish("tts", bases=("book", "copy")), tmp_path)

    assert tree(tmp_path) == ["book.wav", "copy.wav"]
    assert [(row.name, Path(row.path).name) for row in rows] == [("wav", "book.wav"), ("wav", "copy.wav")]
    assert api.calls.count("download") == 1


def test_it_is_not_fetched_a_second_time(tmp_path):
    api = FakeApi(results=("mp3",), content={"mp3": WAV})

    assert fetch(api, wish("tts", "wav"), tmp_path) == ()
    assert fetch(api, wish("tts", "mp3"), tmp_path) == ()
    assert "download" not in api.calls
    assert tree(tmp_path) == []


def test_a_name_that_another_file_of_the_job_has_stays_free_for_that(tmp_path):
    api = FakeApi(results=("mp3", "wav"), content={"mp3": WAV, "wav": WAV})

    fetch(api, wish("music"), tmp_path)
    assert tree(tmp_path) == ["book.mp3", "book.wav"]

    rows = fetch(api, wish("music", "wav"), tmp_path / "again")
    assert [row.name for row in rows] == ["mp3"]


def test_files_of_a_folder_are_looked_at_too(tmp_path):
    api = FakeApi(results=("vocals.wav", "speakers.rttm"), content={"vocals.wav": MP3, "speakers.rttm": WAV})

    fetch(api, wish("stems"), tmp_path)

    assert tree(tmp_path) == ["book/speakers.rttm", "book/vocals.mp3"]


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("mp3", WAV, "wav"),
        ("2.mp3", WAV, "2.wav"),
        ("wav", WAV, "wav"),
        ("wav", b"RF64\xff\xff\xff\xffWAVEds64", "wav"),
        ("wav", b"fLaC" + bytes(20), "flac"),
        ("wav", b"OggS" + bytes(20), "ogg"),
        ("opus", b"OggS" + bytes(20), "opus"),
        ("mp3", b"\x00\x00\x00\x20ftypM4A " + bytes(20), "m4a"),
        ("mp4", b"\x00\x00\x00\x20ftypisom" + bytes(20), "mp4"),
        ("wav", MP3, "mp3"),
        ("mp3", MP3, "mp3"),
        ("wav", TAG + MP3, "mp3"),
        ("flac", TAG + b"fLaC" + bytes(20), "flac"),
        ("mp3", TAG, "mp3"),
        ("mp3", b"\xff\xf1\x50\x80" + bytes(20), "aac"),
        ("wav", b"\xff\xfb\xff\xff" + bytes(20), "wav"),
        ("wav", b"\xff\xfb\x00\x00" + bytes(20), "wav"),
        ("wav", b"\xff\xfd\x90\x00" + bytes(20), "wav"),
        ("wav", b"wav", "wav"),
        ("wav", b"", "wav"),
        ("json", WAV, "json"),
        ("video.mkv", WAV, "video.mkv"),
    ],
)
def test_a_name_follows_content_that_is_clear(tmp_path, name, content, expected):
    path = tmp_path / "part"
    path.write_bytes(content)

    assert true_name(name, path) == expected


def test_other_names_are_those_of_other_sounds():
    assert other_names("a.mp3") == {"a.wav", "a.flac", "a.ogg", "a.m4a", "a.aac"}
    assert other_names("opus") == {"wav", "flac", "mp3", "m4a", "aac"}
    assert other_names("json") == other_names("speakers.rttm") == frozenset()


def test_bytes_that_tell_nothing():
    assert sound(b"") == sound(b"\xff") == sound(bytes(16)) == ""
