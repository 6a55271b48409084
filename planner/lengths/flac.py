"""FLAC: the stated samples, confirmed by the last frame's own number."""

from fractions import Fraction

from manifests.length import Grade
from planner.containers import flac
from planner.containers.source import Source
from planner.containers.tags import between_tags
from planner.lengths.interface import Length, cut_off, damaged, sure


class Flac:
    """Free Lossless Audio Codec files."""

    name = "flac"

    def recognises(self, source: Source) -> bool:
        """By the stream marker, which ID3 tags may precede."""
        if source.head.startswith(flac.MARK):
            return True
        return source.head.startswith(b"ID3") and source.at(between_tags(source)[0], 4) == flac.MARK

    def length(self, source: Source) -> Length:
        """The samples up to the end of the last frame, which must be those that the header states."""
        where = flac.layout(source)
        if where is None:
            raise damaged(source, "its FLAC header cannot be followed")
        info = flac.stream_info(where.streaminfo)
        if not info.rate:
            raise damaged(source, "a FLAC header with a rate of zero")
        if flac.frame_rate(source, where) not in {0, info.rate}:
            raise damaged(source, "damaged: header and frames state different rates")
        there = flac.last_sample(source, where, info.block)
        if there is None:
            raise damaged(source, "a FLAC header, but no sound near the end of the file")
        if there < info.samples:
            raise cut_off(source, Fraction(there, info.rate), Fraction(info.samples, info.rate))
        if there == info.samples:
            return sure(Fraction(there, info.rate), Grade.EXACT, self.name, "header, last frame agrees")
        return sure(Fraction(there, info.rate), Grade.COUNTED, self.name, "position of the last frame")
