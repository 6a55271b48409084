"""Telephone sounds without any header: only name and size tell; and AMR, of frames made by hand."""

from functools import partial
from pathlib import Path
from random import Random

from benchmarks.corpus.traps.interface import Traps, Words

NARROW: Words = ("-ar", "8000", "-ac", "1")
SOUNDS: tuple[tuple[str, str, Words], ...] = (
    (".gsm", "gsm", ("-c:a", "libgsm", *NARROW)),
    (".g722", "g722", ("-c:a", "g722", "-ar", "16000", "-ac", "1")),
    (".sln", "s16le", NARROW),
    (".sln16", "s16le", ("-ar", "16000", "-ac", "1")),
    (".sln48", "s16le", ("-ar", "48000", "-ac", "1")),
    (".ulaw", "mulaw", NARROW),
    (".ul", "mulaw", NARROW),
    (".alaw", "alaw", NARROW),
    (".al", "alaw", NARROW),
)
AMR = ((".amr", b"#!AMR\n", 0x3C, 31), (".awb", b"#!AMR-WB\n", 0x44, 60))
"""Ending, magic, the first byte of a frame (its mode) and the bytes after it."""

FRAMES_A_SECOND = 50


def put(traps: Traps) -> None:
    """Every trap of this family."""
    for ending, muxer, words in SOUNDS:
        traps.encoded(f"{ending} without a header", ending, *words, "-f", muxer)
    frames = round(traps.sound.seconds * FRAMES_A_SECOND)
    for ending, magic, mode, size in AMR:
        make = partial(_amr, traps.seed, magic, mode, size, frames)
        traps.put(f"AMR in {ending}", ending, make, frames / FRAMES_A_SECOND)


def _amr(seed: int, magic: bytes, mode: int, size: int, frames: int, part: Path) -> None:
    chance = Random(seed)
    part.write_bytes(magic + b"".join(bytes([mode]) + chance.randbytes(size) for _ in range(frames)))
