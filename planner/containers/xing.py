"""What the first frame of an MP3 may state about the whole: Xing, Info (with LAME's additions) and VBRI."""

from dataclasses import dataclass

XING_MARKS = (b"Xing", b"Info")
XING_PLACES = (13, 21, 36)
"""Offsets from the frame's start, after the side information (shorter for mono and for MPEG 2)."""

VBRI_MARK = b"VBRI"
VBRI_PLACE = 36
LOOK_BYTES = 256
_HAS_FRAMES, _HAS_BYTES, _HAS_TABLE, _HAS_QUALITY = 1, 2, 4, 8
_TABLE_BYTES = 100
_DELAY_OFFSET = 21
_ENCODERS = (b"LAME", b"Lavf", b"Lavc", b"L3.99")


@dataclass(frozen=True, slots=True)
class Stated:
    """Frames and bytes in all (0 where not stated), and samples of silence that the encoder added."""

    frames: int
    bytes: int
    silence: int


def stated(frame: bytes) -> Stated | None:
    """What the first frame states; None when it is a frame like any other.

    Args:
        frame: the frame's first `LOOK_BYTES`.
    """
    for place in XING_PLACES:
        if frame[place : place + 4] in XING_MARKS:
            return _xing(frame[place:])
    if frame[VBRI_PLACE : VBRI_PLACE + 4] == VBRI_MARK:
        vbri = frame[VBRI_PLACE:]
        return Stated(int.from_bytes(vbri[14:18], "big"), int.from_bytes(vbri[10:14], "big"), 0)
    return None


def _xing(data: bytes) -> Stated:
    flags, offset = int.from_bytes(data[4:8], "big"), 8
    frames = size = 0
    if flags & _HAS_FRAMES:
        frames, offset = int.from_bytes(data[offset : offset + 4], "big"), offset + 4
    if flags & _HAS_BYTES:
        size, offset = int.from_bytes(data[offset : offset + 4], "big"), offset + 4
    offset += _TABLE_BYTES if flags & _HAS_TABLE else 0
    offset += 4 if flags & _HAS_QUALITY else 0
    return Stated(frames, size, _silence(data[offset:]))


def _silence(encoder: bytes) -> int:
    """Encoder delay and padding, 12 bits each, from the addition that LAME made common."""
    if not encoder.startswith(_ENCODERS):
        return 0
    packed = int.from_bytes(encoder[_DELAY_OFFSET : _DELAY_OFFSET + 3], "big")
    return (packed >> 12) + (packed & 0xFFF)
