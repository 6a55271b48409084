"""A recording as the plan sees it, and the ends through which the plan sees files."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from manifests.content import Span
from planner.lengths.interface import Length


class Entry(Protocol):
    """A file that the walk found."""

    @property
    def path(self) -> str:
        """The path as the operating system knows it."""
        ...


@dataclass(frozen=True, slots=True)
class Recording:
    """A file whose length is known; sizes in bytes, times in nanoseconds since 1970."""

    path: str
    size: int
    mtime_ns: int
    print: str
    length: Length
    spans: tuple[Span, ...]
    video: bool = False

    @property
    def kind(self) -> Literal["audio", "video"]:
        """What it is, in the catalogue's words."""
        return "video" if self.video else "audio"

    @property
    def audio_bytes(self) -> int:
        """The bytes that are sound."""
        return sum(end - start for start, end in self.spans)


Survey: TypeAlias = Callable[[str], Recording]
"""All that a plan needs to know of a file; raises `planner.leftout.Unreadable`."""

Digest: TypeAlias = Callable[[Recording], str]
"""The SHA-256 of a recording's sound, as hex; raises `planner.leftout.Unreadable`."""
