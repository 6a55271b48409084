"""What a result's first bytes say that it is, where that is another kind of sound than its name says.

A guide by others reports WAV data behind a name that ends in mp3 (docs/api.md 9): saved under that
name, no player would take it for what it is.
"""

from pathlib import Path

LONGEST_MAGIC = 16
"""Bytes that tell a format."""

_SOUNDS = {
    "wav": ("wav", "wave"),
    "flac": ("flac",),
    "ogg": ("ogg", "oga", "opus", "spx"),
    "mp3": ("mp3", "mpga"),
    "m4a": ("m4a", "m4b", "mp4"),
    "aac": ("aac",),
}
"""The endings that fit each format, the usual one first."""

ENDINGS = frozenset(ending for endings in _SOUNDS.values() for ending in endings)

_SYNC = 0xFF
_MP3_FRAMES = frozenset({0xFA, 0xFB, 0xF2, 0xF3, 0xE2, 0xE3})
"""Second bytes of frames of layer III: MPEG 1, 2 and 2.5, with and without a checksum."""

_AAC_FRAMES = frozenset({0xF0, 0xF1, 0xF8, 0xF9})
_NO_RATE = 0x0C
_NO_BITRATES = (0x00, 0xF0)
"""What a real frame's third byte does not have."""


def true_name(name: str, path: Path) -> str:
    """The name with the ending that its content asks for; as it is where the content does not tell.

    Args:
        name: of a result, such as `mp3` or `vocals.wav`.
        path: the saved bytes.

    Raises:
        OSError: it cannot be read.
    """
    stem, dot, ending = name.rpartition(".")
    if ending not in ENDINGS:
        return name
    with path.open("rb") as file:
        head = file.read(LONGEST_MAGIC)
        if head.startswith(b"ID3"):  # a tag, which stands before MP3, and before FLAC and AAC, too
            file.seek(_tag_length(head))
            head = file.read(LONGEST_MAGIC)
    kind = sound(head)
    if not kind or ending in _SOUNDS[kind]:
        return name
    return f"{stem}{dot}{kind}"


def other_names(name: str) -> frozenset[str]:
    """The names under which a result of this name may have been saved because of its content."""
    stem, dot, ending = name.rpartition(".")
    if ending not in ENDINGS:
        return frozenset()
    return frozenset(f"{stem}{dot}{kind}" for kind in _SOUNDS if ending not in _SOUNDS[kind])


def sound(head: bytes) -> str:
    """The format of a sound that begins with these bytes; empty where they do not tell."""
    if head[:4] in (b"RIFF", b"RF64") and head[8:12] == b"WAVE":
        return "wav"
    if head[4:8] == b"ftyp":
        return "m4a"
    if head.startswith((b"fLaC", b"OggS")):
        return "flac" if head.startswith(b"fLaC") else "ogg"
    return _frame(head) if len(head) == LONGEST_MAGIC and head[0] == _SYNC else ""


def _frame(head: bytes) -> str:
    """The format of a stream of frames: layer III of MPEG, or AAC."""
    if head[1] in _AAC_FRAMES:
        return "aac"
    real = head[2] & _NO_RATE != _NO_RATE and head[2] & 0xF0 not in _NO_BITRATES
    return "mp3" if head[1] in _MP3_FRAMES and real else ""


def _tag_length(head: bytes) -> int:
    """Bytes of an ID3 tag with its head, whose four bytes of length have seven bits each."""
    length = 0
    for byte in head[6:10]:
        length = length << 7 | byte & 0x7F
    return 10 + length
