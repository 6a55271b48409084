"""What is surely no sound, by its first bytes: it must not be searched for a stream of MPEG frames.

Archives hold whole files of such frames, and pictures look like anything.
"""

from planner.containers.source import Source

TAR_MARK_OFFSET = 257

OTHERS = {
    b"\x00\x00\x01\xb3": "MPEG pictures",
    b"\x89PNG": "a picture",
    b"GIF8": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"BM": "a picture",
    b"II*\0": "a picture",
    b"MM\0*": "a picture",
    b"8BPS": "a picture",
    b"%PDF": "a document",
    b"PK\x03\x04": "an archive",
    b"\x1f\x8b": "an archive",
    b"7z\xbc\xaf": "an archive",
    b"Rar!": "an archive",
    b"BZh": "an archive",
    b"\xfd7zXZ": "an archive",
    b"SQLite format 3": "a database",
    b"\x7fELF": "a program",
    b"!<arch>": "a library",
    b"MZ": "a program",
    b"MThd": "notes (MIDI)",
}
MARKS = tuple(OTHERS)
RIFFS = {
    b"WEBP": "a picture",
    b"RMID": "notes (MIDI)",
    b"sfbk": "instruments (SoundFont)",
    b"ACON": "a picture",
}


def foreign(source: Source) -> str | None:
    """What this is, when it is surely no sound."""
    head = source.head
    if head.startswith(MARKS):
        return next(name for mark, name in OTHERS.items() if head.startswith(mark))
    if head.startswith(b"RIFF"):
        return RIFFS.get(head[8:12])
    return "an archive" if head[TAR_MARK_OFFSET : TAR_MARK_OFFSET + 5] == b"ustar" else None
