"""What a family of traps is set with."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks.corpus.shelf import Kind, Shelf
from benchmarks.corpus.sounds import Sound
from benchmarks.corpus.tools import ffmpeg

Words = tuple[str | Path, ...]

UNKNOWN = -1.0
"""As seconds: only a decoder knows."""


@dataclass(frozen=True, slots=True)
class Traps:
    """Sets traps on a shelf, of one sound; `seed` decides bytes, places and amounts."""

    shelf: Shelf
    sound: Sound
    other: Sound
    seed: int

    def put(self, group: str, ending: str, make: Callable[[Path], object], seconds: float = 0) -> None:
        """One trap; `seconds` where they are not the sound's."""
        known = None if seconds == UNKNOWN else seconds or self.sound.seconds
        self.shelf.put(Kind.TRAP, group, f"{self.sound.name}{ending}", make, known)

    def encoded(self, group: str, ending: str, *words: str | Path) -> None:
        """A trap that ffmpeg makes by itself."""
        self.put(group, ending, partial(_encode, self.sound.path, words))

    def piped(self, group: str, ending: str, *words: str | Path) -> None:
        """A trap that lies in ffmpeg's being unable to go back and write the length."""
        self.put(group, ending, partial(_pipe, self.sound.path, words))

    def changed(
        self,
        group: str,
        endings: tuple[str, str],
        words: Words,
        change: Callable[[bytes], bytes],
        seconds: float = 0,
    ) -> None:
        """A trap made of an encoded file's bytes; endings: of the encoded file, of the trap."""
        self.put(group, endings[1], partial(self._change, endings[0], words, change), seconds)

    def bytes_of(self, folder: Path, ending: str, *words: str | Path, other: bool = False) -> bytes:
        """The sound (or the other one) encoded into a file that ffmpeg can go back in."""
        path = folder / f".tmp{ending}"
        try:
            _encode((self.other if other else self.sound).path, words, path)
            return path.read_bytes()
        finally:
            path.unlink(missing_ok=True)

    def _change(self, ending: str, words: Words, change: Callable[[bytes], bytes], part: Path) -> None:
        part.write_bytes(change(self.bytes_of(part.parent, ending, *words)))


def _encode(sound: Path, words: Words, part: Path) -> None:
    ffmpeg("-i", sound, *words, part)


def _pipe(sound: Path, words: Words, part: Path) -> None:
    part.write_bytes(ffmpeg("-i", sound, *words, "pipe:"))
