"""Raw AAC (ADTS, ISO/IEC 13818-7): no header states a length, so frames are counted."""

from planner.containers import adts, frames
from planner.containers.source import Source
from planner.containers.tags import LEADING_MARKS, between_tags
from planner.lengths.counting import counted
from planner.lengths.interface import Length


class Adts:
    """AAC without a container."""

    name = "aac"
    starts = (adts.SYNC, *LEADING_MARKS)

    def recognises(self, source: Source) -> bool:
        """By frames that follow each other from the very start."""
        start, end = between_tags(source)
        return adts.find(source, start, end) is not None

    def length(self, source: Source) -> Length:
        """All frames counted."""
        start, end = between_tags(source)
        return counted(frames.count(source, start, end, adts.frame, adts.SYNC), source, self.name)
