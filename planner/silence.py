"""Recordings in which there is nothing to hear: a dead microphone costs as much as a talk.

Some places of each are listened to, spread over its length; nobody decodes all of it. What is quieter than
-60 dB there is silence: no room and no tape is as quiet, but what was never recorded is.
"""

from collections.abc import Iterable, Iterator
from fractions import Fraction

import msgspec

from planner.containers.opening import opened
from planner.containers.source import Source
from planner.leftout import Reason, Unreadable
from planner.lengths.guard import GUARD, Guard

PLACES = 24
"""Places that are listened to in one recording."""

SECONDS = 0.5
"""How long at each."""

MOSTLY = Fraction(9, 10)
"""The part of its places at which a recording must be silent to be told of."""


class Heard(msgspec.Struct, frozen=True, gc=False, array_like=True, tag=3):
    """Places that were listened to, and how many were silent; none where nobody can decode the file."""

    places: int
    silent: int

    @property
    def mostly_silent(self) -> bool:
        """Whether there is next to nothing to hear."""
        return self.places > 0 and self.silent >= MOSTLY * self.places


NOT_HEARD = Heard(0, 0)


def listened(path: str, guard: Guard = GUARD) -> Heard:
    """Listen to a recording, through libsndfile or else FFmpeg; nothing is raised."""
    try:
        with opened(path) as source:
            return _first(_answers(source, guard))
    except Unreadable:
        return NOT_HEARD


def _answers(source: Source, guard: Guard) -> Iterator[Heard]:
    for work, library in (("quiet", "soundfile"), ("media_quiet", "av")):
        try:
            found = guard.ask(source, work, library, PLACES, SECONDS)
        except Unreadable as error:
            if error.reason is not Reason.DAMAGED and error.reason is not Reason.NO_LENGTH:
                raise
            continue
        yield Heard(found["places"], found["silent"])


def _first(answers: Iterable[Heard]) -> Heard:
    return next((each for each in answers if each.places), NOT_HEARD)
