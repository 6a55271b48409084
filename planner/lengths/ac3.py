"""AC-3 and E-AC-3 streams: no header states a length, so frames are counted."""

from planner.containers import ac3, frames
from planner.containers.source import Source
from planner.lengths.counting import counted
from planner.lengths.interface import Length


class Ac3:
    """Dolby Digital without a container."""

    name = "ac3"
    starts = (ac3.SYNC,)

    def recognises(self, source: Source) -> bool:
        """By frames that follow each other."""
        return ac3.find(source)

    def length(self, source: Source) -> Length:
        """All frames counted."""
        return counted(frames.count(source, 0, source.size, ac3.frame, ac3.SYNC), source, self.name)
