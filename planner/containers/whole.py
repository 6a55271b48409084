"""How much of a file is there, by what its own header says of its size; for kinds that others decode."""

import struct
from collections.abc import Callable
from fractions import Fraction

from planner.containers.source import Source

ALL = Fraction(1)
ASF_PROPERTIES = bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365")
"""The identity of ASF's File Properties object; the file's size follows after 40 bytes."""

WAVPACK_TAIL_BYTES = (1 << 16, 1 << 20)
"""Where the last block of half a second is looked for: first here, then further back."""

WAVPACK_HEADER_BYTES = 24  # up to the number of samples

MAX_CHUNKS = 10_000
UNKNOWN_32 = 0xFFFFFFFF


def share_there(source: Source) -> Fraction:
    """The share of the file that is there, 1 when it is whole or does not say."""
    measure = next((read for mark, read in _MEASURES.items() if source.head.startswith(mark)), None)
    return min(ALL, measure(source)) if measure else ALL


def _of(source: Source, stated: int) -> Fraction:
    return Fraction(source.size, stated) if stated > source.size else ALL


def _asf(source: Source) -> Fraction:
    place = source.head.find(ASF_PROPERTIES)
    return _of(source, int.from_bytes(source.head[place + 40 : place + 48], "little")) if place >= 0 else ALL


def _monkeys(source: Source) -> Fraction:
    """Since version 3.98 a descriptor gives the size of each part."""
    version, *parts = struct.unpack_from("<4xH2xIIIIIII", source.head.ljust(36, b"\0"))
    descriptor, header, seek_table, wav_header, frames, frames_high, terminating = parts
    sizes = descriptor + header + seek_table + wav_header + frames + (frames_high << 32) + terminating
    return _of(source, sizes) if version >= 3980 else ALL  # noqa: PLR2004


def _true_audio(source: Source) -> Fraction:
    """The seek table holds the size of each frame of 256/245 seconds."""
    rate, samples = struct.unpack_from("<II", source.head.ljust(22, b"\0"), 10)
    block = 256 * rate // 245
    if not block:
        return ALL
    count = -(-samples // block)
    table = source.at(22, count * 4)
    sizes = sum(size for (size,) in struct.iter_unpack("<I", table[: len(table) // 4 * 4]))
    return _of(source, 22 + count * 4 + 4 + sizes)


def _wavpack(source: Source) -> Fraction:
    """Each block says which samples it holds, of how many."""
    total = int.from_bytes(source.head[12:16], "little")
    if total in {0, UNKNOWN_32}:
        return ALL
    for reach in WAVPACK_TAIL_BYTES:
        begin = max(0, source.size - reach)
        played = _last_wavpack_block(source.at(begin, source.size - begin))
        if played is not None:
            return max(Fraction(1, total), played / total)
    return ALL


def _last_wavpack_block(tail: bytes) -> Fraction | None:
    """Samples up to the end of the last block of sound; what follows it, such as tags, has none."""
    place = tail.rfind(b"wvpk")
    while place >= 0:
        if place + WAVPACK_HEADER_BYTES <= len(tail):
            size, index, samples = struct.unpack_from("<4xI8xII", tail, place)
            if samples:
                return Fraction(index + samples * min(ALL, Fraction(len(tail) - place, size + 8)))
        place = tail.rfind(b"wvpk", 0, place)
    return None


def _dsf(source: Source) -> Fraction:
    return _of(source, int.from_bytes(source.head[12:20], "little"))


def _dsdiff(source: Source) -> Fraction:
    return _of(source, int.from_bytes(source.head[4:12], "big") + 12)


def _au(source: Source) -> Fraction:
    order = ">" if source.head.startswith(b".snd") else "<"
    begin, size = (int(field) for field in struct.unpack_from(order + "4xII", source.head.ljust(12, b"\0")))
    return _of(source, begin + size) if size != UNKNOWN_32 else ALL


def _wave64(source: Source) -> Fraction:
    return _of(source, int.from_bytes(source.head[16:24], "little"))


def _core_audio(source: Source) -> Fraction:
    """Chunks of a four-letter kind and a 64-bit size; -1 for sound up to the end."""
    offset = 8
    for _ in range(MAX_CHUNKS):
        header = source.at(offset, 12)
        if len(header) < 12:  # noqa: PLR2004
            break
        size = int.from_bytes(header[4:], "big", signed=True)
        if size < 0:
            break
        offset += 12 + size
    return _of(source, offset)


_MEASURES: dict[bytes, Callable[[Source], Fraction]] = {
    bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c"): _asf,
    b"MAC ": _monkeys,
    b"TTA1": _true_audio,
    b"wvpk": _wavpack,
    b"DSD ": _dsf,
    b"FRM8": _dsdiff,
    b".snd": _au,
    b"dns.": _au,
    b"riff": _wave64,
    b"caff": _core_audio,
}
