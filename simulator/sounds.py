"""Small sounds made from nothing but a seed: mono WAV files with 8,000 samples of 8 bits a second."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from functools import lru_cache
from hashlib import sha256
from math import pi, sin

from simulator.replies import Stream

SAMPLE_RATE = 8000
_HEADER_BYTES = 44
_SILENCE = 128


def wav(seed: str, seconds: float) -> Stream:
    """A playable tone of a given length; equal seeds sound alike."""
    samples = max(1, round(seconds * SAMPLE_RATE))
    return Stream(_HEADER_BYTES + samples, lambda: _pieces(seed, samples))


def _pieces(seed: str, samples: int) -> Iterator[bytes]:
    """The header, then second after second; no more than one of them is in memory."""
    yield _header(samples)
    tone = second(sha256(seed.encode()).digest()[0])
    for start in range(0, samples, SAMPLE_RATE):
        yield tone[: samples - start]


def _header(samples: int) -> bytes:
    return struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        *(b"RIFF", _HEADER_BYTES - 8 + samples, b"WAVE", b"fmt ", 16),
        *(1, 1, SAMPLE_RATE, SAMPLE_RATE, 1, 8),
        *(b"data", samples),
    )


@lru_cache(maxsize=256)
def second(pitch: int) -> bytes:
    """One second of a quiet tone; whole periods, so that seconds join without a click."""
    hertz = 110 + 4 * pitch
    return bytes(round(_SILENCE + 40 * sin(2 * pi * hertz * i / SAMPLE_RATE)) for i in range(SAMPLE_RATE))
