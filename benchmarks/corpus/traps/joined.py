"""Files put behind one another, as `cat` does it."""

from functools import partial
from pathlib import Path

from benchmarks.corpus.traps.interface import Traps, Words

SAME: Words = ("-ar", "44100", "-ac", "1")
PAIRS: tuple[tuple[str, str, Words, Words], ...] = (
    # what, ending, how the first part is encoded, how the second
    ("MP3 joined, both with Xing", ".mp3", ("-q:a", "4", *SAME), ("-q:a", "4", *SAME)),
    ("MP3 joined of two rates of bits", ".mp3", ("-b:a", "64k", *SAME), ("-b:a", "192k", *SAME)),
    (
        "MP3 joined without Xing", ".mp3",
        ("-b:a", "64k", "-write_xing", "0", *SAME), ("-q:a", "5", "-write_xing", "0", *SAME),
    ),
    ("AAC joined", ".aac", ("-b:a", "48k", *SAME), ("-b:a", "160k", *SAME)),
    ("AC3 joined", ".ac3", ("-b:a", "96k", "-ar", "48000"), ("-b:a", "192k", "-ar", "48000")),
    (
        "Ogg chained, vorbis", ".ogg",
        ("-c:a", "libvorbis", "-serial_offset", "1", *SAME), ("-c:a", "libvorbis", "-q:a", "7", *SAME),
    ),
    (
        "Ogg chained, opus", ".opus",
        ("-c:a", "libopus", "-serial_offset", "1", "-ac", "1"),
        ("-c:a", "libopus", "-b:a", "24k", "-ac", "1"),
    ),
    (
        "Ogg chained, flac", ".oga",
        ("-c:a", "flac", "-serial_offset", "1", *SAME), ("-c:a", "flac", *SAME),
    ),
)  # fmt: skip


def put(traps: Traps) -> None:
    """Every trap of this family."""
    for group, ending, first, second in PAIRS:
        make = partial(_join, traps, ending, first, second)
        traps.put(group, ending, make, traps.sound.seconds + traps.other.seconds)


def _join(traps: Traps, ending: str, first: Words, second: Words, part: Path) -> None:
    head = traps.bytes_of(part.parent, ending, *first)
    part.write_bytes(head + traps.bytes_of(part.parent, ending, *second, other=True))
