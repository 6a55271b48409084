"""Kinds that libsndfile reads."""

from fractions import Fraction

from manifests.length import Grade
from planner.containers.source import Source
from planner.leftout import Reason, Unreadable
from planner.lengths.guard import GUARD
from planner.lengths.interface import Length, sure

PLAIN_BYTES = {
    "PCM_S8": 1,
    "PCM_U8": 1,
    "PCM_16": 2,
    "PCM_24": 3,
    "PCM_32": 4,
    "FLOAT": 4,
    "DOUBLE": 8,
    "ULAW": 1,
    "ALAW": 1,
}
UNKNOWN_FRAMES = (1 << 63) - 1
HEADER_BYTES = 1 << 16
"""Headers and notes around the sound are smaller."""


def length(source: Source, reader: str) -> Length:
    """The frames that libsndfile finds; exact where the size of the file confirms them.

    Raises:
        Unreadable: libsndfile does not read this file.
    """
    found = GUARD.ask(source, "soundfile", "soundfile")
    frames, rate, how = found["frames"], found["rate"], f"({found['format']}, {found['subtype']})"
    if not 0 < frames < UNKNOWN_FRAMES or rate <= 0:
        raise Unreadable(Reason.NO_LENGTH, source.path, "no length in its header")
    sound = frames * found["channels"] * PLAIN_BYTES.get(found["subtype"], 0)
    fits = sound and 0 <= source.size - sound <= HEADER_BYTES
    grade, reason = (Grade.EXACT, "bytes of sound") if fits else (Grade.HEADER, "header")
    return sure(Fraction(frames, rate), grade, reader, f"{reason} {how}")
