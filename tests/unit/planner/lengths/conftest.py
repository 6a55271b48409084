"""Recordings made while the tests run, in any kind that PyAV can write, and their decoded truth."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

EXAMPLES = Path(__file__).parents[4] / "examples"
av.logging.set_level(None)


@dataclass(frozen=True)
class Sound:
    """What to encode, and how."""

    name: str
    codec: str
    container: str | None = None
    rate: int = 16_000
    layout: str = "mono"
    seconds: float = 3.0
    muxing: tuple[tuple[str, str], ...] = ()
    bit_rate: int | None = None
    quality: int | None = None


def encode(path: Path, sound: Sound) -> Path:
    """Write a gliding tone over soft noise: never silent, never the same twice in a row."""
    count = round(sound.rate * sound.seconds)
    time = np.arange(count) / sound.rate
    tone = np.sin(2 * np.pi * (220 + 90 * time) * time) * (0.35 + 0.2 * np.sin(5 * time))
    noise = np.random.default_rng(7).normal(0, 0.02, count)
    samples = ((tone + noise) * 32767).clip(-32768, 32767).astype(np.int16)
    with av.open(str(path), "w", format=sound.container, options=dict(sound.muxing)) as out:
        stream = out.add_stream(sound.codec, rate=sound.rate, layout=sound.layout)
        if sound.bit_rate:
            stream.bit_rate = sound.bit_rate
        if sound.quality is not None:
            stream.codec_context.options = {"flags": "+qscale", "global_quality": str(sound.quality * 118)}
        for start in range(0, count, 1024):
            frame = av.AudioFrame.from_ndarray(
                samples[None, start : start + 1024], format="s16", layout="mono"
            )
            frame.sample_rate, frame.pts = sound.rate, start
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


@pytest.fixture
def recording(tmp_path: Path) -> Callable[..., Path]:
    """Encode a recording: `recording("a.mp3", "libmp3lame", seconds=4)`."""

    def make(name: str, codec: str, **how: object) -> Path:
        return encode(tmp_path / name, Sound(name, codec, **how))

    return make


@pytest.fixture
def decoded() -> Callable[[Path], Fraction]:
    """The decoded length in seconds, every sample counted."""

    def measure(path: Path) -> Fraction:
        with av.open(str(path)) as container:
            frames = container.decode(audio=0)
            return sum((Fraction(frame.samples, frame.sample_rate) for frame in frames), Fraction(0))

    return measure


@pytest.fixture
def close_to() -> Callable[[int, Fraction], bool]:
    """Whether milliseconds are within 0.1 s or 1 % of seconds."""

    def close(ms: int, seconds: Fraction) -> bool:
        return abs(Fraction(ms, 1000) - seconds) <= max(Fraction(1, 10), seconds / 100)

    return close


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str, bytes], str]:
    """Write bytes to a file and give its path."""

    def write(name: str, data: bytes) -> str:
        (tmp_path / name).write_bytes(data)
        return str(tmp_path / name)

    return write


@pytest.fixture
def example() -> Callable[[str], bytes]:
    """The bytes of one of the project's examples."""
    return lambda name: (EXAMPLES / name).read_bytes()
