"""Which bytes of a file are its sound, so that retagging 400 episodes does not pay for them again.

Only where that is cheap and sure; everything else counts whole:
MP3 and raw AAC between their tags, FLAC after its metadata, MP4 its media data and edit lists,
WAV its format and sound.
"""

from collections.abc import Callable

from manifests.content import Span
from planner.containers import flac
from planner.containers.boxes import boxes
from planner.containers.movie import edit_list
from planner.containers.opening import opened
from planner.containers.source import Source
from planner.containers.tags import between_tags
from planner.lengths.registry import reader_for
from planner.lengths.wav import sound_spans


def audio_spans(path: str) -> tuple[Span, ...]:
    """The spans of a file that are its sound, in their order; the whole file where that is unsure.

    Raises:
        Unreadable: the file cannot be opened or read.
    """
    with opened(path) as source:
        return spans_of(source)


def spans_of(source: Source) -> tuple[Span, ...]:
    """The spans of an opened file that are its sound."""
    reader = reader_for(source)
    find = _FINDERS.get(reader.name) if reader else None
    spans = find(source) if find else ()
    return spans or ((0, source.size),)


def _between_tags(source: Source) -> tuple[Span, ...]:
    start, end = source.once(between_tags)
    return ((start, end),) if start < end else ()


def _flac_frames(source: Source) -> tuple[Span, ...]:
    where = source.once(flac.layout)
    return ((where.frames, where.end),) if where and where.frames < where.end else ()


def _media_data(source: Source) -> tuple[Span, ...]:
    """Media data, and the edit lists: they decide which part of the data is played."""
    sounds: list[Span] = []
    edits: list[Span] = []
    for box in boxes(source):
        if box.stated_end > source.size:
            return ()
        if box.kind == b"mdat":
            sounds.append((box.body, box.end))
        if box.kind == b"moov":
            lists = [edit_list(source, trak) for trak in boxes(source, box) if trak.kind == b"trak"]
            edits.extend((found.body, found.end) for found in lists if found)
    return tuple(sorted(sounds + edits)) if any(start < end for start, end in sounds) else ()


_FINDERS: dict[str, Callable[[Source], tuple[Span, ...]]] = {
    "mp3": _between_tags,
    "aac": _between_tags,
    "flac": _flac_frames,
    "mp4": _media_data,
    "wav": sound_spans,
}
