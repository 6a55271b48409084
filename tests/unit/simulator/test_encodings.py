"""Results in the formats of the trade: real files of the right length, made in no time."""

from __future__ import annotations

import pytest

from simulator.encodings import ENCODINGS, FORMATS, sound, video
from simulator.measure import measure

SLACK = 0.3
"""Seconds: the longest frames are those of AAC, 0.128 s."""


def content(stream):
    body = b"".join(stream.pieces())
    assert len(body) == stream.size
    return body


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("seconds", [1.5, 61])
def test_a_sound_can_be_played_and_is_as_long_as_asked_for(tmp_path, form, seconds):
    content_type, stream = sound("seed", seconds, form)
    path = tmp_path / f"sound.{form}"
    path.write_bytes(content(stream))
    found = measure(path)
    assert seconds <= found.seconds <= seconds + SLACK
    assert not found.has_video
    assert content_type.startswith("audio/")


@pytest.mark.parametrize("form", ENCODINGS)
def test_equal_seeds_sound_alike_and_others_do_not(form):
    first, again, other = (content(sound(seed, 1, form)[1]) for seed in ("a", "a", "b"))
    assert first == again != other


def test_a_video_has_a_picture_and_a_sound(tmp_path):
    content_type, stream = video("seed", 2.5)
    path = tmp_path / "video.mp4"
    path.write_bytes(content(stream))
    found = measure(path)
    assert found.has_video
    assert 2.5 <= found.seconds <= 2.5 + SLACK
    assert content_type == "video/mp4"
