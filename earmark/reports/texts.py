"""Text that any reader of JSON, XML or HTML takes: file names may hold bytes that are none."""

from pathlib import Path
from typing import Any

from manifests.paths import as_written

_FIRST, _LAST = "\ud800", "\udfff"
"""The surrogates: what Python puts in place of such bytes, and what a careless service may send."""


def path(name: str) -> str:
    """A path to show; its bytes are kept elsewhere, or not at all."""
    try:
        return as_written(name)[0]
    except UnicodeEncodeError:  # surrogates that stand for no byte
        return clean(name)


def written(name: str) -> tuple[str, str | None]:
    """A path to show, and its bytes in hex where they are no UTF-8."""
    try:
        return as_written(name)
    except UnicodeEncodeError:
        return clean(name), None


def near(name: str, place: Path) -> str:
    """A path as seen from a folder that it lies in: who is sent a report need not know what is above."""
    whole = Path(name)
    return str(whole.relative_to(place)) if name and whole.is_relative_to(place) else name


def clean(text: str) -> str:
    """The text with a mark in place of each character that is none."""
    if text.isascii():
        return text
    return "".join("\N{REPLACEMENT CHARACTER}" if _FIRST <= each <= _LAST else each for each in text)


def cleaned(value: Any) -> Any:
    """The same of every text in plain values."""
    match value:
        case str():
            return clean(value)
        case dict():
            return {clean(str(key)): cleaned(each) for key, each in value.items()}
        case list() | tuple():
            return [cleaned(each) for each in value]
    return value
