"""MP3 (and MP1, MP2): the stated number of frames where the size agrees with it, else frames are counted."""

from fractions import Fraction

from manifests.length import Grade
from planner.containers import frames, mpeg, xing
from planner.containers.source import Source
from planner.lengths.counting import counted
from planner.lengths.interface import Length, cut_off, sure

TAIL_BYTES = 4096
"""So many zeros at the end mean a download that never came to its end."""

SLACK_FRAMES = 4
"""Stated and real frames, or their bytes, may differ by one or two: some encoders leave out the first."""


class Mpeg:
    """MPEG audio, layers 1 to 3."""

    name = "mp3"

    def recognises(self, source: Source) -> bool:
        """By frames that follow each other; the weakest mark of all, so it is asked late."""
        return source.once(mpeg.find_audio) is not None

    def length(self, source: Source) -> Length:
        """By the Xing, Info or VBRI frame if the size confirms it, else by counting."""
        found = source.once(mpeg.find_audio)
        assert found is not None
        return stream_length(source, *found)


def stream_length(source: Source, start: int, end: int) -> Length:
    """The length of the MPEG audio stream between two offsets (a WAV file may hold one, too)."""
    word = int.from_bytes(source.at(start, 4), "big")
    first = mpeg.header(word)
    assert first is not None
    stated = xing.stated(source.at(start, xing.LOOK_BYTES)) if mpeg.is_layer_3(word) else None
    if stated is None:
        return counted(frames.count(source, start, end, mpeg.frame, mpeg.SYNC), source, Mpeg.name)
    if _agrees(stated, source, start, end):
        samples = stated.frames * first.samples
        # Nothing but padding, by what it says: a decoder gives what it likes, under a tenth of a second.
        played = samples - stated.silence if stated.silence < samples else samples
        grade = Grade.EXACT if played < samples or not stated.silence else Grade.HEADER
        return sure(Fraction(played, first.rate), grade, Mpeg.name, "stated frames, size agrees")
    tally = frames.count(source, start + first.size, end, mpeg.frame, mpeg.SYNC)
    if tally.frames + SLACK_FRAMES < stated.frames:
        raise cut_off(source, tally.seconds, Fraction(stated.frames * first.samples, first.rate))
    return counted(tally, source, Mpeg.name)


def _agrees(stated: xing.Stated, source: Source, start: int, end: int) -> bool:
    """Whether the stated bytes are those of the file, and its end is no hole."""
    if not stated.frames or abs(stated.bytes - (end - start)) * stated.frames > SLACK_FRAMES * stated.bytes:
        return False
    return any(source.at(max(start, end - TAIL_BYTES), TAIL_BYTES))
