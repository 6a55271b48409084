"""Whole files that mislead: no length in the header, a wrong one, or one that covers a part."""

from benchmarks.corpus.shelf import Shelf
from benchmarks.corpus.sounds import Sound
from benchmarks.corpus.traps import bare, frames, joined, movies, oggs, riff, streams, wrapped
from benchmarks.corpus.traps.interface import Traps

FAMILIES = (frames.put, riff.put, streams.put, joined.put, oggs.put, movies.put, wrapped.put, bare.put)


def put_traps(shelf: Shelf, all_sounds: list[Sound], seed: int, *, small: bool) -> None:
    """Every trap of every sound; of two sounds for a small corpus."""
    for number, sound in enumerate(all_sounds[:2] if small else all_sounds):
        for family in FAMILIES:
            family(Traps(shelf, sound, all_sounds[number - 1], seed))
