"""What a count of frames says about a length, for all kinds that are counted."""

from fractions import Fraction

from manifests.length import Grade
from planner.containers.frames import Tally
from planner.containers.source import Source
from planner.lengths.interface import Length, between, damaged, sure

SMALL_JUNK = Fraction(1, 50)
"""A player skips as much junk without anybody noticing."""

LARGE_JUNK = Fraction(1, 2)


def counted(tally: Tally, source: Source, reader: str, why: str = "") -> Length:
    """The counted length; an interval where junk between the frames leaves doubt.

    Args:
        tally: what was counted.
        source: the file.
        reader: the kind.
        why: why they had to be counted, if that is not plain.

    Raises:
        Unreadable: nothing counted, or more junk than sound.
    """
    share = Fraction(tally.junk, source.size)
    if not tally.frames or tally.gave_up or share + Fraction(tally.rest, source.size) > LARGE_JUNK:
        raise damaged(source, "damaged: more junk than sound")
    if share <= SMALL_JUNK:
        return sure(tally.seconds, Grade.COUNTED, reader, f"{why}{why and '; '}{tally.frames} frames counted")
    whole = tally.seconds / (1 - share)
    return between(
        tally.seconds, tally.seconds, whole, reader, f"frames counted, {float(share):.0%} of it junk"
    )
