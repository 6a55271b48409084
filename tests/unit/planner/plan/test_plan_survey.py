import hashlib
import shutil
from pathlib import Path

import pytest

from planner.containers.opening import opened
from planner.containers.pictures import has_video
from planner.content import audio_spans
from planner.leftout import Reason, Unreadable
from planner.survey import digest, survey

EXAMPLES = Path(__file__).parents[4] / "examples"
FILM = EXAMPLES / "videos/walkthrough.mp4"
SPEECH = EXAMPLES / "podcasts/ep03.m4a"
WAVE = EXAMPLES / "memos/archive-note.wav"


def box(kind, *bodies):
    body = b"".join(bodies)
    return (8 + len(body)).to_bytes(4, "big") + kind + body


def track(handler, codec=b""):
    """A track of an MP4, as far as telling a film from a cover needs it."""
    entry = box(codec) if codec else b""
    table = box(b"minf", box(b"stbl", box(b"stsd", bytes(7), b"\1", entry))) if codec else b""
    return box(b"trak", box(b"mdia", box(b"hdlr", bytes(8), handler, bytes(12)), table))


def video_in(tmp_path, *tracks, reader="mp4", name="x.m4b"):
    path = tmp_path / name
    path.write_bytes(box(b"ftyp", b"M4A ") + box(b"moov", *tracks))
    with opened(str(path)) as source:
        return has_video(source, reader)


def test_a_survey_tells_all_that_a_plan_needs():
    seen = survey(str(WAVE))
    status = WAVE.stat()
    assert (seen.path, seen.size, seen.mtime_ns) == (str(WAVE), status.st_size, status.st_mtime_ns)
    assert 13_000 < seen.length.ms < 14_000
    assert len(seen.print) == 12
    assert 0 < seen.audio_bytes <= seen.size
    assert not seen.video


def test_a_film_has_moving_pictures_and_a_recording_has_none():
    assert survey(str(FILM)).video
    assert not survey(str(SPEECH)).video


def test_chapter_pictures_of_an_audio_book_make_no_film(tmp_path):
    assert not video_in(tmp_path, track(b"soun"), track(b"vide", b"jpeg"))
    assert video_in(tmp_path, track(b"soun"), track(b"vide", b"avc1"))


def test_a_video_track_that_does_not_say_its_codec_counts_as_film(tmp_path):
    assert video_in(tmp_path, track(b"vide"))


def test_a_track_without_a_handler_is_no_film(tmp_path):
    assert not video_in(tmp_path, box(b"trak", box(b"mdia")))
    assert not video_in(tmp_path)


def test_a_file_without_an_index_is_no_film(tmp_path):
    path = tmp_path / "x.mp4"
    path.write_bytes(box(b"ftyp", b"isom"))
    with opened(str(path)) as source:
        assert not has_video(source, "mp4")


@pytest.mark.parametrize(
    ("reader", "sign"),
    [
        ("matroska", b"\x86\x8fV_MPEG4/ISO/AVC"),
        ("avi", b"strh\x38\0\0\0vids"),
        ("mpegps", b"\0\0\1\xe0"),
        ("mpegts", b"\0\0\1\xe1"),
        ("wma", bytes.fromhex("c0ef19bc4d5bcf11a8fd00805f5c442b")),
        ("realmedia", b"video/x-pn-realvideo"),
    ],
)
def test_other_kinds_show_their_pictures(tmp_path, reader, sign):
    for data, film in ((bytes(99) + sign, True), (bytes(200), False)):
        path = tmp_path / "x"
        path.write_bytes(data)
        with opened(str(path)) as source:
            assert has_video(source, reader) is film


def test_flash_says_it_in_its_header(tmp_path):
    for flags, film in ((5, True), (4, False)):
        (tmp_path / "x").write_bytes(b"FLV\x01" + bytes([flags]))
        with opened(str(tmp_path / "x")) as source:
            assert has_video(source, "flv") is film


def test_plain_sound_has_no_pictures(tmp_path):
    assert not video_in(tmp_path, reader="wav", name="x.wmv")


def test_the_digest_is_that_of_the_sound(tmp_path):
    copy = tmp_path / "copy.wav"
    shutil.copy(WAVE, copy)
    seen = survey(str(copy))
    data = copy.read_bytes()
    sound = b"".join(data[start:end] for start, end in audio_spans(str(copy)))
    assert digest(seen) == digest(survey(str(WAVE))) == hashlib.sha256(sound).hexdigest()


def test_a_file_that_vanished_since_the_survey_says_so(tmp_path):
    copy = tmp_path / "copy.wav"
    shutil.copy(WAVE, copy)
    seen = survey(str(copy))
    copy.unlink()
    with pytest.raises(Unreadable) as caught:
        digest(seen)
    assert caught.value.reason is Reason.VANISHED
