"""Reads from one opening of a file all that a plan needs to know about it."""

from planner import probe
from planner.containers.pictures import has_video
from planner.containers.source import opened
from planner.content import spans_of
from planner.leftout import Reason, Unreadable
from planner.lengths.registry import length_of
from planner.recording import Recording

VIDEO_SUFFIXES = (".wmv", ".asf", ".mpg", ".mpeg", ".mkv", ".webm", ".avi", ".flv", ".ts")
"""Names of films, where nobody looks inside."""


def survey(path: str) -> Recording:
    """Look at a file: length, size, print, where its sound lies, whether it is a film.

    Raises:
        Unreadable: no length that can be trusted, or the file cannot be read.
    """
    with opened(path) as source:
        length = length_of(source)
        seen = probe.probe_of(source)
        return Recording(
            path=path,
            size=seen.size,
            mtime_ns=seen.mtime_ns,
            print=seen.print,
            length=length,
            audio_bytes=seen.audio_bytes,
            video=has_video(source, length.reader),
        )


def digest(recording: Recording) -> str:
    """The SHA-256 of a recording's sound; reads all of it.

    Raises:
        Unreadable: the file vanished or changed since the survey.
    """
    with opened(recording.path) as source:
        if source.size == recording.size:
            return probe.sha256_of(source, spans_of(source))
    raise Unreadable(Reason.TRUNCATED, recording.path, "changed while it was looked at; plan again")
