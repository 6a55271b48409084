"""FLAC: the last frame's own number confirms the header, or replaces it."""

import pytest

from manifests.length import Grade
from planner.containers import flac
from planner.leftout import Reason, Unreadable
from planner.lengths.registry import read_length

TOTAL_OFFSET = 4 + 4 + 13  # the low byte of the 4 high bits and 4 bytes of total samples


def with_total(data: bytes, total: int) -> bytes:
    return (
        data[:TOTAL_OFFSET]
        + bytes([data[TOTAL_OFFSET] & 0xF0])
        + total.to_bytes(4, "big")
        + data[TOTAL_OFFSET + 5 :]
    )


@pytest.fixture
def song(recording):
    return recording("song.flac", "flac", seconds=7.3).read_bytes()


def test_the_last_frame_confirms_the_header(song, written):
    length = read_length(written("song.flac", song))
    assert (length.grade, length.ms) == (Grade.EXACT, 7300)


def test_a_header_without_a_total_is_counted(song, written):
    length = read_length(written("piped.flac", with_total(song, 0)))
    assert (length.grade, length.ms) == (Grade.COUNTED, 7300)


def test_a_header_that_states_too_little_is_overruled(song, written):
    assert read_length(written("short.flac", with_total(song, 16_000))).ms == 7300


def test_a_cut_file_says_how_much_is_there(song, written):
    with pytest.raises(Unreadable, match=r"cut off at 0:0[34] of 0:07") as caught:
        read_length(written("cut.flac", song[: len(song) // 2]))
    assert caught.value.reason is Reason.TRUNCATED


def test_tags_before_and_after_do_not_hide_it(song, written):
    id3 = b"ID3\x04\x00\x00\x00\x00\x01\x00" + bytes(128)
    assert read_length(written("tagged.flac", id3 + song + b"TAG" + bytes(125))).ms == 7300


def test_zeros_at_the_end_are_looked_past(song, written):
    half = len(song) // 2
    with pytest.raises(Unreadable, match="cut off"):
        read_length(written("hole.flac", song[:half] + bytes(300_000)))


def test_a_header_without_sound_is_damaged(song, written):
    start = song.index(b"\xff\xf8")
    for data in (song[:start], song[:start] + b"noise" * 100, song[:20], song[:start] + bytes(60)):
        with pytest.raises(Unreadable) as caught:
            read_length(written("none.flac", data))
        assert caught.value.reason is Reason.DAMAGED


def test_a_rate_of_zero_is_damaged(song, written):
    with pytest.raises(Unreadable, match="rate of zero"):
        read_length(written("zero.flac", song[:18] + b"\0\0" + bytes([song[20] & 0x0F]) + song[21:]))


@pytest.mark.parametrize(
    ("number", "coded"), [(5, "05"), (0x80, "c280"), (0x800, "e0a080"), (0x10FFFF, "f48fbfbf")]
)
def test_frame_numbers_are_read_as_the_format_codes_them(number, coded):
    assert flac._coded_number(bytes(4) + bytes.fromhex(coded) + bytes(4)) == (number, 4 + len(coded) // 2)


def test_a_rate_that_the_frames_contradict_is_damaged(song, written):
    with pytest.raises(Unreadable, match="different rates"):
        read_length(written("rate.flac", song[:18] + bytes([song[18] ^ 1]) + song[19:]))


def test_block_sizes_of_the_format():
    sizes = {1: 192, 2: 576, 5: 4608, 8: 256, 15: 32768}
    assert {code: flac._block_size(b"", code, 0)[0] for code in sizes} == sizes
    assert flac._block_size(b"\x0f", 6, 0) == (16, 1)
    assert flac._block_size(b"\x0f\xff", 7, 0) == (4096, 2)


def test_variable_block_sizes_count_samples(song, written):
    """A stream with the other blocking strategy carries sample numbers instead of frame numbers."""
    header = bytes.fromhex("fff9") + bytes([0x80 | (song[song.index(b"\xff\xf8") + 2] & 15)])
    header += bytes([song[song.index(b"\xff\xf8") + 3]]) + b"\x64"  # the frame begins at sample 100
    frame = header + bytes([flac._crc8(header)])
    start = song.index(b"\xff\xf8")
    length = read_length(written("variable.flac", with_total(song, 0)[:start] + frame + bytes(40)))
    assert length.ms == -(-(100 + 256) * 1000 // 16_000)
