"""Recordings made on the fly: each mark sounds like nothing else."""

import random
import struct
from pathlib import Path

RATE = 8000
"""Samples, and bytes, a second."""


def record(path: Path, seconds: int, mark: str) -> None:
    """Write a recording as WAV; equal marks sound alike."""
    noise = random.Random(mark).randbytes(64)
    samples = noise + b"\x80" * (RATE * seconds - len(noise))
    head = struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        *(b"RIFF", 36 + len(samples), b"WAVE", b"fmt ", 16, 1, 1, RATE, RATE, 1, 8, b"data", len(samples)),
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(head + samples)


def words(count: int, mark: str) -> str:
    """A text of so many words, in sentences of ten."""
    rng = random.Random(mark)
    found = [rng.choice(_WORDS) for _ in range(count)]
    return " ".join(
        f"{' '.join(found[start : start + 10]).capitalize()}." for start in range(0, len(found), 10)
    )


_WORDS = ("harbour", "lantern", "quiet", "river", "seven", "letters", "morning", "copper", "window", "under")
