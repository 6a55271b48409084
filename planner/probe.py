"""What is known of a file without decoding it: size, print, where its sound lies, and the sound's digest."""

import hashlib
from dataclasses import dataclass

from manifests.content import Span, print_of, print_places
from planner.containers.opening import opened
from planner.containers.source import BLOCK_BYTES, Source
from planner.content import spans_of
from planner.leftout import Reason, Unreadable


@dataclass(frozen=True, slots=True)
class Probe:
    """A file as it is now; sizes in bytes, `mtime_ns` in nanoseconds since 1970."""

    size: int
    print: str
    mtime_ns: int
    spans: tuple[Span, ...]

    @property
    def audio_bytes(self) -> int:
        """The bytes that are sound."""
        return sum(end - start for start, end in self.spans)


def probe(path: str) -> Probe:
    """Look at a file in a few places.

    Raises:
        Unreadable: it vanished, may not be read, or is no file.
    """
    with opened(path) as source:
        return probe_of(source)


def probe_of(source: Source) -> Probe:
    """Look at an opened file in a few places; errors as `probe`."""
    return Probe(source.size, print_at(source), source.mtime_ns, spans_of(source))


def print_at(source: Source) -> str:
    """The print of an opened file."""
    pieces = (source.at(start, end - start) for start, end in print_places(source.size))
    return print_of(source.size, *pieces)


def sha256(path: str, spans: tuple[Span, ...]) -> str:
    """The digest of a file's sound, 64 hex digits; reads all of it.

    Raises:
        Unreadable: it vanished, may not be read, or became shorter than its spans.
    """
    with opened(path) as source:
        return sha256_of(source, spans)


def sha256_of(source: Source, spans: tuple[Span, ...]) -> str:
    """The digest of an opened file's sound; errors as `sha256`."""
    digest = hashlib.sha256()
    for start, end in spans:
        _feed(digest, source, start, end)
    return digest.hexdigest()


def _feed(digest: "hashlib._Hash", source: Source, start: int, end: int) -> None:
    while start < end:
        piece = source.at(start, min(BLOCK_BYTES, end - start))
        if not piece:
            raise Unreadable(Reason.TRUNCATED, source.path, "became shorter while it was read")
        digest.update(piece)
        start += len(piece)
