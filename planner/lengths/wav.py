"""WAV (RIFF, RIFX, RF64, BW64): the bytes of sound that are really there, by what `fmt ` says of them.

Sizes lie: programs that write into a pipe leave 0 or all ones, files above 4 GiB wrap around,
copies break off. So the stated size is compared with the file's.
"""

import struct
from dataclasses import dataclass
from fractions import Fraction

from manifests.length import Grade
from planner.containers import frames, mpeg
from planner.containers.chunks import Chunk, chunks
from planner.containers.films import Film
from planner.containers.source import Source
from planner.leftout import Reason, Unreadable
from planner.lengths.interface import SLOPPY, Length, cut_off, damaged, sure
from planner.lengths.media import by_packets
from planner.lengths.mpeg import stream_length

FORMS = {b"RIFF": False, b"RIFX": True, b"RF64": False, b"BW64": False}
"""First four bytes -> big-endian or not."""

PLACEHOLDER_BYTES = 0x7FFF0000
"""Stated sizes from here on are what pipe writers put when they do not know (2 GiB and all ones)."""

WRAP = 1 << 32
PCM, ADPCM, FLOAT, ALAW, MULAW, IMA, GSM, MP3, EXTENSIBLE = 1, 2, 3, 6, 7, 0x11, 0x31, 0x55, 0xFFFE
PLAIN = frozenset({PCM, FLOAT, ALAW, MULAW})
BLOCKED = frozenset({ADPCM, IMA, GSM})
BITS_IN_WIDE, WIDE_BYTES = 24, 4
"""The one kind of sample in a wider container that decoders know."""

GSM_BYTES, GSM_SAMPLES = 65, 320
FACT_BYTES = 4
TRAILING_BYTES = 1 << 20
"""Chunks of notes after the sound are smaller."""

FMT_BYTES = 40
"""The longest `fmt ` that is looked at (WAVEFORMATEXTENSIBLE)."""


@dataclass(frozen=True, slots=True)
class Format:
    """What `fmt ` says: codec tag, samples a second, bytes a second, bytes a block, samples a block.

    `agrees` is whether its numbers fit each other; they are redundant for plain sound only.
    """

    tag: int
    rate: int
    byte_rate: int
    block: int
    samples: int
    agrees: bool = True


@dataclass(frozen=True, slots=True)
class Parts:
    """What a WAV file is made of; `fact` is a stated number of samples, 0 when there is none."""

    described: Chunk
    format: Format
    data: Chunk
    stated: int
    fact: int


def is_wav(source: Source) -> bool:
    """Whether the content is WAVE in one of the RIFF forms."""
    return source.head[:4] in FORMS and source.head[8:12] == b"WAVE"


class Wav:
    """WAV files."""

    name = "wav"
    starts = tuple(FORMS)

    def recognises(self, source: Source) -> bool:
        """By the form header."""
        return is_wav(source)

    def length(self, source: Source) -> Length:
        """Bytes of sound by bytes a second, or by blocks for compressed sound."""
        parts = _parts(source)
        if parts.format.tag == MP3:
            return _mp3_inside(source, parts)
        there = source.size - parts.data.body
        if parts.stated == 0 and not _holds_sound(source, parts.data):
            raise Unreadable(Reason.NO_LENGTH, source.path, "a WAV header without any sound")
        if source.local and parts.format.tag not in PLAIN | BLOCKED:
            return _by_packets(source, parts, there)
        if parts.stated == 0 or _wrapped(parts.stated, there) or there < parts.stated >= PLACEHOLDER_BYTES:
            return _by_bytes(parts, there, Grade.COUNTED, "no size stated; bytes up to the end of the file")
        if there < parts.stated:
            return _cut(source, parts, there)
        return _by_bytes(parts, parts.stated, Grade.EXACT, "bytes of sound")


def sound_spans(source: Source) -> tuple[tuple[int, int], ...]:
    """The bytes of `fmt ` and `data`; nothing where the stated size is not the real one."""
    if not is_wav(source):  # tags come first
        return ()
    try:
        parts = _parts(source)
    except Unreadable:
        return ()
    there = source.size - parts.data.body
    if not 0 < parts.data.stated <= there or _wrapped(parts.stated, there):
        return ()
    return (parts.described.body, parts.described.end), (parts.data.body, parts.data.end)


def _cut(source: Source, parts: Parts, there: int) -> Length:
    """A file that ends too early; a tenth of a second is a sloppy writer, no accident."""
    seconds, stated = _seconds(parts.format, there), _seconds(parts.format, parts.stated)
    if stated - seconds > SLOPPY:
        raise cut_off(source, seconds, stated)
    return _by_bytes(parts, there, Grade.COUNTED, "bytes up to the end, a few fewer than stated")


def _parts(source: Source) -> Parts:
    found: dict[bytes, Chunk] = {}
    for chunk in chunks(source, big_endian=FORMS[source.head[:4]]):
        found.setdefault(chunk.name, chunk)
        if chunk.name == b"data":
            break
    if b"fmt " not in found:
        raise damaged(source, "a WAV file without its format")
    if b"data" not in found:
        raise Unreadable(Reason.TRUNCATED, source.path, "cut off before its sound begins; copy it again")
    data, order = found[b"data"], _order(source)
    fact = found.get(b"fact")
    ds64 = found.get(b"ds64")
    stated = data.stated
    if ds64 and data.stated == WRAP - 1:
        stated = int.from_bytes(source.at(ds64.body + 8, 8), "little")
    samples = (
        struct.unpack(order + "I", source.at(fact.body, 4))[0] if fact and fact.size >= FACT_BYTES else 0
    )
    return Parts(found[b"fmt "], _format(source, found[b"fmt "]), data, stated, samples)


def _order(source: Source) -> str:
    return ">" if FORMS[source.head[:4]] else "<"


def _format(source: Source, chunk: Chunk) -> Format:
    raw = source.at(chunk.body, min(chunk.size, FMT_BYTES)).ljust(FMT_BYTES, b"\0")
    order = _order(source)
    tag, channels, rate, byte_rate, block, bits, _extra, samples = struct.unpack_from(order + "HHIIHHHH", raw)
    if tag == EXTENSIBLE:
        tag = struct.unpack_from(order + "H", raw, 24)[0]
    agrees = True
    if tag in PLAIN:
        agrees = byte_rate == rate * block and _believed(block, channels, bits)
        if not agrees:  # what decoders go by then
            block = channels * ((bits + 7) // 8)
            byte_rate = rate * block
    if tag in BLOCKED and samples != (packed := _packed(tag, block, channels)):
        agrees, samples = False, packed  # what decoders go by, whatever is stated
    measure = samples if tag in BLOCKED else byte_rate
    counted = tag == MP3 or (source.local and tag not in PLAIN | BLOCKED)  # whatever is stated
    if not counted and not (rate and block and measure):
        raise damaged(source, "a WAV file whose format has a rate of zero")
    return Format(tag, rate, byte_rate, block, samples, agrees)


def _packed(tag: int, block: int, channels: int) -> int:
    """The samples of a block of compressed sound, by its size; 0 where it is no such block."""
    if tag == GSM:
        return GSM_SAMPLES if block == GSM_BYTES else 0
    head, more = (7, 2) if tag == ADPCM else (4, 1)  # bytes and samples in a channel's header
    return (block - head * channels) * 2 // channels + more if channels and block > head * channels else 0


def _believed(block: int, channels: int, bits: int) -> bool:
    """Whether decoders take a block's stated size: samples packed, or 24 bits in 32.

    Other wide containers they read as packed, which makes the sound longer.
    """
    packed = channels * ((bits + 7) // 8)
    return block == packed or (bits == BITS_IN_WIDE and block == channels * WIDE_BYTES)


def _seconds(form: Format, size: int) -> Fraction:
    if form.tag in BLOCKED:
        return Fraction(size // form.block * form.samples, form.rate)
    return Fraction(size, form.byte_rate)


def _by_bytes(parts: Parts, size: int, grade: Grade, reason: str) -> Length:
    form = parts.format
    seconds = _seconds(form, size)
    if not form.agrees:
        return sure(seconds, Grade.HEADER, Wav.name, f"{reason}, whose block or byte rate is wrong")
    if form.tag in PLAIN:
        return sure(seconds, grade, Wav.name, reason)
    stated = Fraction(parts.fact, form.rate)
    if form.tag in BLOCKED:  # the last block may be only partly used; `fact` knows
        last = Fraction(form.samples, form.rate)
        return sure(
            stated if 0 <= seconds - stated <= last else seconds, grade, Wav.name, f"blocks, {reason}"
        )
    return sure(
        stated or seconds, Grade.HEADER, Wav.name, f"compressed sound (format {form.tag:#x}), {reason}"
    )


def _by_packets(source: Source, parts: Parts, there: int) -> Length:
    """Compressed in a way that has no fixed rate."""
    short = parts.stated < PLACEHOLDER_BYTES and parts.stated > there
    return by_packets(source, Film(Wav.name, "wav"), Fraction(there, parts.stated) if short else None)


def _mp3_inside(source: Source, parts: Parts) -> Length:
    first = frames.first_frame(
        source, parts.data.body, mpeg.frame, mpeg.SYNC, within=mpeg.JUNK_BYTES, chain=2
    )
    if first is None:
        raise damaged(source, "a WAV file that should hold MP3 sound, and does not")
    return stream_length(source, first, parts.data.end)


def _holds_sound(source: Source, data: Chunk) -> bool:
    """Whether what follows a data chunk of stated size 0 is sound, not just further chunks or nothing."""
    following = source.at(data.body, 4)
    return len(following) == len(data.name) and not (following.isascii() and following.strip().isalnum())


def _wrapped(stated: int, there: int) -> bool:
    """Whether a file above 4 GiB states its size modulo 2^32."""
    return there >= WRAP > stated and (there - stated) % WRAP < TRAILING_BYTES
