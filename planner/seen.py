"""What was seen of a file, without its path: as readers answer it, and as the scan cache keeps it."""

from typing import TypeAlias

import msgspec

from planner.leftout import LeftOut, Reason, Unreadable
from planner.lengths.interface import Length
from planner.recording import Recording

LONGEST_DETAIL = 1000
"""Characters of a library's words that are passed on."""


class Seen(msgspec.Struct, frozen=True, gc=False, array_like=True, tag=0):
    """A recording; sizes in bytes, times in nanoseconds since 1970."""

    size: int
    mtime_ns: int
    print: str
    length: Length
    audio_bytes: int
    video: bool
    ctime_ns: int


class Fault(msgspec.Struct, frozen=True, gc=False, array_like=True, tag=1):
    """Why a file is left out; size and times are 0 where it may be otherwise though the file is the same."""

    reason: Reason
    detail: str
    size: int = 0
    mtime_ns: int = 0
    ctime_ns: int = 0


Verdict: TypeAlias = Seen | Fault
"""What a survey finds."""


def seen_of(found: Recording) -> Seen:
    """The same without its path."""
    return Seen(
        found.size,
        found.mtime_ns,
        found.print,
        found.length,
        found.audio_bytes,
        found.video,
        found.ctime_ns,
    )


def fault_of(error: Unreadable, size: int = 0, mtime_ns: int = 0, ctime_ns: int = 0) -> Fault:
    """Why a file is left out; bytes of its name that are no UTF-8 are shown as such."""
    detail = error.detail[:LONGEST_DETAIL].encode(errors="backslashreplace").decode()
    if not error.lasting:
        return Fault(error.reason, detail)
    return Fault(error.reason, detail, size, mtime_ns, ctime_ns)


def recorded(path: str, found: Verdict) -> Recording | LeftOut:
    """What was seen, of this file."""
    if isinstance(found, Fault):
        return LeftOut(path, found.reason, found.detail)
    return Recording(
        path,
        found.size,
        found.mtime_ns,
        found.print,
        found.length,
        found.audio_bytes,
        found.video,
        found.ctime_ns,
    )
