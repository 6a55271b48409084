"""Recordings that guides of the manual speak of: long ones that are small, of real kinds."""

import os
import struct
from collections.abc import Callable
from pathlib import Path

from support.bench import wav
from support.s3 import S3

FRAME, FRAME_SECONDS = 72, 0.072
"""Bytes and seconds of a frame of MP3 at its lowest rate: MPEG 2.5, 8 kHz, 8 kbit/s, mono."""

HEADER = b"\xff\xe3\x18\xc0"


def mp3(path: Path, seconds: float, *, of: float | None = None, title: str = "") -> Path:
    """An hour of silence in 3.6 MB; `of` is the length that its first frame states, `title` a tag."""
    count = round(seconds / FRAME_SECONDS)
    frames = bytearray(HEADER.ljust(FRAME, b"\0") * count)
    stated = count if of is None else round(of / FRAME_SECONDS)
    # The frame that states the count: Xing's, with the number of frames and of bytes.
    frames[13:17], frames[17:21] = b"Xing", struct.pack(">I", 3)
    frames[21:29] = struct.pack(">II", stated - 1, stated * FRAME)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_tag(title) + bytes(frames))
    return path


def _tag(title: str) -> bytes:
    """An ID3v2.3 tag with a title."""
    if not title:
        return b""
    text = b"\0" + title.encode("latin-1")
    frame = b"TIT2" + struct.pack(">IH", len(text), 0) + text
    size = len(frame)
    return b"ID3\3\0\0" + bytes((size >> shift) & 127 for shift in (21, 14, 7, 0)) + frame


def podcasts(folder: Path) -> None:
    """Two seasons of a show, a trailer, an episode that was cut off while it was copied, and its notes."""
    lengths = {"s01": (1834, 2411, 1959, 2702, 2188, 3012), "s02": (2540, 2095, 3333, 1790, 2846, 2614)}
    day = 1_700_000_000
    for season, seconds in lengths.items():
        for number, each in enumerate(seconds, 1):
            path = mp3(folder / "podcasts" / season / f"ep{number:02}.mp3", each, title=f"Episode {number}")
            os.utime(path, (day, day))
            day += 7 * 86_400
    mp3(folder / "podcasts" / "s02" / "ep07.mp3", 1870, of=3482, title="Episode 7")
    (folder / "podcasts" / "s02" / "notes.txt").write_text("Links of the show.\n", encoding="utf-8")


def course(folder: Path) -> None:
    """Four lessons of a course."""
    for number, seconds in enumerate((312, 287, 405, 198), 1):
        mp3(folder / "course" / f"lesson-{number}.mp3", seconds, title=f"Lesson {number}")


def talks(folder: Path) -> None:
    """A conference's talks, as they lie on a disk that all hosts share."""
    for number, seconds in enumerate((1834, 2411, 1959, 2702, 2188, 3012, 2540, 2095), 1):
        mp3(folder / "talks" / f"talk-{number}.mp3", seconds, title=f"Talk {number}")


def album(folder: Path) -> None:
    """Songs of two artists, and takes that are not for sale."""
    for name, seconds in {
        "harbour/01 First Light.wav": 34,
        "harbour/02 Night Train.wav": 41,
        "mill/01 Blue Hour.wav": 38,
        "mill/02 Sketch (demo).wav": 22,
    }.items():
        wav(folder / "songs" / name, seconds)


def studio(folder: Path) -> None:
    """Two takes on a disk, beside what lies in a store."""
    mp3(folder / "studio" / "take 1.mp3", 312)
    mp3(folder / "studio" / "take 2.mp3", 287)


def archive(s3: S3, folder: Path) -> None:
    """Talks in a store; `folder` is for a file on its way."""
    talks = {"2025/harbour.mp3": 1834, "2025/mill.mp3": 2411, "2026/night trains.mp3": 3600, "notes.mp3": 0}
    buckets = {
        "archive": {f"talks/{name}": length for name, length in talks.items()},
        "guests": {"anna.mp3": 95},
    }
    for bucket, lengths in buckets.items():
        s3.bucket(bucket)
        for number, (key, seconds) in enumerate(lengths.items()):
            made = mp3(folder / "made.mp3", seconds, title=f"Talk {number}") if seconds else None
            s3.put(bucket, key, made.read_bytes() if made else b"")
            if made:
                made.unlink()
    s3.bucket("transcripts")


def everything(folder: Path) -> None:
    """What the README's table of wishes speaks of."""
    podcasts(folder)
    album(folder)
    mp3(folder / "talks" / "opening.mp3", 65)
    mp3(folder / "videos" / "walk.mp3", 61)
    wav(folder / "anna.wav", 14)
    (folder / "book").mkdir()
    (folder / "book" / "one.txt").write_text("It was a quiet morning at the harbour.\n", encoding="utf-8")


SHELVES: dict[str, Callable[[Path], None]] = {
    "docs/guides/podcast-archive.md": podcasts,
    "docs/guides/labels-stems.md": album,
    "docs/guides/dubbing-a-course.md": course,
    "docs/guides/fleet.md": talks,
    "docs/guides/object-stores.md": studio,
}
"""What lies in the folder of each guide's reader before the first line."""
