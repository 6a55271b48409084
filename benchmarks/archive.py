"""An archive for scans: so many real files in folders of twenty, most of them unlike any other.

A few dozen recordings are encoded by ffmpeg, then copied with some bytes more or fewer: files whose sound is
of one size are read whole, to tell whether it is the same, and an archive has few of those.
"""

import os
import random
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from mutagen.oggopus import OggOpus
from mutagen.oggvorbis import OggVorbis

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
"""So many sizes of one MP3: less than four frames, which its own header tolerates."""


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
        path.write_bytes(_resized(sounds[kind][which], kind, turn))
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
    """The recording with other many bytes of sound, or around it, still whole."""
    match kind:
        case "mp3":
            return data[: len(data) - step % STEPS]
        case "flac":
            return data + bytes(step)
        case "wav":
            begin = data.index(b"data") + 8
            size = len(data) - begin - 2 * step
            return data[: begin - 4] + size.to_bytes(4, "little") + data[begin : begin + size]
        case "m4a":  # `mdat` is the last box
            begin = data.rindex(b"mdat") - 4
            size = len(data) - begin + step
            return data[:begin] + size.to_bytes(4, "big") + data[begin + 4 :] + b"\x55" * step
        case _:
            return _commented(data, kind, step)


def _commented(data: bytes, kind: str, step: int) -> bytes:
    """An Ogg file with a longer comment: all of such a file counts as its sound."""
    file = BytesIO(data)
    ogg = {"ogg": OggVorbis, "opus": OggOpus}[kind](file)
    ogg["comment"] = "x" * step
    ogg.save(file, padding=lambda _: 0)
    return file.getvalue()
