"""The only module that touches soundfile (libsndfile); imported when a first file needs it.

Only kinds that libsndfile reads in silence come here: for MP3 it would print warnings on the terminal.
"""

import logging
from fractions import Fraction

from manifests.length import Grade
from planner.containers.source import Source
from planner.leftout import Reason, Unreadable
from planner.lengths.interface import Length, damaged, sure

log = logging.getLogger(__name__)

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
    if not source.local:  # the library opens paths
        raise Unreadable(Reason.NO_LENGTH, source.path, f"the length of {reader} is read from files only")
    try:
        import soundfile
    except (ImportError, OSError) as error:  # OSError: the library itself is missing
        raise Unreadable(
            Reason.NO_LENGTH,
            source.path,
            "soundfile, which reads this kind, does not load: pip install soundfile",
        ) from error
    try:
        info = soundfile.info(source.path)
    except (soundfile.LibsndfileError, RuntimeError, ValueError, TypeError) as error:
        log.info("soundfile: %s", error)
        raise damaged(source, f"damaged, or compressed in a way that is not read ({reader})") from error
    if not 0 < info.frames < UNKNOWN_FRAMES or info.samplerate <= 0:
        raise Unreadable(Reason.NO_LENGTH, source.path, "no length in its header")
    sound = info.frames * info.channels * PLAIN_BYTES.get(info.subtype, 0)
    fits = sound and 0 <= source.size - sound <= HEADER_BYTES
    grade, reason = (Grade.EXACT, "bytes of sound") if fits else (Grade.HEADER, "header")
    return sure(
        Fraction(info.frames, info.samplerate), grade, reader, f"{reason} ({info.format}, {info.subtype})"
    )
