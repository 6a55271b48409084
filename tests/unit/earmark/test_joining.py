"""Parts of a long text become one file, whichever format they have."""

import math

import numpy as np
import pytest
import soundfile

from earmark.joining import NotJoined, join
from planner.survey import survey

RATE = 24_000
KINDS = {"wav": ("WAV", "PCM_16"), "mp3": ("MP3", "MPEG_LAYER_III"), "ogg": ("OGG", "VORBIS")}


def sound(folder, name, seconds, kind="wav", rate=RATE):
    """A quiet tone."""
    path = folder / name
    tone = np.array([0.2 * math.sin(i / 9) for i in range(int(seconds * rate))], dtype="float32")
    soundfile.write(path, tone, rate, format=KINDS[kind][0], subtype=KINDS[kind][1])
    return path


@pytest.mark.parametrize("kind", KINDS)
def test_the_whole_is_as_long_as_its_parts(tmp_path, kind):
    parts = [sound(tmp_path, f"{n}.{kind}", 0.5 + n / 4, kind) for n in range(3)]
    whole = tmp_path / f"whole.{kind}"
    join(parts, whole)

    lengths = [soundfile.info(part).duration for part in parts]
    assert survey(str(whole)).length.ms == pytest.approx(1000 * sum(lengths), abs=250)


def test_what_is_inside_counts_not_the_name(tmp_path):
    parts = [sound(tmp_path, f"{n}.mp3", 0.5, "wav") for n in range(2)]
    join(parts, tmp_path / "whole.mp3")

    assert soundfile.info(tmp_path / "whole.mp3").duration == pytest.approx(1.0)


def test_parts_of_two_formats_are_not_joined(tmp_path):
    parts = [sound(tmp_path, "0.wav", 0.5), sound(tmp_path, "1.mp3", 0.5, "mp3")]
    with pytest.raises(NotJoined, match=r"several formats \(mp3, wav\)"):
        join(parts, tmp_path / "whole.wav")
    assert not (tmp_path / "whole.wav").exists()


def test_parts_of_two_sample_rates_are_not_joined(tmp_path):
    parts = [sound(tmp_path, "0.wav", 0.5), sound(tmp_path, "1.wav", 0.5, rate=16_000)]
    with pytest.raises(NotJoined, match="several sample rates"):
        join(parts, tmp_path / "whole.wav")
    assert not (tmp_path / "whole.wav").exists()


def test_what_is_no_sound_is_not_joined(tmp_path):
    parts = [tmp_path / "0.bin", tmp_path / "1.bin"]
    for part in parts:
        part.write_bytes(b"nothing" * 9)
    with pytest.raises(NotJoined, match="bin files cannot be joined"):
        join(parts, tmp_path / "whole.bin")
