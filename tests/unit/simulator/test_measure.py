"""Lengths by decoding: real files of every kind, and files that are none."""

from __future__ import annotations

import asyncio
import base64
import struct
from fractions import Fraction
from pathlib import Path

import av
import mutagen
import pytest
from mutagen.flac import FLAC, Picture
from mutagen.id3 import APIC
from mutagen.mp4 import MP4, MP4Cover

from simulator.measure import Measured, Measurer, measure

EXAMPLES = Path(__file__).parents[3] / "examples"


@pytest.mark.parametrize(
    ("file", "seconds"),
    [
        ("memos/archive-note.wav", 13.26),
        ("podcasts/ep01.mp3", 30.75),
        ("podcasts/ep02.mp3", 29.47),
        ("podcasts/ep03.m4a", 19.13),
        ("podcasts/trailer.opus", 12.62),
        ("songs/first-light.flac", 16.0),
        ("songs/harbour.mp3", 20.0),
        ("songs/night-train.ogg", 24.0),
    ],
)
def test_recordings_of_every_kind_are_measured(file, seconds):
    found = measure(EXAMPLES / file)
    assert float(found.seconds) == pytest.approx(seconds, abs=0.02)
    assert not found.has_video


def test_a_video_is_known_as_one():
    found = measure(EXAMPLES / "videos/walkthrough.mp4")
    assert found.has_video
    assert found.seconds > 10


def test_the_length_is_exact(tmp_path, wav):
    path = tmp_path / "a.wav"
    path.write_bytes(wav(3.25))
    assert measure(path) == Measured(Fraction(13, 4))


@pytest.mark.parametrize(
    "content", [b"", b"no sound here\n" * 100, b"RIFF\x00\x00\x00\x00WAVEfmt ", bytes(5000)]
)
def test_what_cannot_be_played_has_no_length(tmp_path, content):
    path = tmp_path / "a.wav"
    path.write_bytes(content)
    assert measure(path) == Measured(Fraction(0))


def test_a_file_that_is_not_there_has_no_length(tmp_path):
    assert measure(tmp_path / "gone.wav") == Measured(Fraction(0))


def test_of_a_file_cut_short_counts_what_can_be_played(tmp_path):
    whole = (EXAMPLES / "songs/harbour.mp3").read_bytes()
    path = tmp_path / "half.mp3"
    path.write_bytes(whole[: len(whole) // 2])
    assert 9 < measure(path).seconds < 11


def test_broken_packets_are_skipped(tmp_path):
    whole = bytearray((EXAMPLES / "songs/first-light.flac").read_bytes())
    middle = len(whole) // 2
    whole[middle : middle + 600] = bytes(600)
    path = tmp_path / "scratched.flac"
    path.write_bytes(whole)
    assert 14 < measure(path).seconds <= 16


def test_a_video_without_sound_has_no_length(tmp_path):
    path = tmp_path / "silent.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=5)
        stream.width = stream.height = 64
        for packet in (*stream.encode(av.VideoFrame(64, 64, "yuv420p")), *stream.encode()):
            container.mux(packet)
    assert measure(path) == Measured(Fraction(0))


def test_packets_that_cannot_be_decoded_are_skipped(tmp_path):
    whole = bytearray((EXAMPLES / "songs/sketch.m4a").read_bytes())
    begin = whole.index(b"mdat") + 4000
    for i in range(begin, begin + 8000):
        whole[i] ^= 0xA5
    path = tmp_path / "scratched.m4a"
    path.write_bytes(whole)
    assert 3 < measure(path).seconds < 12.5


def test_equal_bytes_are_decoded_once_even_at_the_same_time(tmp_path, wav):
    decoded = []

    def decode(path):
        decoded.append(path)
        return measure(path)

    path = tmp_path / "a.wav"
    path.write_bytes(wav(2))

    async def upload_three_times():
        measurer = Measurer(decode)
        first = await asyncio.gather(measurer.measure("digest", path), measurer.measure("digest", path))
        return [*first, await measurer.measure("digest", tmp_path / "gone by now")]

    assert asyncio.run(upload_three_times()) == [Measured(Fraction(2))] * 3
    assert decoded == [path]


@pytest.mark.parametrize("file", ["songs/harbour.mp3", "songs/first-light.flac", "songs/sketch.m4a"])
def test_a_cover_picture_makes_no_video(tmp_path, file):
    path = tmp_path / Path(file).name
    path.write_bytes((EXAMPLES / file).read_bytes())
    plain = measure(path)
    add_cover(path)
    assert measure(path) == plain
    assert not plain.has_video
    assert b"PNG" in path.read_bytes()


def add_cover(path):
    dot = base64.b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGBgAAAABQABpfZFQAAAAABJRU5ErkJggg=="
    )
    file = mutagen.File(path)
    if isinstance(file, FLAC):
        picture = Picture()
        picture.data, picture.mime, picture.type = dot, "image/png", 3
        file.add_picture(picture)
    elif isinstance(file, MP4):
        file["covr"] = [MP4Cover(dot, MP4Cover.FORMAT_PNG)]
    else:
        if file.tags is None:
            file.add_tags()
        file.tags.add(APIC(mime="image/png", type=3, data=dot))
    file.save()


def test_tags_that_are_no_text_do_not_matter(tmp_path):
    title = b"INFOINAM" + struct.pack("<I", 6) + b"caf\xe9\x00\x00"
    sound = (
        b"WAVEfmt "
        + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 16000, 2, 16)
        + b"data"
        + struct.pack("<I", 16000)
    )
    body = sound + bytes(16000) + b"LIST" + struct.pack("<I", len(title)) + title
    (tmp_path / "latin.wav").write_bytes(b"RIFF" + struct.pack("<I", len(body)) + body)
    assert measure(tmp_path / "latin.wav").seconds == 1
