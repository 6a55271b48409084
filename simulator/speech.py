"""How long a text takes to say, and when each of its words is said (docs/api.md 9)."""

from __future__ import annotations

import json
import re
from fractions import Fraction

from simulator.refusals import Refusal

CHARACTERS_A_SECOND = 15
"""At speed 1; a decision of this simulator."""

SHORTEST = Fraction(1, 10)
"""Seconds; nobody says anything faster."""

MOST_BREAKS = 20
LONGEST_BREAK = Fraction(10)
"""Seconds of one `<break>`."""

_BREAK = re.compile(r"""<break\s+time\s*=\s*["'](\d{1,9}(?:\.\d{1,9})?)(ms|s)["']\s*/?>""", re.IGNORECASE)
_DIRECTION = re.compile(r"\[[^\[\]]*\]")


def seconds(text: str, speed: Fraction) -> Fraction:
    """How long a text takes: directions are not said, breaks last as long at any speed.

    Raises Refusal 400 for more breaks than allowed, or longer ones.
    """
    breaks = [
        Fraction(number) / (1000 if unit.lower() == "ms" else 1) for number, unit in _BREAK.findall(text)
    ]
    if len(breaks) > MOST_BREAKS or max(breaks, default=Fraction(0)) > LONGEST_BREAK:
        raise Refusal(
            400,
            "invalid_break",
            f"At most {MOST_BREAKS} breaks of at most {LONGEST_BREAK} seconds are allowed",
        )
    return max(SHORTEST, Fraction(len(said(text)), CHARACTERS_A_SECOND) / speed + sum(breaks))


def said(text: str) -> str:
    """The text without its breaks and directions."""
    return _DIRECTION.sub("", _BREAK.sub("", text)).strip()


def timestamps(text: str, length: float, kind: str) -> bytes:
    """When each word or character is said, evenly over `length` seconds, as JSON."""
    units = said(text).split() if kind == "word" else list(said(text))
    step = length / max(1, len(units))
    entries = [
        {"text": unit, "start": round(i * step, 3), "end": round((i + 1) * step, 3)}
        for i, unit in enumerate(units)
    ]
    return json.dumps({"timestamp_type": kind, "total_duration": length, "timestamps": entries}).encode()
