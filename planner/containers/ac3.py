"""Frame headers of AC-3 and Enhanced AC-3 (ATSC A/52, 5.3 and annex E)."""

from planner.containers.frames import Frame, first_frame
from planner.containers.source import Source

SYNC = b"\x0b"
CHAIN = 4
HEADER_BYTES = 6
_RATES = (48000, 44100, 32000)
_KBITS = (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640)
_BLOCKS = (1, 2, 3, 6)
_SAMPLES_A_BLOCK = 256
_MAX_AC3_ID = 10
_MAX_ID = 16


def frame(block: bytes, offset: int) -> Frame | None:
    """The frame whose header is at `offset`; None when there is none."""
    head = block[offset : offset + HEADER_BYTES]
    if len(head) < HEADER_BYTES or head[:2] != b"\x0b\x77":
        return None
    version = head[5] >> 3
    if version <= _MAX_AC3_ID:
        return _ac3(head)
    return _enhanced(head) if version <= _MAX_ID else None


def find(source: Source) -> bool:
    """Whether frames follow each other from the first byte."""
    return first_frame(source, 0, frame, SYNC, within=0, chain=CHAIN) == 0


def _ac3(head: bytes) -> Frame | None:
    code, size = head[4] >> 6, head[4] & 63
    if code >= len(_RATES) or size >> 1 >= len(_KBITS):
        return None
    rate = _RATES[code]
    words = _KBITS[size >> 1] * 96_000 // rate + (size & 1 if code == 1 else 0)
    return Frame(words * 2, 6 * _SAMPLES_A_BLOCK, rate)


def _enhanced(head: bytes) -> Frame | None:
    if head[2] >> 6 == 1:  # a dependent stream: more channels of the frame before
        return Frame(_enhanced_size(head), 0, _RATES[0])
    code = head[4] >> 6
    if code >= len(_RATES):
        code = head[4] >> 4 & 3
        return (
            Frame(_enhanced_size(head), 6 * _SAMPLES_A_BLOCK, _RATES[code] // 2)
            if code < len(_RATES)
            else None
        )
    return Frame(_enhanced_size(head), _BLOCKS[head[4] >> 4 & 3] * _SAMPLES_A_BLOCK, _RATES[code])


def _enhanced_size(head: bytes) -> int:
    return (((head[2] & 7) << 8 | head[3]) + 1) * 2
