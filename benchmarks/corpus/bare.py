"""Telephone sounds without a header: what their names mean, after Asterisk's.

ffmpeg by itself would take another rate.
"""

_SLN = {
    "sln": 8000,
    "sln12": 12000,
    "sln16": 16000,
    "sln24": 24000,
    "sln32": 32000,
    "sln44": 44100,
    "sln48": 48000,
}

BARE: dict[str, tuple[str, int]] = {ending: ("s16le", rate) for ending, rate in _SLN.items()} | {
    "alaw": ("alaw", 8000),
    "al": ("alaw", 8000),
    "ulaw": ("mulaw", 8000),
    "ul": ("mulaw", 8000),
}
"""ffmpeg's name of the format, and samples a second, by ending."""
