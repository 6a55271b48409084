"""WMA and other Windows Media files: the header's time, if size, packets and the last packet agree with it.

Pipe writers leave it out, films state that of their pictures: then the packets of sound are counted.
"""

from fractions import Fraction

from manifests.length import Grade
from planner.containers import asf
from planner.containers.films import ALL, Film
from planner.containers.source import Source
from planner.leftout import Reason, Unreadable
from planner.lengths.interface import Length, cut_off, damaged, sure
from planner.lengths.media import by_packets

APART = 3
"""Seconds by which the last packet's time may differ from the header's, beside what is loaded ahead."""


class Wma:
    """Advanced Systems Format files."""

    name = "wma"
    starts = (asf.MARK,)

    def recognises(self, source: Source) -> bool:
        """By the header's identity."""
        return source.head.startswith(asf.MARK)

    def length(self, source: Source) -> Length:
        """The header's time, confirmed; else all packets counted."""
        found = asf.header(source)
        if found is None and source.size <= int.from_bytes(source.head[16:24], "little"):
            raise Unreadable(Reason.TRUNCATED, source.path, "cut off before its sound begins; copy it again")
        if found is None:
            raise damaged(source, "its WMA header cannot be followed")
        if asf.SOUND not in found.streams:
            what = "a video without sound" if asf.PICTURES in found.streams else "no sound in it"
            raise Unreadable(Reason.NOT_AUDIO, source.path, what)
        share = _share_there(source, found)
        if share < ALL and found.seconds:
            raise cut_off(source, found.seconds * share, found.seconds)
        if share == ALL and asf.PICTURES not in found.streams and _confirmed(source, found):
            return sure(found.seconds, Grade.HEADER, self.name, "header, last packet agrees")
        return by_packets(source, Film(self.name, "asf"), share)


def _share_there(source: Source, found: asf.Header) -> Fraction:
    """Of the packets; a piped file does not say how many there should be."""
    stated = found.packets * found.packet
    if found.piped or not stated:
        return ALL
    return min(ALL, Fraction(max(0, source.size - found.begin), stated))


def _confirmed(source: Source, found: asf.Header) -> bool:
    """Whether the last packet ends when the header says, or as much earlier as is loaded ahead."""
    if found.piped or not found.packets or not found.packet or not found.seconds:
        return False
    until = asf.sent(source, found, found.packets - 1)
    if until is None:
        return False
    return -APART <= until - found.seconds <= found.preroll + APART
