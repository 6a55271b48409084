"""WAV: the bytes that are there, whatever the header hopes."""

import io
import struct
from fractions import Fraction

import pytest

from manifests.length import Grade
from planner.containers.source import Source
from planner.leftout import Reason, Unreadable
from planner.lengths.registry import length_of, read_length

SECOND = bytes(range(1, 251)) * 64  # 16 000 bytes: one second of 8 kHz, 16 bit, mono
ALL_ONES = 0xFFFFFFFF


def fmt(
    tag: int = 1, rate: int = 8000, block: int = 2, bits: int = 16, extra: bytes = b"", channels: int = 1
) -> bytes:
    body = struct.pack("<HHIIHH", tag, channels, rate, rate * block, block, bits) + extra
    return b"fmt " + struct.pack("<I", len(body)) + body


def wav(
    sound: bytes,
    stated: int | None = None,
    form: bytes | None = None,
    before: bytes = b"",
    after: bytes = b"",
) -> bytes:
    size = len(sound) if stated is None else stated
    return b"RIFF\0\0\0\0WAVE" + (form or fmt()) + before + b"data" + struct.pack("<I", size) + sound + after


def test_stated_and_there_is_exact(written):
    length = read_length(written("a.wav", wav(SECOND * 12, after=b"LIST\x04\0\0\0INFO")))
    assert (length.grade, length.ms) == (Grade.EXACT, 12_000)


@pytest.mark.parametrize("stated", [0, ALL_ONES, 0x7FFFF000, 0x80000000 - 36, 0x7FFFFFFF])
def test_what_pipe_writers_state_means_up_to_the_end(written, stated):
    length = read_length(written("piped.wav", wav(SECOND * 12, stated)))
    assert (length.grade, length.ms) == (Grade.COUNTED, 12_000)


def test_a_size_past_the_end_is_a_cut(written):
    with pytest.raises(Unreadable, match=r"cut off at 31:10 of 58:02; copy it again") as caught:
        read_length(written("cut.wav", wav(bytes(1870 * 2), 3482 * 2, fmt(rate=1))))
    assert caught.value.reason is Reason.TRUNCATED


def test_a_few_bytes_too_few_are_a_sloppy_writer(written):
    length = read_length(written("sloppy.wav", wav(SECOND * 12, 16_000 * 12 + 8)))
    assert (length.grade, length.ms) == (Grade.COUNTED, 12_000)


@pytest.mark.parametrize("after", [b"", b"LIST\x04\0\0\0INFO", b"id3 \x00\0\0\0"])
def test_a_header_without_sound_has_no_length(written, after):
    with pytest.raises(Unreadable, match="without any sound") as caught:
        read_length(written("none.wav", wav(b"", 0, after=after)))
    assert caught.value.reason is Reason.NO_LENGTH


def test_the_extensible_format_is_looked_into(written):
    extra = (
        struct.pack("<HHI", 22, 16, 4) + struct.pack("<H", 1) + bytes.fromhex("000000001000800000aa00389b71")
    )
    assert read_length(written("ext.wav", wav(SECOND * 3, form=fmt(0xFFFE, extra=extra)))).ms == 3000


def test_a_wrong_byte_rate_does_not_matter_for_plain_sound(written):
    form = bytearray(fmt())
    form[16:20] = struct.pack("<I", 1)
    length = read_length(written("rate.wav", wav(SECOND * 3, form=bytes(form))))
    assert (length.grade, length.ms) == (Grade.HEADER, 3000)


@pytest.mark.parametrize("channels", [1, 2])
def test_24_bits_in_32_are_as_long_as_decoders_play_them(written, channels):
    form = fmt(block=4 * channels, bits=24, channels=channels)
    length = read_length(written("wide.wav", wav(bytes(32_000 * channels * 12), form=form)))
    assert (length.grade, length.ms) == (Grade.EXACT, 12_000)


@pytest.mark.parametrize(("bits", "block"), [(16, 4), (8, 2), (24, 8), (24, 2)])
def test_a_block_that_does_not_fit_its_bits_is_not_believed(written, bits, block):
    sound = bytes(8000 * bits // 8 * 12)
    length = read_length(written("odd.wav", wav(sound, form=fmt(block=block, bits=bits))))
    assert (length.grade, length.ms) == (Grade.HEADER, 12_000)


def test_the_other_byte_order_is_read(written):
    form = b"fmt " + struct.pack(">IHHIIHH", 16, 1, 1, 8000, 16_000, 2, 16)
    data = b"RIFX\0\0\0\0WAVE" + form + b"data" + struct.pack(">I", 32_000) + SECOND * 2
    assert read_length(written("big.wav", data)).ms == 2000


def test_large_files_state_their_size_elsewhere(written):
    ds64 = b"ds64" + struct.pack("<IQQQI", 28, 0, 48_000, 24_000, 0)
    for form in (b"RF64", b"BW64"):
        data = (
            form
            + struct.pack("<I", ALL_ONES)
            + b"WAVE"
            + ds64
            + fmt()
            + b"data"
            + struct.pack("<I", ALL_ONES)
        )
        assert read_length(written("large.wav", data + SECOND * 3)).grade is Grade.EXACT
        with pytest.raises(Unreadable, match="cut off at 0:02 of 0:03"):
            read_length(written("large.wav", data + SECOND * 2))


def test_a_size_that_wrapped_around_at_four_gibibytes(tmp_path):
    path = tmp_path / "huge.wav"
    sound = (1 << 32) + 16_000
    path.write_bytes(wav(b"", 16_000, fmt(rate=1_000_000)))
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size + sound)
    length = read_length(str(path))
    assert (length.grade, length.ms) == (Grade.COUNTED, -(-sound * 1000 // 2_000_000))


def test_blocks_of_compressed_sound_are_counted(written):
    form = fmt(0x11, rate=8000, block=256, bits=4, extra=struct.pack("<HH", 2, 505))
    fact = b"fact" + struct.pack("<II", 4, 505 * 100 - 5)
    assert read_length(written("ima.wav", wav(bytes(25_600), form=form, before=fact))).ms == -(
        -50_495 * 1000 // 8000
    )
    odd = b"fact" + struct.pack("<II", 4, 99)
    for before in (odd, b""):
        assert read_length(written("ima.wav", wav(bytes(25_600), form=form, before=before))).ms == -(
            -50_500 * 1000 // 8000
        )


def test_a_fact_that_no_size_confirms_is_only_a_header():
    form = fmt(0x161, rate=8000, block=1000, bits=16)
    fact = b"fact" + struct.pack("<II", 4, 24_000)
    data = wav(bytes(16_000), form=form, before=fact)
    length = length_of(Source("memory", io.BytesIO(data), len(data), local=False))
    assert (length.grade, length.ms, length.longest_ms) == (Grade.HEADER, 3000, 4000)
    assert "0x161" in length.reason


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"RIFF\0\0\0\0WAVE", Reason.DAMAGED),
        (b"RIFF\0\0\0\0WAVE" + fmt(), Reason.TRUNCATED),
        (wav(SECOND, form=fmt(rate=0)), Reason.DAMAGED),
        (wav(SECOND, form=fmt(channels=0)), Reason.DAMAGED),
        (wav(SECOND, form=fmt(0x11, extra=bytes(4))), Reason.DAMAGED),
        (wav(SECOND, form=fmt(0x55)), Reason.DAMAGED),
        (b"RIFF\0\0\0\0WAVE" + b"data" + struct.pack("<I", 16_000) + SECOND, Reason.DAMAGED),
    ],
    ids=["only a form", "no data", "rate 0", "no channels", "no block", "no mp3", "no format"],
)
def test_what_is_missing_is_told(written, data, reason):
    with pytest.raises(Unreadable) as caught:
        read_length(written("bad.wav", data))
    assert caught.value.reason is reason


def test_lengths_are_rounded_up_to_the_millisecond(written):
    length = read_length(written("a.wav", wav(bytes(2 * 100_001), form=fmt(rate=44_100))))
    assert length.ms == 2268
    assert Fraction(length.ms, 1000) >= Fraction(100_001, 44_100)
