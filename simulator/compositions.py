"""What a request for music may say, checked as the service checks it (docs/api.md 12)."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from simulator.calls import whole
from simulator.refusals import Invalid, Refusal, invalid

AUTOMATIC = -1
"""The duration that lets the service choose."""
CHOSEN_SECONDS = 120
"""What it then chooses; a decision of this simulator."""
SHORTEST, LONGEST, LONGEST_SAMPLE = 10, 600, 120
"""Seconds (docs/api.md 5.4)."""
SAMPLES = "text2samples"
TASKS = ("text2music", "prompt2instrumental", "text2rap", "lyric2vocals", SAMPLES)

Prompt = Annotated[str, Meta(max_length=2048)]


def _given(text: str | UnsetType) -> str | None:
    return None if isinstance(text, UnsetType) else text


class Common(Struct):
    """The fields of all requests."""

    instrumental: bool | UnsetType = UNSET
    audio_duration: Annotated[float, Meta(ge=AUTOMATIC, le=LONGEST)] | UnsetType = UNSET
    format: Literal["wav", "mp3", "flac", "ogg"] | UnsetType = UNSET
    vocal_language: str | UnsetType = UNSET
    display_name: str | UnsetType = UNSET
    dit_variant: str | UnsetType = UNSET
    quality: Literal["standard", "premium"] | UnsetType = UNSET

    @property
    def prompt_text(self) -> str | None:
        """What the music shall be like."""
        return None

    @property
    def is_premium(self) -> bool:
        """Whether it costs twice as much, under either name (docs/api.md 20, row 3)."""
        return self.dit_variant == "xl" or self.quality == "premium"

    @property
    def seconds(self) -> Fraction:
        """How long each piece will be."""
        asked = AUTOMATIC if self.audio_duration is UNSET else self.audio_duration
        return Fraction(CHOSEN_SECONDS) if asked == AUTOMATIC else Fraction(str(asked))


class Full(Common):
    """A request with a task in its path."""

    prompt: Prompt | UnsetType = UNSET
    caption: Prompt | UnsetType = UNSET
    lyrics: str | UnsetType = UNSET
    batch_size: Annotated[int, Meta(ge=1, le=8)] | UnsetType = UNSET
    seed: int | UnsetType = UNSET
    model_version: str | UnsetType = UNSET
    genre_preset: str | UnsetType = UNSET
    bpm: Annotated[int, Meta(ge=30, le=300)] | UnsetType | None = UNSET
    keyscale: str | UnsetType | None = UNSET
    timesignature: str | UnsetType | None = UNSET
    inference_steps: Annotated[int, Meta(ge=32, le=100)] | UnsetType = UNSET
    guidance_scale: Annotated[float, Meta(ge=1, le=15)] | UnsetType = UNSET
    generate_lrc: bool | UnsetType = UNSET
    sample_type: Literal["loop", "one-shot"] | UnsetType = UNSET
    tempo: Annotated[int, Meta(ge=60, le=200)] | UnsetType = UNSET

    @property
    def prompt_text(self) -> str | None:
        """What the music shall be like; `prompt` is the older name."""
        return _given(self.prompt if self.caption is UNSET else self.caption)


class Simple(Common):
    """A request in one sentence."""

    query: Annotated[str, Meta(min_length=1, max_length=1000)] | UnsetType = UNSET

    @property
    def prompt_text(self) -> str | None:
        """The sentence."""
        return _given(self.query)


R = TypeVar("R", bound=Common)


def read(data: dict[str, Any], kind: type[R], task: str) -> R:
    """A request, checked. Raises Refusal 400 for an empty prompt, 422 for all that fits no field."""
    try:
        asked = msgspec.convert({name: _as_whole(value) for name, value in data.items()}, kind)
    except msgspec.ValidationError as error:
        raise _misfit(str(error)) from error
    if asked.prompt_text is None:
        raise invalid("Field required", "body", "query" if kind is Simple else "prompt")
    if not asked.prompt_text.strip():
        raise Refusal(400, "invalid_caption", "The caption is empty")
    longest = LONGEST_SAMPLE if task == SAMPLES else LONGEST
    if not SHORTEST <= asked.seconds <= longest:
        raise invalid(f"Input should be from {SHORTEST} to {longest}, or -1", "body", "audio_duration")
    return asked


def _as_whole(value: Any) -> Any:
    """A number that JSON wrote as 2.0 is one that is whole."""
    number = whole(value)
    return value if number is None else number


def _misfit(message: str) -> Invalid:
    field = re.search(r"`\$\.(\w+)", message)
    return invalid(message, "body", *(field.groups() if field else ()))
