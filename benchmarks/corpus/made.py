"""A file for every container and codec that ffmpeg writes, and many of those that people have."""

import os
from collections.abc import Iterator
from pathlib import Path

import av

from benchmarks.corpus.settings import Setting
from benchmarks.corpus.shelf import Kind, Shelf
from benchmarks.corpus.sounds import Sound
from benchmarks.corpus.tools import ffmpeg, offered

CONTAINERS = (
    "3g2", "3gp", "ac3", "adts", "aiff", "alaw", "amr", "asf", "asf_stream", "au", "avi", "caf", "codec2",
    "dts", "eac3", "f4v", "flac", "flv", "g722", "gsm", "ipod", "latm", "matroska", "mka", "mov", "mp2",
    "mp3", "mp4", "mpeg", "mpegts", "mulaw", "mxf", "nut", "oga", "ogg", "opus", "oma", "psp", "rm",
    "s16be", "s8", "sox", "spx", "truehd", "tta", "u8", "voc", "vob", "w64", "wav", "webm", "wsaud", "wtv",
    "wv", "sbc", "aptx", "dfpwm", "g723_1", "ircam", "mmf", "rso", "swf",
)  # fmt: skip
"""Muxers that make a file somebody may have; those that make playlists, checksums or streams are left out."""

EXTENSIONS = {
    "matroska": "mka", "adts": "aac", "ipod": "m4a", "mpegts": "ts", "mpeg": "mpg", "asf": "wma",
    "asf_stream": "wma", "aiff": "aif", "latm": "loas", "wsaud": "aud", "codec2": "c2",
}  # fmt: skip
RAW = frozenset(("alaw", "mulaw", "s16be", "s8", "u8", "sbc", "aptx", "dfpwm", "g723_1"))
"""Without a header: the name alone says what they are, and nothing says the rate. See `traps.py`."""


def put_made(shelf: Shelf, all_sounds: list[Sound], settings: tuple[Setting, ...], *, small: bool) -> None:
    """Each setting of every sound, then each container with each codec that it takes, once."""
    for sound in all_sounds[: 2 if small else None]:
        for number, (muxer, encoder, options) in enumerate(settings):
            _put(shelf, sound, muxer, encoder, options, f"{number:02d}-")
    if not small:
        for muxer, encoder in _pairs():
            _put(shelf, all_sounds[1], muxer, encoder, ("-strict", "-2"), "all-")


def _pairs() -> Iterator[tuple[str, str]]:
    """Each muxer with each encoder whose codec it says it can hold."""
    encoders = [name for name in offered("encoders") if name not in {"comfortnoise", "sonic", "sonicls"}]
    for muxer in sorted(set(CONTAINERS) & set(offered("muxers")) - RAW):
        with av.open(os.devnull, "w", format=muxer) as container:
            held = container.supported_codecs
        yield from ((muxer, encoder) for encoder in encoders if _codec(encoder) in held)


def _codec(encoder: str) -> str:
    try:
        return av.Codec(encoder, "w").canonical_name
    except (av.FFmpegError, ValueError):
        return encoder.removeprefix("lib")


def _put(
    shelf: Shelf, sound: Sound, muxer: str, encoder: str, options: tuple[str, ...], mark: str
) -> Path | None:
    def make(part: Path) -> None:
        ffmpeg("-i", sound.path, "-vn", "-c:a", encoder, *options, "-f", muxer, part)

    name = f"{mark}{sound.name}.{EXTENSIONS.get(muxer, muxer)}"
    return shelf.put(Kind.MADE, f"{encoder} in {muxer}", name, make, sound.seconds)
