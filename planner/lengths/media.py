"""Films and rarer containers, through PyAV: their packets are counted, whatever the header promises."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from manifests.length import Grade
from planner.containers.films import ALL, FILMS, Film
from planner.containers.source import Source
from planner.leftout import Reason, Unreadable
from planner.lengths.guard import GUARD, Guard
from planner.lengths.interface import SLOPPY, Length, between, cut_off, damaged, milliseconds, sure

MICROSECONDS = 1_000_000
LARGEST_LIE = Fraction(1, 50)
"""A header that promises so much more than there is was written for a longer file."""

SHORTEST_LIE = Fraction(1)
MARGIN = Fraction(11, 10)
"""On what is estimated from a part of a file."""


class Media:
    """One kind of container that PyAV opens."""

    def __init__(self, film: Film, guard: Guard = GUARD) -> None:
        self._film = film
        self._guard = guard

    @property
    def name(self) -> str:
        """The kind, as people call it."""
        return self._film.name

    @property
    def starts(self) -> tuple[bytes, ...]:
        """The container's marks."""
        return self._film.marks or self._film.starts

    def recognises(self, source: Source) -> bool:
        """By its marks."""
        return self._film.recognised(source)

    def length(self, source: Source) -> Length:
        """The sound track's packets counted; of a very large file, header and last packets compared."""
        return by_packets(source, self._film, self._film.share(source), self._guard)


MEDIA = tuple(Media(film) for film in FILMS)


def by_packets(source: Source, film: Film, share: Fraction | None, guard: Guard = GUARD) -> Length:
    """The length of a file's sound by its packets.

    Args:
        source: the file.
        film: how FFmpeg calls it, and what its header is worth.
        share: the share of the file that is there; None when it does not say.
        guard: who asks the library.

    Raises:
        Unreadable: no sound in it, cut off, or not readable.
    """
    try:
        found = guard.ask(source, "media", "av", film.format, source.size if film.sampled else 0)
    except Unreadable as error:
        if share in {None, ALL} or error.reason is not Reason.DAMAGED:
            raise
        raise Unreadable(Reason.TRUNCATED, source.path, "cut off within its header; copy it again") from error
    tracks = [track for track in found["tracks"] if track["packets"]]
    stated, ended = _seconds(found["stated"]), _seconds(found["ended"])
    if not tracks:
        raise _silent(source, found, share)
    heard = found["heard"]
    if heard and heard["whole"] and not heard["seconds"]:
        raise damaged(source, "damaged: none of its packets of sound can be decoded")
    sound = _seconds(tracks[0]["sound"])
    if share not in {None, ALL}:
        raise cut_off(source, sound, max(stated, sound / share))
    lie = stated - ended > max(SHORTEST_LIE, stated * LARGEST_LIE)
    if lie and share is None and film.promises(source) and found["how"] == "whole":
        raise cut_off(source, ended, stated)
    if found["how"] == "part":
        return _in_part(source, film, found, sound)
    return _graded(film, found, tracks)


def _graded(film: Film, found: Mapping[str, Any], tracks: list[Mapping[str, Any]]) -> Length:
    sounds = [_seconds(track["sound"]) for track in tracks]
    ends = [_seconds(track["sound"] + film.holes * track["holes"]) for track in tracks]
    heard = found["heard"]
    if heard and not heard["agrees"] and not heard["whole"]:
        drawn = sounds[0] * Fraction(heard["seconds"], max(1, heard["span"]))
        low, high = sorted((drawn, sounds[0]))
        return between(low, drawn, high * MARGIN, film.name, "times of packets and decoded sound differ")
    if heard and heard["whole"]:
        if not heard["errors"]:
            ends[0] += _seconds(heard["seconds"]) - sounds[0]
        sounds[0] = _seconds(heard["seconds"])
        ends[0] = max(ends[0], sounds[0])
    if max(ends) - min(sounds) > SLOPPY:
        broken = heard and heard["errors"]
        several = f"{len(tracks)} sound tracks of different lengths"
        alone = f"{heard['errors']} packets cannot be decoded" if broken else "a sound track with holes"
        reason = several if len(tracks) > 1 else alone
        return between(min(sounds), sounds[0], max(ends) + SLOPPY, film.name, reason)
    if found["how"] == "tail":
        return _by_ends(film, found, sounds[0])
    more = ", whose times begin anew" if tracks[0]["again"] else ""
    how = "decoded" if heard and heard["whole"] else "counted"
    return sure(sounds[0], Grade.COUNTED, film.name, f"{tracks[0]['packets']} packets {how}{more}")


def _by_ends(film: Film, found: Mapping[str, Any], sound: Fraction) -> Length:
    stated, ended = _seconds(found["stated"]), _seconds(found["ended"])
    if abs(stated - ended) > max(SHORTEST_LIE, ended / 100):
        low, high = sorted((sound, stated))
        return between(low, sound, high + SLOPPY, film.name, "header and last packets differ")
    return sure(sound, Grade.HEADER, film.name, "times of the first and last packets")


def _in_part(source: Source, film: Film, found: Mapping[str, Any], sound: Fraction) -> Length:
    """Time was over before the end: what a part holds, drawn out over the whole, and the header."""
    share = Fraction(max(1, found["place"]), source.size)
    whole, stated = max(sound, sound / share), _seconds(found["stated"])
    high = max(whole * MARGIN, stated)
    return between(
        sound, whole, high, film.name, f"{float(share):.0%} of its packets counted in the time there is"
    )


def _silent(source: Source, found: Mapping[str, Any], share: Fraction | None) -> Unreadable:
    if share not in {None, ALL} or (found["tracks"] and milliseconds(_seconds(found["stated"]))):
        return Unreadable(Reason.TRUNCATED, source.path, "cut off before its sound begins; copy it again")
    if found["tracks"]:
        return Unreadable(Reason.NO_LENGTH, source.path, "a sound track without any sound")
    what = "a video without sound" if found["video"] else "no sound in it"
    return Unreadable(Reason.NOT_AUDIO, source.path, what)


def _seconds(microseconds: int) -> Fraction:
    return Fraction(microseconds, MICROSECONDS)
