"""Files that make others guess: tags where none belong, frames without sizes, sound of kinds within kinds."""

import io
import json
from fractions import Fraction

import pytest

from manifests.length import Grade
from planner.containers.source import Source
from planner.leftout import Reason, Unreadable
from planner.lengths import guarded, others, soundfile_end
from planner.lengths.media import Film
from planner.lengths.registry import read_length

ID3 = b"ID3\4\0\0\0\0\x01\0" + bytes(128)


@pytest.mark.parametrize(
    ("name", "codec", "how"),
    [("a.wav", "pcm_s16le", {}), ("a.aiff", "pcm_s16be", {}), ("a.ac3", "ac3", {"rate": 48_000})],
)
def test_tags_in_front_of_kinds_that_know_none(recording, written, name, codec, how):
    path = recording(name, codec, **how)
    assert read_length(written("tagged-" + name, ID3 + path.read_bytes())) == read_length(str(path))


def test_zeros_in_front_of_an_mp3_are_passed(recording, written):
    path = recording("a.mp3", "libmp3lame")
    assert (
        read_length(written("zeros.mp3", bytes(20_000) + path.read_bytes())).ms == read_length(str(path)).ms
    )


@pytest.mark.parametrize("tail", [bytes(30_000), b"These are notes. " * 300])
def test_what_stands_behind_an_mp3_adds_nothing(recording, written, tail):
    path = recording("a.mp3", "libmp3lame")
    length = read_length(written("behind.mp3", path.read_bytes() + tail))
    assert (length.ms, length.grade) == (read_length(str(path)).ms, Grade.COUNTED)


def free(count: int, size: int = 500, first: bytes = b"") -> bytes:
    frame = (0xFFFB0000).to_bytes(4, "big")
    return first.ljust(size if first else 0, b"\0") + frame.ljust(size, b"\x55") * count


def test_frames_of_free_format_are_of_the_size_that_repeats(written):
    length = read_length(written("free.mp3", free(100)))
    assert (length.ms, length.grade) == (-(-100 * 1152 * 1000 // 44_100), Grade.COUNTED)
    assert "do not say their size" in length.reason


def test_of_free_format_too_the_first_frame_may_state_the_count(written):
    info = (0xFFFB0000).to_bytes(4, "big") + bytes(32) + b"Info" + bytes([0, 0, 0, 1, 0, 0, 0, 100])
    info += b"LAME3.100" + bytes(12) + (576 << 12 | 576).to_bytes(3, "big")
    length = read_length(written("free.mp3", free(100, first=info)))
    assert length.ms == -(-(100 * 1152 - 1152) * 1000 // 44_100)


def test_free_format_needs_frames_that_follow(written):
    for data in (free(1) + bytes(3000), (0xFFFB0000).to_bytes(4, "big") + bytes(50_000), b"\xff\xfb"):
        with pytest.raises(Unreadable, match="not audio"):
            read_length(written("none.mp3", data))


def test_compressed_sound_in_wav_is_decoded(recording, decoded, close_to):
    path = recording("a.wav", "adpcm_yamaha")
    length = read_length(str(path))
    assert length.grade is Grade.COUNTED
    assert close_to(length.ms, decoded(path))


def test_what_libsndfile_does_not_read_is_decoded(recording, decoded, close_to):
    path = recording("a.w64", "mp2")
    length = read_length(str(path))
    assert (length.reader, length.grade) == ("w64", Grade.COUNTED)
    assert close_to(length.ms, decoded(path))


class TestCompared:
    """A header that nothing confirms, beside packets that were counted."""

    def length(self, monkeypatch, counted):
        monkeypatch.setattr(others, "by_packets", lambda *_: counted)
        stated = others.sure(Fraction(20), Grade.HEADER, "tak", "header")
        return others._counted(Source("a.tak", io.BytesIO(b"x"), 1), stated, Film("tak", "tak"))

    def test_packets_count(self, monkeypatch):
        counted = others.sure(Fraction(19), Grade.COUNTED, "tak", "counted")
        assert self.length(monkeypatch, counted) is counted

    def test_fewer_packets_than_stated_are_a_cut(self, monkeypatch):
        with pytest.raises(Unreadable, match="cut off at 0:10 of 0:20"):
            self.length(monkeypatch, others.sure(Fraction(10), Grade.COUNTED, "tak", "counted"))


class TestTheOtherSide:
    """What runs in the process of its own, called here."""

    def answers(self, *requests: dict) -> list[dict]:
        out = io.StringIO()
        guarded.serve(io.StringIO("".join(json.dumps(each) + "\n" for each in requests)), out)
        return [json.loads(line) for line in out.getvalue().splitlines()]

    def asked(self, do: str, *given: object) -> dict:
        return {"do": do, "seconds": 20, "with": given}

    def test_each_request_is_answered(self, recording):
        path = str(recording("a.au", "pcm_s16be"))
        found, failed = self.answers(self.asked("soundfile", path), self.asked("soundfile", path + "x"))
        assert found["found"]["frames"] == 48_000
        assert failed == {"failed": "System error."}

    def test_errors_are_told_without_the_path(self, tmp_path):
        (tmp_path / "a.mkv").write_bytes(b"\x1a\x45\xdf\xa3" + bytes(100))
        assert self.answers(self.asked("media", str(tmp_path / "a.mkv"), "matroska", 0)) == [
            {"failed": "Invalid data found when processing input"}
        ]

    def test_a_missing_library_is_told(self, monkeypatch):
        monkeypatch.setitem(guarded.WORK, "gone", ("planner.lengths.gone", "seen"))
        (answer,) = self.answers(self.asked("gone"))
        assert "planner.lengths.gone" in answer["missing"]

    def test_a_bug_is_an_answer(self, monkeypatch):
        monkeypatch.setattr(soundfile_end, "seen", lambda: None)
        (answer,) = self.answers(self.asked("soundfile", "too", "much"))
        assert "failed" in answer


def test_a_mark_alone_is_no_wma(written):
    mark = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
    with pytest.raises(Unreadable) as caught:
        read_length(written("a.wma", mark + bytes(300)))
    assert caught.value.reason is Reason.DAMAGED
