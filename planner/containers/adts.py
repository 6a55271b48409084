"""Frame headers of raw AAC (ADTS, ISO/IEC 13818-7, 6.2)."""

from planner.containers.frames import Frame, first_frame
from planner.containers.source import Source

SYNC = b"\xff"
CHAIN = 4
HEADER_BYTES = 7
SAMPLES_A_BLOCK = 1024
_RATES = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)


def frame(block: bytes, offset: int) -> Frame | None:
    """The frame whose header is at `offset`; None when there is none."""
    head = block[offset : offset + HEADER_BYTES]
    if len(head) < HEADER_BYTES or head[0] != 0xFF or head[1] & 0xF6 != 0xF0:  # noqa: PLR2004 - the sync code
        return None
    rate = head[2] >> 2 & 15
    size = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5
    if rate >= len(_RATES) or size <= HEADER_BYTES:
        return None
    return Frame(size, SAMPLES_A_BLOCK * ((head[6] & 3) + 1), _RATES[rate])


def find(source: Source, start: int, end: int) -> int | None:
    """Where the frames begin: at `start` or nowhere (the header is too weak a mark to go looking for)."""
    found = first_frame(source, start, frame, SYNC, within=0, chain=CHAIN)
    return found if found is not None and found < end else None
