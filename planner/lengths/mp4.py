"""MP4, M4A, M4B and MOV: the sound track's own times (ISO/IEC 14496-12), video or not.

The header's length must agree with the table of times, and the sound must all be there.
"""

from fractions import Fraction

from manifests.length import Grade
from planner.containers.boxes import Box, boxes, inner, is_boxed
from planner.containers.films import Film
from planner.containers.fragments import fragments_time
from planner.containers.movie import Track, sound_tracks, times
from planner.containers.source import Source
from planner.leftout import Reason, Unreadable
from planner.lengths.interface import MS_PER_SECOND, SLOPPY, Length, between, cut_off, damaged, sure
from planner.lengths.media import by_packets

AGREE = Fraction(1, 10)
"""Seconds: encoder delay makes header, table and edit list differ by less."""

PACKED = frozenset({b"mp4a", b"ac-3", b"ec-3", b".mp3", b"Opus", b"fLaC"})
"""Codecs that are never nothing but zeros."""

HOLE_BYTES = 256
SMALL_BYTES = 1 << 17
"""Up to here a file is looked at everywhere: it is read in a look or two."""

PICTURE_BRANDS = frozenset({b"heic", b"heix", b"mif1", b"msf1", b"avif", b"crx "})


class Mp4:
    """The ISO base media and QuickTime family."""

    name = "mp4"
    starts: tuple[bytes, ...] = ()

    def recognises(self, source: Source) -> bool:
        """By the first box."""
        return is_boxed(source)

    def length(self, source: Source) -> Length:
        """The length of the first sound track, if others agree."""
        top = list(boxes(source))
        moov = next((box for box in top if box.kind == b"moov"), None)
        if moov is None:
            raise _without_index(source, top)
        if moov.stated_end > source.size:
            raise Unreadable(Reason.TRUNCATED, source.path, "cut off within its index (moov); copy it again")
        tracks = list(sound_tracks(source, moov))
        if not tracks and inner(source, moov, b"cmov"):
            return by_packets(source, Film(self.name, "mov"), None)
        if not tracks:
            raise Unreadable(Reason.NOT_AUDIO, source.path, "a video without sound")
        track, *others = tracks
        if not track.scale:
            raise damaged(source, "a sound track with a time scale of zero")
        pieces = fragments_time(source, top, moov, track.box)
        length = self._in_pieces(track, pieces) if pieces else self._of(source, moov, track)
        _refuse_cut(source, top, track, length)
        if source.local and _has_hole(source, top, track):
            return by_packets(source, Film(self.name, "mov"), None)
        return _with_others(length, others)

    def _in_pieces(self, track: Track, pieces: int) -> Length:
        """Fragmented: the index may hold the first samples, the pieces hold the others."""
        seconds = Fraction(track.tabled + pieces, track.scale)
        return sure(seconds, Grade.COUNTED, self.name, "times of all pieces added")

    def _of(self, source: Source, moov: Box, track: Track) -> Length:
        media = Fraction(track.tabled or track.stated, track.scale)
        if not media:
            raise Unreadable(
                Reason.NO_LENGTH, source.path, "an index without samples, and no pieces after it"
            )
        stated = Fraction(track.stated, track.scale) or media
        played = _played(source, moov, track) or media
        if abs(stated - media) > AGREE or abs(played - media) > AGREE:
            low, high = min(stated, media, played), max(stated, media, played)
            return between(low, min(media, played), high, self.name, "header, table and edit list differ")
        if track.tabled and track.stated:
            return sure(played, Grade.EXACT, self.name, "header, confirmed by the table of times")
        return sure(played, Grade.HEADER, self.name, "header of the sound track")


def _played(source: Source, moov: Box, track: Track) -> Fraction:
    """What the edit list plays of the track, in seconds; 0 when it does not say."""
    header = inner(source, moov, b"mvhd")
    scale = times(source, header)[0] if header else 0
    if not scale:
        return Fraction(0)
    return Fraction(sum(edit.duration for edit in track.edits if edit.start >= 0), scale)


def _refuse_cut(source: Source, top: list[Box], track: Track, length: Length) -> None:
    """A file whose sound passes its end is cut off; about how far it goes follows from the bytes."""
    sound = [box for box in top if box.kind == b"mdat"]
    stated = sum(box.stated_end - box.body for box in sound)
    there = sum(box.end - box.body for box in sound)
    whole = Fraction(length.ms, 1000)
    if sound and there < stated:
        raise cut_off(source, whole * there / stated, whole)
    if not sound or track.last_chunk >= source.size:
        raise cut_off(source, Fraction(0), whole)
    if track.kind in PACKED and track.last_chunk and not any(source.at(track.last_chunk, HOLE_BYTES)):
        raise Unreadable(Reason.TRUNCATED, source.path, "zeros where its end should be; copy it again")


def _without_index(source: Source, top: list[Box]) -> Unreadable:
    if source.head[8:12] in PICTURE_BRANDS or any(box.kind == b"meta" for box in top):
        return Unreadable(Reason.NOT_AUDIO, source.path, "a picture")
    if any(box.kind == b"moof" for box in top):
        return Unreadable(Reason.NO_LENGTH, source.path, "a piece of a stream without its index (moov)")
    detail = "its index (moov) is missing: cut off, or a recording that was not closed"
    return Unreadable(Reason.TRUNCATED, source.path, detail)


def _has_hole(source: Source, top: list[Box], track: Track) -> bool:
    """Whether zeros stand within the sound of a file that is small enough to be looked at everywhere."""
    if track.kind not in PACKED or source.size > SMALL_BYTES:
        return False
    sounds = (source.at(box.body, box.end - box.body) for box in top if box.kind == b"mdat")
    return any(bytes(HOLE_BYTES) in sound for sound in sounds)


def _with_others(length: Length, others: list[Track]) -> Length:
    """Several sound tracks of different lengths are an interval: which one is billed, nobody knows."""
    lengths = [Fraction(track.tabled or track.stated, track.scale) for track in others if track.scale]
    sounds = [Fraction(length.ms, MS_PER_SECOND), *filter(None, lengths)]
    if max(sounds) - min(sounds) <= AGREE:
        return length
    reason = f"{len(sounds)} sound tracks of different lengths"
    return between(min(sounds), sounds[0], max(sounds) + SLOPPY, length.reader, reason)
