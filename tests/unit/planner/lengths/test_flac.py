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


def frame(song: bytes, sample: bytes) -> bytes:
    """A frame of 256 samples that begins at the coded sample, in a stream of the other strategy."""
    first = song.index(b"\xff\xf8")
    header = b"\xff\xf9" + bytes([0x80 | (song[first + 2] & 15), song[first + 3]]) + sample
    return header + bytes([flac._crc8(header)]) + bytes(40)


def test_variable_block_sizes_count_samples(song, written):
    """A stream with the other blocking strategy carries sample numbers instead of frame numbers."""
    start = with_total(song, 0)[: song.index(b"\xff\xf8")]
    length = read_length(written("variable.flac", start + frame(song, b"\0") + frame(song, b"\x64")))
    assert length.ms == -(-(100 + 256) * 1000 // 16_000)


def test_frames_out_of_order_are_damaged(song, written):
    start = with_total(song, 0)[: song.index(b"\xff\xf8")]
    with pytest.raises(Unreadable, match="not in order"):
        read_length(written("order.flac", start + frame(song, b"\xc5\x80") + frame(song, b"\0")))


def without_first_frames(song: bytes, number: int) -> bytes:
    """What `ffmpeg -ss ... -c copy` leaves: the header as it was, the frames from this number on."""
    first = song.index(b"\xff\xf8")
    return song[:first] + song[song.index(song[first : first + 4] + bytes([number]), first) :]


def block_size(song: bytes) -> int:
    return int.from_bytes(song[8:10], "big")


def test_a_lossless_cut_is_as_long_as_its_frames(song, written):
    length = read_length(written("copy.flac", without_first_frames(song, 10)))
    gone = 10 * block_size(song)
    assert (length.grade, length.ms) == (Grade.COUNTED, -(-(7.3 * 16_000 - gone) * 1000 // 16_000))


def test_a_lossless_cut_that_ends_early_says_how_much_is_there(song, written):
    cut = without_first_frames(song[: len(song) * 3 // 4], 10)
    with pytest.raises(Unreadable, match=r"cut off at 0:0[34] of 0:07"):
        read_length(written("middle.flac", cut))


def test_a_broken_first_frame_is_not_exact(song, written):
    first = song.index(b"\xff\xf8")
    length = read_length(written("first.flac", song[: first + 4] + b"\x7f" + song[first + 5 :]))
    assert (length.grade, length.ms) == (Grade.COUNTED, 7300)


@pytest.mark.parametrize("between", [b"", b"TAG" + bytes(125)])
def test_joined_files_are_added(song, recording, written, between):
    other = recording("other.flac", "flac", seconds=2.5).read_bytes()
    length = read_length(written("joined.flac", song + between + other + song))
    assert (length.grade, length.ms) == (Grade.COUNTED, 17_100)


@pytest.mark.parametrize("copies", [2, 3])
def test_the_same_file_twice_is_twice_as_long(song, written, copies):
    length = read_length(written("twice.flac", song * copies))
    assert (length.grade, length.ms) == (Grade.COUNTED, 7300 * copies)


def test_joined_files_of_which_the_last_is_cut_are_cut_off(song, written):
    with pytest.raises(Unreadable, match=r"cut off at 0:1[01] of 0:14"):
        read_length(written("joined.flac", song + song[: len(song) // 2]))


def test_joined_files_of_which_one_has_no_header_are_damaged(song, written):
    with pytest.raises(Unreadable, match="split it"):
        read_length(written("joined.flac", song + song[:20]))


@pytest.fixture
def searched(monkeypatch):
    """The numbers of bytes that were searched for further files, in samples that count as large."""
    numbers, search = [], flac._starts_in

    def starts_in(source, begin, end):
        numbers.append(end - begin)
        return search(source, begin, end)

    monkeypatch.setattr(flac, "SMALL_BYTES", 0)
    monkeypatch.setattr(flac, "TAIL_BYTES", 1 << 13)
    monkeypatch.setattr(flac, "_starts_in", starts_in)
    return numbers


def test_a_large_file_that_runs_evenly_is_not_searched(song, written, searched):
    assert read_length(written("one.flac", song)).grade is Grade.EXACT
    assert read_length(written("cut.flac", without_first_frames(song, 10))).grade is Grade.COUNTED
    assert searched == []


def test_large_joined_files_are_found(song, recording, written, searched):
    short = recording("short.flac", "flac", seconds=0.1).read_bytes()
    sums = {song * 2: 14_600, song + short: 7400, short + song: 7400}
    for data, ms in sums.items():
        assert read_length(written("joined.flac", data)).ms == ms
    assert len(searched) == len(sums)


def test_a_large_file_with_a_broken_frame_at_a_probe_is_searched(song, written, searched):
    first = song.index(b"\xff\xf8")
    half = first + (len(song) - first) // 2
    holed = song[: half - 8000] + bytes(8000) + song[half:]
    assert read_length(written("hole.flac", holed)).ms == 7300
    assert len(searched) == 1


def test_a_start_across_two_blocks_is_found_once(song, written, monkeypatch):
    for size in (1000, 1001, 1003, 1007):
        monkeypatch.setattr(flac, "BLOCK_BYTES", size)
        assert read_length(written("two.flac", song * 2)).ms == 14_600
