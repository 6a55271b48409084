"""MP3 (and MP1, MP2): the stated number of frames where the size agrees with it, else frames are counted."""

from fractions import Fraction

from manifests.length import Grade
from planner.containers import frames, mpeg, steady, xing
from planner.containers.source import Source
from planner.containers.tags import LEADING_MARKS, between_tags
from planner.lengths.counting import counted
from planner.lengths.interface import Length, cut_off, sure

TAIL_BYTES = 4096
"""So many zeros at the end mean a download that never came to its end."""

SMALL_BYTES = 1 << 16
"""Up to here frames are counted whatever is stated: the file is read in a look or two."""

NOT_STATED = "no count stated"
SLACK_FRAMES = 4
"""Stated and real frames, or their bytes, may differ by one or two: some encoders leave out the first."""


class Mpeg:
    """MPEG audio, layers 1 to 3."""

    name = "mp3"
    starts: tuple[bytes, ...] = ()

    def recognises(self, source: Source) -> bool:
        """By frames that follow each other; the weakest mark of all, so it is asked late."""
        return source.once(mpeg.find_audio) is not None

    def length(self, source: Source) -> Length:
        """By the Xing, Info or VBRI frame if the size confirms it, else by counting."""
        found = source.once(mpeg.find_audio)
        assert found is not None
        return stream_length(source, *found)


class FreeFormat:
    """MPEG audio whose frames do not say their size."""

    name = "mp3"
    starts = (mpeg.SYNC, *LEADING_MARKS)

    def recognises(self, source: Source) -> bool:
        """By frames of one size that follow each other from the very start."""
        return source.once(mpeg.free_format, source.once(between_tags)[0]) is not None

    def length(self, source: Source) -> Length:
        """All frames counted."""
        start, end = source.once(between_tags)
        parse = source.once(mpeg.free_format, start)
        assert parse is not None
        first, stated = parse(source.at(start, 4), 0), xing.stated(source.at(start, xing.LOOK_BYTES))
        assert first is not None
        tally = frames.count(source, start + (first.size if stated else 0), end, parse, mpeg.SYNC)
        if stated and stated.frames == tally.frames:
            return _by_frames(stated, first, Grade.COUNTED, f"{tally.frames} frames, as stated")
        return counted(tally, source, self.name, "frames that do not say their size")


def stream_length(source: Source, start: int, end: int) -> Length:
    """The length of the MPEG audio stream between two offsets (a WAV file may hold one, too)."""
    word = int.from_bytes(source.at(start, 4), "big")
    first = mpeg.header(word)
    assert first is not None
    stated = xing.stated(source.at(start, xing.LOOK_BYTES)) if mpeg.is_layer_3(word) else None
    if stated is None:
        return _sampled(source, start, end, first) or counted(
            frames.count(source, start, end, mpeg.frame, mpeg.SYNC), source, Mpeg.name, NOT_STATED
        )
    agrees = _agrees(stated, source, start, end)
    if agrees and end - start > SMALL_BYTES:
        return _by_frames(stated, first, Grade.EXACT, "stated frames, size agrees")
    tally = frames.count(source, start + first.size, end, mpeg.frame, mpeg.SYNC)
    if tally.frames == stated.frames and not tally.junk:
        grade = Grade.EXACT if agrees else Grade.COUNTED
        return _by_frames(stated, first, grade, f"{stated.frames} frames, as stated")
    if tally.frames + SLACK_FRAMES < stated.frames:
        raise cut_off(source, tally.seconds, Fraction(stated.frames * first.samples, first.rate))
    return counted(tally, source, Mpeg.name, "its stated count is wrong")


def _sampled(source: Source, start: int, end: int, first: frames.Frame) -> Length | None:
    """The frames of a long stream of constant rate, which need not all be read; None where it is none."""
    found = steady.last_on_grid(source, start, end)
    if found is None:
        return None
    number, place = found
    rest = frames.count(source, place, end, mpeg.frame, mpeg.SYNC)
    if rest.junk or rest.gave_up or abs(rest.frames - steady.LAST_FRAMES) > SLACK_FRAMES:
        return None
    reason = f"{NOT_STATED}; constant rate, {steady.PLACES} of {number + rest.frames} frames looked at"
    return sure(
        Fraction((number + rest.frames) * first.samples, first.rate), Grade.COUNTED, Mpeg.name, reason
    )


def _by_frames(stated: xing.Stated, first: frames.Frame, grade: Grade, reason: str) -> Length:
    """What is played of the stated frames."""
    samples = stated.frames * first.samples
    # Nothing but padding, by what it says: a decoder gives what it likes, under a tenth of a second.
    padding = stated.silence >= samples
    played = samples if padding else samples - stated.silence
    return sure(Fraction(played, first.rate), Grade.HEADER if padding else grade, Mpeg.name, reason)


def _agrees(stated: xing.Stated, source: Source, start: int, end: int) -> bool:
    """Whether the stated bytes are those of the file, and its end is no hole."""
    if not stated.frames or abs(stated.bytes - (end - start)) * stated.frames > SLACK_FRAMES * stated.bytes:
        return False
    return any(source.at(max(start, end - TAIL_BYTES), TAIL_BYTES))
