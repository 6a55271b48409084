"""A recording as the plan sees it, and the ends through which the plan sees files."""

from collections.abc import Callable
from typing import Literal, Protocol, TypeAlias

import msgspec

from planner.lengths.interface import Length


class Entry(Protocol):
    """A file that the walk found."""

    @property
    def path(self) -> str:
        """The path as the operating system knows it."""
        ...


class Recording(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A file whose length is known; sizes in bytes, times in nanoseconds since 1970.

    There are a million of them: `planner.stock` keeps them as bytes, and nobody else keeps them all.
    Which bytes are sound is found again where a digest is taken (`planner.survey`).
    """

    path: str
    size: int
    mtime_ns: int
    print: str
    length: Length
    audio_bytes: int  # those that are sound
    video: bool = False
    ctime_ns: int = 0  # when anything about it changed last, whatever `mtime_ns` was set to

    @property
    def kind(self) -> Literal["audio", "video"]:
        """What it is, in the catalogue's words."""
        return "video" if self.video else "audio"


Survey: TypeAlias = Callable[[str], Recording]
"""All that a plan needs to know of a file; raises `planner.leftout.Unreadable`."""

Digest: TypeAlias = Callable[[Recording], str]
"""The SHA-256 of a recording's sound, as hex; raises `planner.leftout.Unreadable`."""
