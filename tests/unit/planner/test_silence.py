"""Listening for silence: what is there to hear in real files, and what nobody can decode."""

import struct
import wave
from itertools import pairwise

import pytest

from planner.lengths.soundfile_end import starts
from planner.pool import answers
from planner.pooled import Listen, done
from planner.silence import NOT_HEARD, Heard, listened

RATE = 1000


def record(path, *stretches):
    """A file of stretches: seconds, loudness of 32,767."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        for seconds, loud in stretches:
            half = struct.pack("<hh", loud, -loud)
            file.writeframes(half * (seconds * RATE // 2))
    return str(path)


@pytest.mark.parametrize(
    ("stretches", "silent", "mostly"),
    [
        ([(60, 8000)], 0, False),
        ([(60, 0)], 24, True),
        ([(60, 20)], 24, True),  # -64 dB
        ([(60, 60)], 0, False),  # -55 dB
        ([(50, 0), (10, 8000)], 20, False),
        ([(58, 0), (2, 8000)], 23, True),
    ],
    ids=["sound", "nothing", "noise of a dead line", "a quiet room", "a late start", "hardly anything"],
)
def test_some_places_are_listened_to(tmp_path, stretches, silent, mostly):
    heard = listened(record(tmp_path / "a.wav", *stretches))
    assert (heard.places, heard.silent, heard.mostly_silent) == (24, silent, mostly)


def test_a_short_one_is_heard_whole(tmp_path):
    assert listened(record(tmp_path / "a.wav", (2, 0))) == Heard(4, 4)


def test_what_nobody_decodes_or_is_gone_is_not_silent(tmp_path):
    (tmp_path / "a.mp3").write_bytes(b"not sound" * 50)
    assert listened(str(tmp_path / "a.mp3")) == NOT_HEARD
    assert listened(str(tmp_path / "gone.wav")) == NOT_HEARD
    assert not NOT_HEARD.mostly_silent


def test_places_lie_within_the_recording_and_do_not_overlap_in_a_long_one():
    found = starts(100.0, 0.5, 24)
    assert len(found) == 24
    assert min(found) >= 0
    assert max(found) <= 99.5
    assert all(later - earlier >= 0.5 for earlier, later in pairwise(found))
    assert starts(0.1, 0.5, 24) == [0.0]


def test_readers_listen_too(tmp_path):
    path = record(tmp_path / "a.wav", (3, 0)).encode()
    assert done(Listen(path)) == Heard(6, 6)
    steps = [(Listen(path), 7), (None, 8)]
    assert list(answers(iter(steps), 1)) == [(Heard(6, 6), 7), (None, 8)]


def test_what_libsndfile_does_not_read_is_heard_through_ffmpeg(tmp_path):
    av = pytest.importorskip("av")
    for name, loud in (("dead.m4a", 0), ("talk.m4a", 8000)):
        source = record(tmp_path / "a.wav", (20, loud))
        with av.open(source) as sound, av.open(str(tmp_path / name), "w") as made:
            stream = made.add_stream("aac", rate=8000)
            for frame in sound.decode(audio=0):
                for part in av.AudioResampler("fltp", "mono", 8000).resample(frame):
                    made.mux(stream.encode(part))
            made.mux(stream.encode(None))
        assert listened(str(tmp_path / name)).mostly_silent is (loud == 0)
