"""Readers of our own against mutagen and soundfile, on recordings that those are known to read well."""

import mutagen
import pytest
import soundfile

from planner.lengths.registry import read_length

BY_MUTAGEN = [
    ("a.mp3", "libmp3lame", {"bit_rate": 64_000}),
    ("stereo.mp3", "libmp3lame", {"rate": 44_100, "layout": "stereo", "quality": 4}),
    ("low.mp3", "libmp3lame", {"rate": 11_025}),
    ("fast.mp3", "libmp3lame", {"rate": 48_000, "bit_rate": 320_000}),
    ("a.m4a", "aac", {"container": "ipod", "rate": 44_100}),
    ("a.mov", "pcm_s16le", {}),
    ("alac.m4a", "alac", {"container": "ipod"}),
    ("a.flac", "flac", {"rate": 96_000}),
    ("odd.flac", "flac", {"rate": 22_050, "seconds": 2.3456}),
    ("a.opus", "libopus", {"rate": 48_000}),
    ("short.opus", "libopus", {"seconds": 0.5}),
    ("a.oga", "flac", {"container": "ogg"}),
    ("a.wav", "pcm_s24le", {"rate": 44_100}),
    ("a.aiff", "pcm_s24be", {"rate": 44_100}),
]
BY_SOUNDFILE = [
    ("a.flac", "flac", {"rate": 44_100}),
    ("a.wav", "pcm_s32le", {}),
    ("float.wav", "pcm_f64le", {}),
    ("law.wav", "pcm_alaw", {"rate": 8000}),
    ("ms.wav", "adpcm_ms", {"rate": 22_050}),
    ("ima.wav", "adpcm_ima_wav", {"rate": 11_025}),
    ("large.wav", "pcm_s16le", {"muxing": (("rf64", "always"),)}),
    ("a.aiff", "pcm_s8", {}),
    ("float.aifc", "pcm_f32be", {"container": "aiff"}),
    ("a.opus", "libopus", {}),
]
FOUR_MINUTES = [
    ("song.mp3", "libmp3lame", {"rate": 8000, "seconds": 240, "quality": 7}),
    ("song.flac", "flac", {"rate": 8000, "seconds": 240}),
    ("song.opus", "libopus", {"rate": 8000, "seconds": 240}),
]


def tolerance(name: str, how: dict) -> float:
    """Milliseconds; mutagen does not take off the silence that other encoders than LAME add to MP3."""
    return 3000 * 1000 / how.get("rate", 16_000) if name.endswith(".mp3") else 30


@pytest.mark.parametrize(("name", "codec", "how"), BY_MUTAGEN, ids=[row[0] for row in BY_MUTAGEN])
def test_mutagen_agrees(recording, name, codec, how):
    path = recording(name, codec, **how)
    assert abs(read_length(str(path)).ms - mutagen.File(path).info.length * 1000) < tolerance(name, how)


@pytest.mark.parametrize(("name", "codec", "how"), BY_SOUNDFILE, ids=[row[0] for row in BY_SOUNDFILE])
def test_soundfile_agrees(recording, name, codec, how):
    path = recording(name, codec, **how)
    info = soundfile.info(path)
    assert abs(read_length(str(path)).ms - info.frames / info.samplerate * 1000) < 30


@pytest.mark.parametrize(("name", "codec", "how"), FOUR_MINUTES, ids=[row[0] for row in FOUR_MINUTES])
def test_longer_recordings_too(recording, name, codec, how):
    path = recording(name, codec, **how)
    assert abs(read_length(str(path)).ms - mutagen.File(path).info.length * 1000) < tolerance(name, how)


def test_where_mutagen_guesses_we_count(recording):
    """Variable rate without a frame count: mutagen takes the first frame's rate for all of them."""
    how = {"seconds": 20, "quality": 2, "muxing": (("write_xing", "0"),)}
    path = recording("guess.mp3", "libmp3lame", **how)
    assert abs(mutagen.File(path).info.length - 20) > 2
    assert abs(read_length(str(path)).ms - 20_000) < 150
