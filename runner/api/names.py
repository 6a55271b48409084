"""Safe file names out of what a service calls its results."""

import re
import unicodedata
from collections.abc import Iterable
from urllib.parse import parse_qs, unquote, urlsplit

LONGEST = 120
"""Bytes of a name without its ending: encrypted folders stop at 143."""

DEFAULT_ENDING = ".wav"
"""What the service makes where nothing says otherwise (docs/api.md 7)."""

_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])", re.IGNORECASE)
_SEPARATORS = re.compile(r'[/\\:*?"<>|]+')
_ENDING = re.compile(r"\.[a-z0-9]{1,5}")
_ENDINGS = {
    "audio/wav": ".wav",
    "audio/x-wav": ".wav",
    "audio/wave": ".wav",
    "audio/mpeg": ".mp3",
    "audio/flac": ".flac",
    "audio/x-flac": ".flac",
    "audio/ogg": ".ogg",
    "audio/mp4": ".m4a",
    "audio/aac": ".aac",
    "video/mp4": ".mp4",
    "video/webm": ".webm",
}
_TYPE_FIELDS = ("response-content-type", "rsct")
"""Query names by which signed links of storage providers set a content type."""


def safe(label: str) -> str:
    """The label as one name of a file that every file system and terminal takes."""
    text = _SEPARATORS.sub("_", unicodedata.normalize("NFC", label))
    text = "".join(c if c.isprintable() else "_" for c in text).strip(" .")
    text = text.encode()[:LONGEST].decode(errors="ignore").strip(" .")
    return f"_{text}" if not text or _RESERVED.fullmatch(text.partition(".")[0]) else text


def ending(address: str, default: str = DEFAULT_ENDING) -> str:
    """The extension of what lies at an address: from its path, else from its query, else the default."""
    try:
        parts = urlsplit(address)
    except ValueError:  # such as http://[ : refused when it is to be fetched
        return default
    name = unquote(parts.path).rpartition("/")[2]
    dotted = f".{name.rpartition('.')[2].lower()}" if "." in name else ""
    if _ENDING.fullmatch(dotted):
        return dotted
    query = parse_qs(parts.query)
    types = (query[field][0].partition(";")[0].strip().lower() for field in _TYPE_FIELDS if field in query)
    return next((_ENDINGS[each] for each in types if each in _ENDINGS), default)


def unique(names: Iterable[tuple[str, str]]) -> list[str]:
    """Stems and endings as file names of which no two are the same to a careless file system."""
    taken: set[str] = set()
    found = []
    for stem, suffix in names:
        name, count = f"{stem}{suffix}", 1
        while name.casefold() in taken:
            count += 1
            name = f"{stem}_{count}{suffix}"
        taken.add(name.casefold())
        found.append(name)
    return found
