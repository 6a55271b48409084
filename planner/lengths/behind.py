"""Files that begin with tags which their kind does not know: ID3 in front of WAV, AIFF or AC-3."""

from planner.containers.source import Part, Source
from planner.containers.tags import LEADING_MARKS, between_tags
from planner.lengths.interface import Length, Reader


class Behind:
    """Another reader, for what follows the tags."""

    starts = LEADING_MARKS

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    @property
    def name(self) -> str:
        """The kind behind the tags."""
        return self._reader.name

    def recognises(self, source: Source) -> bool:
        """Whether tags come first, and then what the other reader knows."""
        return source.head.startswith(LEADING_MARKS) and self._reader.recognises(source.once(_behind))

    def length(self, source: Source) -> Length:
        """As the other reader says."""
        return self._reader.length(source.once(_behind))


def _behind(source: Source) -> Part:
    return Part(source, source.once(between_tags)[0])
