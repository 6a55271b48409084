"""What is surely no bare stream of MPEG frames, by its first bytes: it must not be searched for one.

Films may hold such frames, archives hold whole files of them, and pictures look like anything.
"""

from dataclasses import dataclass

from planner.containers.source import Source

TRANSPORT_PACKET_BYTES = 188
TAR_MARK_OFFSET = 257


@dataclass(frozen=True, slots=True)
class Foreign:
    """A kind of file without a reader; `may_sound` when it can hold sound that we do not read."""

    name: str
    may_sound: bool


FILMS = {
    b"\x1a\x45\xdf\xa3": "Matroska or WebM",
    b"FLV\x01": "Flash video",
    b"\x00\x00\x01\xba": "MPEG video",
    b"\x00\x00\x01\xb3": "MPEG video",
    b".RMF": "RealMedia",
    b"#!AMR": "AMR",
}
OTHERS = {
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
    b"FWS": "Flash",
    b"CWS": "Flash",
}


def foreign(source: Source) -> Foreign | None:
    """What this is, when it is surely nothing that a reader knows."""
    head = source.head
    for marks, may_sound in ((FILMS, True), (OTHERS, False)):
        name = next((name for mark, name in marks.items() if head.startswith(mark)), None)
        if name:
            return Foreign(name, may_sound)
    if head.startswith(b"RIFF"):
        return {b"AVI ": Foreign("AVI", may_sound=True), b"WEBP": Foreign("a picture", may_sound=False)}.get(
            head[8:12]
        )
    if head[TAR_MARK_OFFSET : TAR_MARK_OFFSET + 5] == b"ustar":
        return Foreign("an archive", may_sound=False)
    packets = head[: 3 * TRANSPORT_PACKET_BYTES : TRANSPORT_PACKET_BYTES]
    return Foreign("MPEG transport stream", may_sound=True) if packets == b"GGG" else None
