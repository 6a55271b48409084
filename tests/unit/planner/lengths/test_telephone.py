"""Headerless sounds of telephone systems are known by name, and measured by size."""

import pytest

from manifests.length import Grade
from planner.leftout import Reason, Unreadable
from planner.lengths.registry import read_length

NOISE = bytes(range(256)) * 40


@pytest.mark.parametrize(
    ("name", "data", "ms"),
    [
        ("a.gsm", (b"\xd5" + NOISE[:32]) * 50, 1000),
        ("A.GSM", (b"\xd5" + NOISE[:32]) * 50 + b"\xd5", 1000),
        ("a.g722", NOISE[:8000], 1000),
        ("a.ulaw", NOISE[:8000], 1000),
        ("a.al", NOISE[:8000], 1000),
        ("a.g729", NOISE[:1000], 1000),
        ("a.sln", NOISE[:8000], 500),
        ("a.sln16", NOISE[:8000], 250),
        ("a.sln44", NOISE[:8820], 100),
        ("silence.sln", bytes(16_000), 1000),
        ("a.siren7", NOISE[:4000], 1000),
        ("a.g726-32", NOISE[:4000], 1000),
    ],
)
def test_by_size(written, name, data, ms):
    length = read_length(written(name, data))
    assert (length.ms, length.grade, length.reader) == (ms, Grade.HEADER, "telephone")
    assert length.reason.startswith("by its size and its name")


def test_two_rates_make_an_interval(written):
    length = read_length(written("a.vox", NOISE[:6000]))
    assert (length.ms, length.grade, length.high_ms) == (1500, Grade.ESTIMATED, 2100)


@pytest.mark.parametrize(
    ("name", "data"),
    [("a.gsm", NOISE), ("notes.ul", b"These are notes.\n" * 50), ("a.bin", NOISE), ("none", NOISE)],
)
def test_a_name_alone_is_not_enough(written, name, data):
    with pytest.raises(Unreadable, match="not audio"):
        read_length(written(name, data))


def test_content_that_shows_another_kind_wins(recording):
    assert read_length(str(recording("a.gsm", "pcm_s16le", container="wav"))).reader == "wav"


def test_less_than_a_frame_is_cut_off(written):
    with pytest.raises(Unreadable, match="too small") as caught:
        read_length(written("a.g729", b"\x80\x81"))
    assert caught.value.reason is Reason.TRUNCATED
