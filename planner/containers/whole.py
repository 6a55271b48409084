"""How much of a file is there, by what its own header says of its size; for kinds that others decode.

Each measure gives the share that is there: 1 where the bytes confirm the header, None where nothing does.
"""

import struct
import zlib
from collections.abc import Callable
from fractions import Fraction

from planner.containers.source import Source

ALL = Fraction(1)
Measure = Callable[[Source], Fraction | None]

WAVPACK_TAIL_BYTES = (1 << 12, 1 << 16, 1 << 20)
"""Where the last block of half a second is looked for: first here, then further back."""

WAVPACK_HEADER_BYTES = 28
WAVPACK_RATE = 15 << 23
MAX_PACKETS = 200_000
"""Of Musepack, more than a day of it."""

DSD_RATES = {rate * times for rate in (44_100, 48_000) for times in (64, 128, 256, 512, 1024)}
UNKNOWN_32 = 0xFFFFFFFF


def _of(source: Source, stated: int) -> Fraction:
    return Fraction(source.size, stated) if stated > source.size else ALL


def _only_if_cut(share: Fraction) -> Fraction | None:
    """For headers whose sizes tell a cut, but do not confirm the length."""
    return share if share < ALL else None


def monkeys(source: Source) -> Fraction | None:
    """Monkey's Audio: since version 3.98 a descriptor gives the size of each part, and each frame's place."""
    version, *parts = struct.unpack_from("<4xH2xIIIIIII", source.head.ljust(36, b"\0"))
    if version < 3980:  # noqa: PLR2004
        return None
    descriptor, header, places, wav_header, frames, frames_high, terminating = parts
    share = _of(
        source, descriptor + header + places + wav_header + frames + (frames_high << 32) + terminating
    )
    raw = source.at(descriptor, 16)
    if len(raw) < 16:  # noqa: PLR2004
        return _only_if_cut(share)
    a_frame, last_frame, count = struct.unpack_from("<4xIII", raw)
    return share if places == 4 * count and 0 < last_frame <= a_frame else _only_if_cut(share)


def true_audio(source: Source) -> Fraction | None:
    """TTA: the seek table holds the size of each frame of 256/245 seconds; the header has a checksum."""
    rate, samples = struct.unpack_from("<II", source.head.ljust(22, b"\0"), 10)
    block = 256 * rate // 245
    if not block:
        return None
    count = -(-samples // block)
    table = source.at(22, count * 4)
    sizes = sum(size for (size,) in struct.iter_unpack("<I", table[: len(table) // 4 * 4]))
    begin = 22 + count * 4 + 4
    share = _of(source, begin + sizes)
    last = int.from_bytes(table[-4:], "little")
    sound = _checked(source.head[:22]) and (share < ALL or _checked(source.at(begin + sizes - last, last)))
    return share if sound else _only_if_cut(share)


def _checked(block: bytes) -> bool:
    """Whether a block ends with its own checksum."""
    return len(block) > 4 and zlib.crc32(block[:-4]) == int.from_bytes(block[-4:], "little")  # noqa: PLR2004


def wavpack(source: Source) -> Fraction | None:
    """WavPack: each block says which samples it holds, of how many."""
    total, flags = int.from_bytes(source.head[12:16], "little"), int.from_bytes(source.head[24:28], "little")
    if total in {0, UNKNOWN_32}:
        return None
    for reach in WAVPACK_TAIL_BYTES:
        begin = max(0, source.size - reach)
        found = _last_wavpack_block(source.at(begin, source.size - begin))
        if found is not None:
            played, last_flags = found
            agrees = (flags ^ last_flags) & WAVPACK_RATE == 0
            share = min(ALL, max(Fraction(1, total), played / total))
            return share if agrees and played <= total else _only_if_cut(share)
    return None


def _last_wavpack_block(tail: bytes) -> tuple[Fraction, int] | None:
    """Samples up to the end of the last block of sound, and its flags; blocks of tags have no samples."""
    place = tail.rfind(b"wvpk")
    while place >= 0:
        if place + WAVPACK_HEADER_BYTES <= len(tail):
            size, index, samples, flags = struct.unpack_from("<4xI8xIII", tail, place)
            if samples:
                return index + samples * min(ALL, Fraction(len(tail) - place, size + 8)), flags
        place = tail.rfind(b"wvpk", 0, place)
    return None


def musepack(source: Source) -> Fraction | None:
    """Musepack, stream version 8: packets of stated sizes; those called `AP` have sound, the last is `SE`."""
    offset, sounds, needed = 4, 0, 0
    for _ in range(MAX_PACKETS):
        head = source.at(offset, 32)
        size, width = _number(head[2:12])
        if head[:2] == b"SE":
            return min(ALL, Fraction(sounds, needed)) if needed else None
        sounds += head[:2] == b"AP"
        if head[:2] == b"SH":
            needed = _musepack_packets(head[2 + width :])
        if len(head) < 3 or size < 2 + width:  # noqa: PLR2004
            return Fraction(min(offset, source.size), source.size + 1)
        offset += size
        if offset > source.size:
            return Fraction(source.size, offset)
    return None


def _musepack_packets(header: bytes) -> int:
    """How many packets the sound takes: of 4^n frames each, a frame is 1,152 samples."""
    samples, width = _number(header[5:15])
    silence, more = _number(header[5 + width : 15 + width])
    packed = header[5 + width + more : 7 + width + more]
    frames = 4 ** (packed[1] & 7) if len(packed) > 1 else 1
    return max(0, samples - silence) // (1152 * frames)  # decoder delay may need one more


def _number(raw: bytes) -> tuple[int, int]:
    """Seven bits a byte, the highest bit set on all but the last; and how many bytes."""
    value = 0
    for width, byte in enumerate(raw, 1):
        value = value << 7 | byte & 0x7F
        if byte < 0x80:  # noqa: PLR2004
            return value, width
    return 0, len(raw)


def optimfrog(source: Source) -> Fraction | None:
    """OptimFROG: chunks of a four-letter name and a size."""
    offset = 0
    for _ in range(MAX_PACKETS):
        head = source.at(offset, 8)
        if len(head) < 8 or head[:4] not in {b"OFR ", b"HEAD", b"COMP", b"TAIL", b"RECV"}:  # noqa: PLR2004
            break
        offset += 8 + int.from_bytes(head[4:], "little")
    return _only_if_cut(_of(source, offset))


def dsf(source: Source) -> Fraction | None:
    """DSF: samples a channel, in blocks, must fill the bytes of `data`."""
    share = _of(source, int.from_bytes(source.head[12:20], "little"))
    if share < ALL or len(source.head) < 92 or source.head[80:84] != b"data":  # noqa: PLR2004
        return _only_if_cut(share)
    channels, rate, _bits, samples, block = struct.unpack_from("<IIIQI", source.head, 52)
    size = int.from_bytes(source.head[84:92], "little") - 12
    blocks = -(-samples // (8 * block)) if block else 0
    return ALL if rate in DSD_RATES and size == blocks * block * channels else None


def dsdiff(source: Source) -> Fraction | None:
    """DSDIFF: the size of the whole form."""
    return _only_if_cut(_of(source, int.from_bytes(source.head[4:12], "big") + 12))


def au(source: Source) -> Fraction | None:
    """Sun's AU: where the sound begins, and its size."""
    order = ">" if source.head.startswith(b".snd") else "<"
    begin, size = (int(field) for field in struct.unpack_from(order + "4xII", source.head.ljust(12, b"\0")))
    return _of(source, begin + size) if size != UNKNOWN_32 else None


def wave64(source: Source) -> Fraction | None:
    """Sony's Wave64: the size of the whole form."""
    return _of(source, int.from_bytes(source.head[16:24], "little"))
