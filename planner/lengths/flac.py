"""FLAC: the stated samples, confirmed by the first and last frame's own numbers."""

from dataclasses import dataclass
from fractions import Fraction

from manifests.length import Grade
from planner.containers import flac
from planner.containers.source import Source
from planner.containers.tags import between_tags
from planner.lengths.interface import SLOPPY, Length, between, cut_off, damaged, sure


class Flac:
    """Free Lossless Audio Codec files."""

    name = "flac"
    starts = (flac.MARK, b"ID3")

    def recognises(self, source: Source) -> bool:
        """By the stream marker, which ID3 tags may precede."""
        if source.head.startswith(flac.MARK):
            return True
        return source.head.startswith(b"ID3") and source.at(source.once(between_tags)[0], 4) == flac.MARK

    def length(self, source: Source) -> Length:
        """The samples from the first frame to the end of the last, which the header must not exceed."""
        where = source.once(flac.layout)
        if where is None:
            raise damaged(source, "its FLAC header cannot be followed")
        parts = [_part(source, layout) for layout in flac.parts(source, where)]
        if not parts:
            raise damaged(source, "several FLAC files joined, not all of which can be followed; split it")
        seconds = sum((part.seconds for part in parts), Fraction(0))
        if any(part.short for part in parts):
            raise cut_off(source, seconds, sum((part.stated for part in parts), Fraction(0)))
        if lost := sum((part.lost for part in parts), Fraction(0)):
            reason = "position of the last frame; some before it are missing"
            return between(seconds - lost, seconds - lost, seconds + SLOPPY, self.name, reason)
        if len(parts) > 1:
            return sure(seconds, Grade.COUNTED, self.name, f"{len(parts)} files joined into one")
        return sure(seconds, parts[0].grade, self.name, parts[0].reason)


@dataclass(frozen=True, slots=True)
class _Part:
    """One of the files that were joined, usually the only one: what is there and what its header says."""

    seconds: Fraction
    stated: Fraction
    lost: Fraction
    short: bool
    grade: Grade
    reason: str


def _part(source: Source, where: flac.Layout) -> _Part:
    info = _trusted_info(source, where)
    first, last = flac.first_sample(source, where, info.block), flac.last_sample(source, where, info.block)
    if last is None:
        raise damaged(source, "a FLAC header, but no sound near the end of the file")
    if first is not None and first >= last:
        raise damaged(source, "damaged: its FLAC frames are not in order")
    gaps = flac.missing(source, where, info.block)
    if gaps is None:
        raise damaged(source, "several FLAC files joined, not all of which can be followed; split it")
    grade, reason = _grade(first, last, info.samples)
    # Behind a broken first frame nothing tells of a cut, and a price must not stand on too little.
    seconds, lost = Fraction(last - (first or 0), info.rate), Fraction(gaps, info.rate)
    return _Part(seconds, Fraction(info.samples, info.rate), lost, last < info.samples, grade, reason)


def _trusted_info(source: Source, where: flac.Layout) -> flac.StreamInfo:
    info = flac.stream_info(where.streaminfo)
    if not info.rate:
        raise damaged(source, "a FLAC header with a rate of zero")
    if flac.frame_rate(source, where) not in {0, info.rate}:
        raise damaged(source, "damaged: header and frames state different rates")
    return info


def _grade(first: int | None, last: int, stated: int) -> tuple[Grade, str]:
    """A lossless cut keeps the header's total and the frames' numbers, so both must agree with 0."""
    if first:
        return Grade.COUNTED, "positions of the first and last frame"
    if first == 0 and last == stated:
        return Grade.EXACT, "header, last frame agrees"
    return Grade.COUNTED, "position of the last frame"
