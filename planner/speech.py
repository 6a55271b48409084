"""How long a text is when it is spoken: from its characters, the language, the breaks and the speed.

Source of the stated rates: the characters a minute that native speakers read aloud in the
International Reading Speed Texts (Trauzettel-Klosinski and Dietz, "Standardized Assessment of
Reading Performance", Investigative Ophthalmology & Visual Science 53, 2012). Those readers hurried (228
English words a minute, where narrators speak 150 to 160), so nine tenths count as usual, with a
fifth to both sides for slow and quick voices. Languages that have no such text count with a wide
range; Korean and Cantonese from their syllables a second.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from manifests.length import Grade
from planner.history import Speech
from planner.inputs import Passage
from planner.lengths.interface import Length, milliseconds

READ_ALOUD = {
    "ar": 612, "de": 920, "en": 987, "es": 1025, "fi": 1078, "fr": 998, "he": 833, "it": 950, "ja": 357,
    "nl": 978, "pl": 916, "pt": 913, "ru": 986, "sl": 885, "sv": 917, "tr": 1054, "zh": 255,
}  # fmt: skip
"""Characters a minute."""

CALM, SIDE = Fraction(9, 10), Fraction(1, 5)

DIGIT = 4
"""Characters that a digit counts as: it is read out as a word."""

SHORTEST = Fraction(1)
LEAD = Fraction(1)
"""Seconds of silence that the upper end allows for at the start and the end."""

ENOUGH_JOBS, ENOUGH_CHARACTERS = 3, 2000
"""What the ledger must know of a voice before it narrows an estimate."""

MEASURED_MARGIN = Fraction(11, 10)
"""Above the slowest that was seen."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Characters a second, from the slowest voice to the quickest; `name` says of which language."""

    low: Fraction
    usual: Fraction
    high: Fraction
    name: str


@dataclass(frozen=True, slots=True)
class Told:
    """What a length stands on, for the screen; `jobs` is how many measured jobs narrowed it."""

    low: int
    high: int
    language: str
    jobs: int = 0

    def __str__(self) -> str:
        """`12 to 18 characters a second, en`."""
        return f"{self.low} to {self.high} characters a second, {self.language}"


def _read(language: str) -> Pace:
    usual = Fraction(round(READ_ALOUD[language] * CALM), 60)
    return Pace(Fraction(int(usual * (1 - SIDE))), usual, Fraction(ceil(usual * (1 + SIDE))), language)


_PACES = {language: _read(language) for language in READ_ALOUD} | {
    "ko": Pace(Fraction(4), Fraction(6), Fraction(8), "ko"),
    "yue": Pace(Fraction(3), Fraction(4), Fraction(5), "yue"),
}
_ANY = Pace(Fraction(8), Fraction(13), Fraction(18), "any language")
_WIDE = ("zh", "ja", "ko", "yue")
"""Languages whose own characters are a syllable or more each."""


def pace_of(language: str) -> Pace:
    """The pace of a language's code; that of any language where it is unknown or not stated."""
    return _PACES.get(language.partition("-")[0].lower(), _ANY)


def speech_length(passage: Passage, options: Mapping[str, object], history: Speech) -> tuple[Length, Told]:
    """How long the passage will be, and what that stands on.

    Args:
        passage: what is spoken.
        options: `voice`, `language` and `speed` as the service takes them.
        history: what voices spoke before.
    """
    language = str(options.get("language", ""))
    base = language.partition("-")[0].lower()
    wide = _PACES[base if base in _WIDE else passage.script or "zh"]
    plain = pace_of("" if base in _WIDE else language)
    speed = Fraction(str(options.get("speed", "1")))
    usual, upper = _seconds(passage, plain, wide)
    foreign = bool(passage.wide) and base not in _WIDE  # what was measured had perhaps none of these
    seen = None if foreign else _measured(str(options.get("voice", "")), language, history)
    if seen is not None:
        usual, upper = _narrowed(_weight(passage), (usual, upper), seen)
    breaks = Fraction(passage.breaks_ms, 1000)
    likely = max(SHORTEST, (usual + breaks) / speed)
    most = max(likely, upper / speed + breaks / min(speed, Fraction(1)) + LEAD)
    shown = wide if passage.wide * 2 > passage.characters else plain
    told = Told(int(shown.low), int(shown.high), shown.name, seen.jobs if seen else 0)
    ms, high_ms = milliseconds(likely), milliseconds(most)
    return Length(ms, Grade.ESTIMATED, ms, high_ms, "speech", str(told)), told


def _seconds(passage: Passage, plain: Pace, wide: Pace) -> tuple[Fraction, Fraction]:
    """The usual and the longest time that the characters take at speed 1."""
    narrow = _weight(passage) - passage.wide
    usual = narrow / plain.usual + passage.wide / wide.usual
    return usual, narrow / plain.low + passage.wide / wide.low


def _weight(passage: Passage) -> int:
    """The characters, digits as what they are read out as; texts that were measured had perhaps none."""
    return passage.characters + (DIGIT - 1) * passage.digits


@dataclass(frozen=True, slots=True)
class _Measured:
    """Seconds a character at speed 1, as billed."""

    jobs: int
    mean: Fraction
    slowest: Fraction


def _measured(voice: str, language: str, history: Speech) -> _Measured | None:
    """What the ledger knows of a voice; None where that is too little."""
    if not voice:
        return None
    spoken = [each for each in history(voice, language) if each[0] > 0]
    characters = sum(count for count, _, _ in spoken)
    if len(spoken) < ENOUGH_JOBS or characters < ENOUGH_CHARACTERS:
        return None
    seconds = [billed * speed for _, billed, speed in spoken]
    slowest = max(each / count for each, (count, _, _) in zip(seconds, spoken, strict=True))
    return _Measured(len(spoken), sum(seconds, Fraction()) / characters, slowest)


def _narrowed(
    characters: int, stated: tuple[Fraction, Fraction], seen: _Measured
) -> tuple[Fraction, Fraction]:
    """The measured times, never above what the stated pace allows."""
    upper = min(stated[1], characters * seen.slowest * MEASURED_MARGIN)
    return min(upper, characters * seen.mean), upper
