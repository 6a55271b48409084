"""An archive for scans: so many real files in folders of twenty, most of them unlike any other.

A few dozen recordings are encoded by ffmpeg, then copied with some bytes more or fewer of sound, as far as
the kind allows that: files whose sound is of the same size are read whole, to tell whether it is the same.
"""

import os
import random
from collections.abc import Iterator
from pathlib import Path

from benchmarks.corpus.tools import ffmpeg

KINDS = {"mp3": 50, "m4a": 20, "wav": 10, "flac": 10, "ogg": 6, "opus": 4}
"""Shares of an archive, in percent."""

SECONDS = (5.3, 6.1, 7.9, 9.3, 10.7, 11.9)
EXAMPLES = ("songs/first-light.flac", "songs/harbour.mp3", "podcasts/ep01.mp3", "memos/archive-note.wav")
HOW = {
    "mp3": ("-b:a", "128k"),
    "m4a": ("-b:a", "96k", "-movflags", "+faststart"),
    "wav": ("-ar", "16000", "-ac", "1"),
    "flac": ("-ar", "22050", "-ac", "1"),
    "ogg": ("-c:a", "libvorbis"),
    "opus": ("-c:a", "libopus", "-ar", "48000", "-b:a", "48k"),
}
A_FOLDER = 20
LONG_AGO = 1_600_000_000
STEPS = 700
"""So many sizes of one recording: less than four frames of an MP3, which its own header tolerates."""


def build(home: Path, count: int) -> None:
    """Build an archive."""
    sounds = dict(_sounds(home.with_name("sounds")))
    kinds = random.Random(7).choices(list(KINDS), list(KINDS.values()), k=count)
    for number, kind in enumerate(kinds):
        folder = home / f"show {number // 400:04d}" / f"season {number // A_FOLDER % 20}"
        if number % A_FOLDER == 0:
            folder.mkdir(parents=True)
        turn, which = divmod(number, len(sounds[kind]))
        path = folder / f"episode {number:06d}.{kind}"
        path.write_bytes(_resized(sounds[kind][which], kind, turn % STEPS))
        os.utime(path, (LONG_AGO + number, LONG_AGO + number))


def _sounds(home: Path) -> Iterator[tuple[str, list[bytes]]]:
    examples = Path(__file__).parents[1] / "examples"
    home.mkdir()
    for kind, how in HOW.items():
        made = []
        for number, (source, seconds) in enumerate((s, t) for s in EXAMPLES for t in SECONDS):
            path = home / f"{number}.{kind}"
            tags = ("-metadata", f"title=Episode {number}", "-metadata", "artist=Nobody")
            ffmpeg(
                "-stream_loop",
                "3",
                "-i",
                examples / source,
                "-map",
                "0:a:0",
                "-t",
                str(seconds),
                *how,
                *tags,
                path,
            )
            made.append(path.read_bytes())
        yield kind, made


def _resized(data: bytes, kind: str, step: int) -> bytes:
    """The recording with other many bytes of sound, still whole; Ogg and MP4 files stay as they are."""
    if kind == "mp3":
        return data[: len(data) - step]
    if kind == "flac":
        return data + bytes(step)
    if kind == "wav":
        begin = data.index(b"data") + 8
        size = len(data) - begin - 2 * step
        return data[: begin - 4] + size.to_bytes(4, "little") + data[begin : begin + size]
    return data
