"""Reads from one opening of a file all that a plan needs to know about it."""

from planner import probe
from planner.containers.opening import opened
from planner.containers.pictures import has_video
from planner.containers.source import Source
from planner.content import spans_of
from planner.leftout import Reason, Unreadable
from planner.lengths.registry import length_of
from planner.recording import Recording
from planner.seen import Verdict, fault_of, seen_of

VIDEO_SUFFIXES = (".wmv", ".asf", ".mpg", ".mpeg", ".mkv", ".webm", ".avi", ".flv", ".ts")
"""Names of films, where nobody looks inside."""


def survey(path: str) -> Recording:
    """Look at a file: length, size, print, how much of it is sound, whether it is a film.

    Raises:
        Unreadable: no length that can be trusted, or the file cannot be read.
    """
    with opened(path) as source:
        return _survey(source)


def verdict(path: str) -> Verdict:
    """What a survey finds, or why it finds nothing; no error is raised."""
    try:
        with opened(path) as source:
            return verdict_of(source)
    except Unreadable as error:
        return fault_of(error)


def verdict_of(source: Source) -> Verdict:
    """The same of an opened file."""
    try:
        return seen_of(_survey(source))
    except Unreadable as error:
        return fault_of(error, source.size, source.mtime_ns, source.ctime_ns)


def _survey(source: Source) -> Recording:
    length = length_of(source)
    seen = probe.probe_of(source)
    video = has_video(source, length.reader)
    return Recording(
        source.path,
        seen.size,
        seen.mtime_ns,
        seen.print,
        length,
        seen.audio_bytes,
        video,
        source.ctime_ns,
    )


def same(path: str, size: int, print_: str) -> tuple[int, int] | None:
    """The times of a file that is what it was, by its size and print; None where it is another."""
    try:
        with opened(path) as source:
            unchanged = source.size == size and probe.print_at(source) == print_
            return (source.mtime_ns, source.ctime_ns) if unchanged else None
    except Unreadable:
        return None


def digest(recording: Recording) -> str:
    """The SHA-256 of a recording's sound; reads all of it.

    Raises:
        Unreadable: the file vanished or changed since the survey.
    """
    return digest_of(recording.path, recording.size)


def digest_of(path: str, size: int) -> str:
    """The SHA-256 of a recording's sound, if the file is still of this size; errors as `digest`."""
    with opened(path) as source:
        if source.size == size:
            return probe.sha256_of(source, spans_of(source))
    raise Unreadable(Reason.TRUNCATED, path, "changed while it was looked at; plan again")
