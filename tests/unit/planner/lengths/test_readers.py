"""One suite for all readers, found by walking their table: a new reader is held to it, too."""

import io
import struct
from pathlib import Path

import pytest

from manifests.length import Grade
from planner.containers import films
from planner.containers.opening import opened
from planner.containers.source import Source
from planner.leftout import Unreadable
from planner.lengths.registry import BY_FIRST_BYTE, READERS, length_of, reader_for

WITHOUT_ENCODER = {
    "ape",
    "mpc",
    "tak",
    "ofr",
    "dff",
    "sphere",
    "avr",
    "paf",
    "pvf",
    "dsf",
    "voc",
    "telephone",
}
"""Kinds that neither PyAV nor soundfile writes; each has a row of bytes below or in test_others."""

FILMS = {film.name for film in films.FILMS}
"""Read by PyAV from their paths: in test_media."""

SAMPLES = {
    "mp3": ("a.mp3", "libmp3lame", {}),
    "mp4": ("a.m4a", "aac", {"container": "ipod"}),
    "flac": ("a.flac", "flac", {}),
    "ogg": ("a.opus", "libopus", {}),
    "wav": ("a.wav", "pcm_s16le", {}),
    "aiff": ("a.aiff", "pcm_s16be", {}),
    "aac": ("a.aac", "aac", {"container": "adts"}),
    "ac3": ("a.ac3", "ac3", {"rate": 48_000}),
    "wma": ("a.wma", "wmav2", {"container": "asf", "rate": 44_100, "bit_rate": 64_000}),
    "wv": ("a.wv", "wavpack", {}),
    "tta": ("a.tta", "tta", {}),
    "au": ("a.au", "pcm_s16be", {}),
    "w64": ("a.w64", "pcm_s16le", {}),
    "caf": ("a.caf", "pcm_s16le", {}),
}
NAMES = sorted({reader.name for reader in READERS})
NO_SOUND = {
    "nothing": b"",
    "one byte": b"\xff",
    "text": b"Show notes of the first season.\n" * 400,
    "zeros": bytes(50_000),
    "ones": b"\xff" * 50_000,
    "all bytes": bytes(range(256)) * 300,
    "a web page": b"<!DOCTYPE html><html><body>" + b"<p>404</p>" * 900,
    "json": b'{"error": "not found"}' * 500,
    "a git pointer": b"version https://git-lfs.github.com/spec/v1\noid sha256:abc\nsize 12\n",
    "a subtitle": b"1\n00:00:01,000 --> 00:00:02,000\nHello\n\n" * 200,
}


def memory(data: bytes) -> Source:
    return Source("memory", io.BytesIO(data), len(data))


class Counting(io.BytesIO):
    """A file that knows how much was read of it."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.taken = 0

    def read(self, size: int | None = -1) -> bytes:
        data = super().read(size)
        self.taken += len(data)
        return data


def test_every_reader_has_a_sample():
    assert set(NAMES) == set(SAMPLES) | WITHOUT_ENCODER | FILMS


@pytest.mark.parametrize("data", NO_SOUND.values(), ids=NO_SOUND)
def test_no_reader_takes_what_is_no_sound(data):
    assert not [reader.name for reader in READERS if reader.recognises(memory(data))]


@pytest.mark.parametrize("name", SAMPLES)
def test_the_first_byte_leaves_the_reader_that_takes_it(recording, name):
    file, codec, how = SAMPLES[name]
    with opened(str(recording(file, codec, **how))) as source:
        assert name in {reader.name for reader in BY_FIRST_BYTE[source.head[0]]}


@pytest.mark.parametrize("name", SAMPLES)
def test_its_own_sample_goes_to_it_alone(recording, name):
    file, codec, how = SAMPLES[name]
    with opened(str(recording(file, codec, **how))) as source:
        takers = [reader.name for reader in READERS if reader.recognises(source)]
        assert takers == [name]
        assert reader_for(source).name == name


@pytest.mark.parametrize("name", SAMPLES)
def test_lengths_of_different_recordings_differ_as_they_should(recording, name):
    file, codec, how = SAMPLES[name]
    lengths = []
    for seconds in (2, 5):
        with opened(str(recording(file, codec, seconds=seconds, **how))) as source:
            lengths.append(length_of(source).ms)
    assert 2800 < lengths[1] - lengths[0] < 3200


@pytest.mark.parametrize("name", SAMPLES)
def test_a_second_look_says_the_same(recording, name):
    file, codec, how = SAMPLES[name]
    with opened(str(recording(file, codec, **how))) as source:
        assert length_of(source) == length_of(source)


@pytest.mark.parametrize("name", sorted(set(SAMPLES) - {"au", "w64", "caf"}))
def test_a_length_that_is_not_counted_costs_little_reading(recording, name):
    file, codec, how = SAMPLES[name]
    data = recording(file, codec, seconds=60, **how).read_bytes()
    counting = Counting(data)
    length = length_of(Source("memory", counting, len(data)))
    if length.grade is Grade.COUNTED:
        assert counting.taken < 2 * len(data) + 500_000, "one walk, and the looks before it"
    else:
        assert counting.taken < 400_000


@pytest.mark.parametrize("name", SAMPLES)
def test_half_a_recording_is_left_out_or_counted_never_exact(recording, written, name):
    file, codec, how = SAMPLES[name]
    data = recording(file, codec, seconds=4, **how).read_bytes()
    if name == "mp3":  # without its stated count nothing tells that the rest is missing
        assert b"Info" in data or b"Xing" in data
    with opened(written("half-" + file, data[: len(data) // 2])) as source:
        try:
            length = length_of(source)
        except Unreadable:
            return
        assert length.grade is Grade.COUNTED
        assert 1500 < length.ms < 2500


@pytest.mark.parametrize("name", SAMPLES)
def test_junk_after_the_end_changes_little(recording, written, name):
    """Players and shops append things; a length must not grow with them."""
    file, codec, how = SAMPLES[name]
    data = recording(file, codec, seconds=4, **how).read_bytes()
    with opened(written("junk-" + file, data + b"shop id 0000\n" * 10)) as source:
        try:
            length = length_of(source)
        except Unreadable:
            return
        assert abs(length.ms - 4000) < 250


def test_a_gibibyte_of_sound_is_read_in_a_few_looks(tmp_path):
    path = tmp_path / "long.wav"
    size = 1 << 30
    form = struct.pack("<HHIIHH", 1, 2, 48_000, 192_000, 4, 16)
    head = b"RIFF" + struct.pack("<I", size + 36) + b"WAVEfmt " + struct.pack("<I", 16) + form
    with path.open("wb") as file:
        file.write(head + b"data" + struct.pack("<I", size))
        file.truncate(file.tell() + size)
    with opened(str(path)) as source:
        length = length_of(source)
    assert (length.grade, length.ms) == (Grade.EXACT, -(-size * 1000 // 192_000))


def test_the_manual_names_every_kind():
    manual = (Path(__file__).parents[4] / "docs/lengths.md").read_text(encoding="utf-8")
    assert not [name for name in NAMES if f"`{name}`" not in manual]
