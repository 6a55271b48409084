"""WAV and its like: sizes that nobody went back to write, codecs inside, chunks behind."""

import struct
from functools import partial
from random import Random

from benchmarks.corpus.traps.interface import Traps, Words

ONES = 2**32 - 1
PCM: Words = ("-c:a", "pcm_s16le", "-f", "wav")
NARROW: Words = ("-ar", "8000", "-ac", "1")
INSIDE = ("adpcm_ms", "adpcm_ima_wav", "adpcm_yamaha", "libmp3lame", "aac", "g726", "ac3", "wmav2", "g723_1")
COMPRESSED = ("pcm_mulaw", "pcm_alaw", "pcm_f32be", "pcm_s24be", "adpcm_ima_qt")


def put(traps: Traps) -> None:
    """Every trap of this family."""
    traps.piped("WAV through a pipe", ".wav", *PCM)
    for name, riff, data in (("0", 0, 0), ("all ones", ONES, ONES), ("0 in data only", None, 0)):
        traps.changed(f"WAV sizes {name}", (".wav", ".wav"), PCM, partial(_resized, riff, data))
    traps.changed(
        "WAV with chunks behind the sound", (".wav", ".wav"), PCM, partial(_chunks_behind, traps.seed)
    )
    traps.encoded("RF64", ".wav", "-c:a", "pcm_s16le", "-rf64", "always", "-f", "wav")
    traps.encoded("W64", ".w64", "-c:a", "pcm_s24le", "-f", "w64")
    for codec in INSIDE:
        words = ("-c:a", codec, *(NARROW if codec in {"g726", "g723_1"} else ()), "-f", "wav")
        traps.encoded(f"{codec} in WAV", ".wav", *words)
        traps.piped(f"{codec} in WAV through a pipe", ".wav", *words)
    traps.encoded("GSM in WAV", ".wav", "-c:a", "libgsm_ms", *NARROW, "-f", "wav")
    for codec in COMPRESSED:
        traps.encoded(f"{codec} in AIFF-C", ".aifc", "-c:a", codec, "-f", "aiff")
    for ending, muxer in ((".au", "au"), (".aiff", "aiff"), (".caf", "caf")):
        traps.piped(f"{ending} through a pipe", ending, "-c:a", "pcm_s16be", "-f", muxer)


def _resized(riff: int | None, data: int, content: bytes) -> bytes:
    changed = bytearray(content)
    if riff is not None:
        struct.pack_into("<I", changed, 4, riff)
    struct.pack_into("<I", changed, changed.index(b"data") + 4, data)
    return bytes(changed)


def _chunks_behind(seed: int, content: bytes) -> bytes:
    junk = Random(seed).randbytes(300_000)
    changed = bytearray(content) + b"junk" + struct.pack("<I", len(junk)) + junk
    struct.pack_into("<I", changed, 4, len(changed) - 8)
    return bytes(changed)
