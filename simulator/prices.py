"""What the service asks for, written down a second time on purpose: the simulator trusts no price of ours."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

CREDITS_PER_CENT = 75
"""$1 buys 7,500 account credits (docs/api.md 16)."""

DENOISE_CREDITS = {
    "denoise_audio": 660,
    "denoise_audio_studio": 1320,
    "denoise_audio_ultra": 2640,
    "spectral_denoise": 660,
}
"""Credits for a minute of noise reduction, which has no price in the wallet (docs/api.md 16)."""


@dataclass(frozen=True, slots=True)
class Rate:
    """The price of one service: cents for a minute, and what a minute costs in account credits."""

    cents_per_minute: Fraction
    description: str
    credits_per_minute: int


def _rate(cents: int, description: str, credits_per_minute: int | None = None) -> Rate:
    """A rate; without a published price in credits, the pay-as-you-go price of the cents is taken."""
    dear = cents * CREDITS_PER_CENT if credits_per_minute is None else credits_per_minute
    return Rate(Fraction(cents), description, dear)


RATES: dict[str, Rate] = {
    "stem_extraction": _rate(10, "Stem separation"),
    "transcription": _rate(1, "Transcription", 220),
    "text_to_speech": _rate(4, "Text to speech"),
    "voice_cloning": _rate(4, "Voice cloning"),
    "voice_conversion": _rate(13, "Voice conversion"),
    "speech_translation": _rate(40, "Speech translation"),
    "music_generation": _rate(4, "Music generation"),
    "speaker_diarization": _rate(20, "Speaker separation", 330),
    "karaoke_generation": _rate(25, "Karaoke generation"),
    "media_converter": _rate(1, "Media conversion", 33),
}
"""The wallet's price list by `service_type` (docs/api.md 2; credits: 15 and 20, rows 14 and 15)."""


CREDIT_RATES = {name: _rate(0, "Noise reduction", minute) for name, minute in DENOISE_CREDITS.items()}
"""What account credits alone pay, by the names of its rows in their usage."""


def job_cents(seconds: int, cents_per_minute: Fraction, multiplier: Fraction, *, binary: bool = False) -> int:
    """The price of one job in cents: rounded up once, at least 1 for any length (docs/api.md 3.2).

    `binary` counts in dollars with binary fractions, which makes 31 cents of three minutes of stems.
    """
    if seconds <= 0:
        return 0
    if binary:
        return max(1, math.ceil(seconds / 60 * float(cents_per_minute * multiplier / 100) * 100))
    return max(1, math.ceil(seconds * cents_per_minute * multiplier / 60))


def job_credits(seconds: int, rate: Rate, multiplier: Fraction) -> int:
    """The price of one job in account credits, rounded up once."""
    return math.ceil(seconds * rate.credits_per_minute * multiplier / 60)


def usd(cents: int) -> str:
    """Cents as the service writes dollars, such as `$25.00`."""
    return f"{'-' if cents < 0 else ''}${abs(cents) // 100}.{abs(cents) % 100:02d}"


def per_minute(cents: Fraction) -> str:
    """A rate as the service writes it, such as `$0.10/min`."""
    if cents.denominator == 1:
        return f"{usd(int(cents))}/min"
    return f"${float(cents) / 100:.4f}/min"
