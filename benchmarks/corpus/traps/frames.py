"""MP3: without a count of frames, with tags and junk at both ends."""

from functools import partial
from pathlib import Path
from random import Random

from benchmarks.corpus.tools import program
from benchmarks.corpus.traps.interface import Traps, Words

RATES: dict[str, Words] = {"VBR": ("-q:a", "5"), "CBR": ("-b:a", "64k"), "ABR": ("-abr", "1", "-b:a", "80k")}
MP3: Words = ("-c:a", "libmp3lame", "-b:a", "96k")


def put(traps: Traps) -> None:
    """Every trap of this family."""
    for name, options in RATES.items():
        words = ("-c:a", "libmp3lame", *options)
        traps.encoded(f"MP3 {name} without Xing", ".mp3", *words, "-write_xing", "0")
        traps.piped(f"MP3 {name} through a pipe", ".mp3", *words, "-f", "mp3")
    traps.put("MP3 free format", ".mp3", partial(_lame, traps, ("--freeformat", "-b", "400")))
    traps.put("MP3 VBR by lame without its tag", ".mp3", partial(_lame, traps, ("-V", "6", "-t")))
    tags = ("-metadata", "title=" + "T" * 300, "-write_id3v1", "1", "-write_apetag", "1")
    traps.encoded("MP3 with tags at both ends", ".mp3", *MP3, *tags)
    chance = Random(traps.seed)
    for group, front, behind in (
        ("MP3 with junk in front", chance.randbytes(777), b""),
        ("MP3 with zeros in front", bytes(5000), b""),
        ("MP3 with zeros behind", b"", bytes(40_000)),
        ("MP3 with text behind", b"", b"LYRICSBEGIN" + b"la " * 2000 + b"LYRICSEND"),
    ):
        traps.changed(group, (".mp3", ".mp3"), MP3, partial(_between, front, behind))


def _lame(traps: Traps, words: Words, part: Path) -> None:
    program(["lame", "--quiet", *words, traps.sound.path, part])


def _between(front: bytes, behind: bytes, content: bytes) -> bytes:
    return front + content + behind
