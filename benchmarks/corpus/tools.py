"""The programs that make and decode sounds: ffmpeg, and a few encoders beside it."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

MAKE_SECONDS = 60
"""No sound here is long enough for an encoder to need more."""

MADE_OF = (subprocess.SubprocessError, OSError)
"""What making a file raises where an encoder cannot; such a file is not in the corpus."""


def ffmpeg(*words: str | Path) -> bytes:
    """Run ffmpeg; what it wrote to `pipe:`, if anything.

    Raises:
        subprocess.SubprocessError: it could not, or took too long.
    """
    head = ["ffmpeg", "-nostdin", "-hide_banner", "-v", "error", "-y", "-bitexact"]
    return program([*head, *map(str, words)])


def program(argv: Sequence[str | Path], given: bytes | None = None) -> bytes:
    """Run a program to its end; what it wrote to its standard output. Raises as `ffmpeg`."""
    done = subprocess.run(
        [str(word) for word in argv], input=given, check=True, capture_output=True, timeout=MAKE_SECONDS
    )
    return done.stdout


def offered(kind: str) -> list[str]:
    """The names that `ffmpeg -encoders` (of sound) or `ffmpeg -muxers` lists."""
    lines = program(["ffmpeg", "-hide_banner", f"-{kind}"]).decode().splitlines()
    marks = {"encoders": " A", "muxers": "  E"}
    body = [line.split() for line in lines if line.startswith(marks[kind])]
    return [name for words in body if len(words) > 1 and words[1] != "=" for name in words[1].split(",")]


def ffmpeg_version() -> str:
    """`ffmpeg version 5.1.9`, as the program says."""
    return " ".join(program(["ffmpeg", "-version"]).decode().split()[:3])
