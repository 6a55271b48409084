"""Headers of bare streams, against the standards' own figures, and the walk over them."""

import io

import pytest

from planner.containers import ac3, adts, mpeg
from planner.containers.frames import MAX_TRIES, Frame, count, first_frame
from planner.containers.source import Source


def source(data: bytes) -> Source:
    return Source("memory", io.BytesIO(data), len(data))


def test_ac3_sizes_of_the_standard():
    def head(code: int, size: int, version: int = 8) -> bytes:
        return b"\x0b\x77\0\0" + bytes([code << 6 | size, version << 3])

    assert ac3.frame(head(0, 0), 0) == Frame(128, 1536, 48_000)
    assert ac3.frame(head(1, 0), 0) == Frame(138, 1536, 44_100)
    assert ac3.frame(head(1, 1), 0) == Frame(140, 1536, 44_100)
    assert ac3.frame(head(2, 36), 0) == Frame(3840, 1536, 32_000)
    assert [
        ac3.frame(bad, 0) for bad in (head(3, 0), head(0, 40), head(0, 0, 17), b"\x0b\x77", b"noise!")
    ] == [None] * 5


def test_enhanced_ac3_blocks_and_rates():
    def head(kind: int, code: int, rest: int) -> bytes:
        return b"\x0b\x77" + bytes([kind << 6, 99, code << 6 | rest << 4, 16 << 3])

    assert ac3.frame(head(0, 0, 0), 0) == Frame(200, 256, 48_000)
    assert ac3.frame(head(0, 1, 3), 0) == Frame(200, 1536, 44_100)
    assert ac3.frame(head(0, 3, 0), 0) == Frame(200, 1536, 24_000)
    assert ac3.frame(head(0, 3, 3), 0) is None
    assert ac3.frame(head(1, 0, 3), 0).samples == 0, "a dependent stream adds channels, not time"


def test_adts_sizes_of_the_standard():
    def head(rate: int, size: int, blocks: int = 0) -> bytes:
        return bytes([0xFF, 0xF1, 1 << 6 | rate << 2, size >> 11, size >> 3 & 0xFF, (size & 7) << 5, blocks])

    assert adts.frame(head(4, 371), 0) == Frame(371, 1024, 44_100)
    assert adts.frame(head(3, 8, 3), 0) == Frame(8, 4096, 48_000)
    assert [
        adts.frame(bad, 0) for bad in (head(13, 371), head(4, 7), head(4, 371)[:6], b"\xff\xfb12345")
    ] == [None] * 4


def test_one_strange_frame_is_no_stream():
    frame = bytes.fromhex("fffb9064") + bytes(413)
    assert first_frame(source(frame), 0, mpeg.frame, mpeg.SYNC, within=100, chain=4) is None
    assert first_frame(source(frame + b"text " * 500), 0, mpeg.frame, mpeg.SYNC, within=100, chain=4) is None
    assert first_frame(source(b"junk" + frame * 4), 0, mpeg.frame, mpeg.SYNC, within=100, chain=4) == 4
    assert first_frame(source(bytes(200) + frame * 4), 0, mpeg.frame, mpeg.SYNC, within=100, chain=4) is None


def test_a_short_stream_counts_alone_and_not_behind_junk():
    two = (bytes.fromhex("fffb9064") + bytes(413)) * 2
    assert first_frame(source(two), 0, mpeg.frame, mpeg.SYNC, within=100, chain=4) == 0
    assert first_frame(source(b"TZif2" + two), 0, mpeg.frame, mpeg.SYNC, within=100, chain=4) is None


def test_frames_across_blocks_are_counted_once():
    frame = bytes.fromhex("fffb9064") + bytes(413)
    tally = count(source(frame * 6000), 0, 6000 * 417, mpeg.frame, mpeg.SYNC)
    assert (tally.frames, tally.junk, tally.samples) == (6000, 0, {44_100: 6000 * 1152})


def test_streams_of_two_rates_are_added():
    low, high = bytes.fromhex("fff39064") + bytes(257), bytes.fromhex("fffb9064") + bytes(413)
    sizes = mpeg.frame(low, 0).size, mpeg.frame(high, 0).size
    data = low.ljust(sizes[0], b"\0") * 3 + high * 5
    tally = count(source(data), 0, len(data), mpeg.frame, mpeg.SYNC)
    assert tally.samples == {22_050: 3 * 576, 44_100: 5 * 1152}


def test_a_tag_between_two_files_is_no_junk():
    frame = bytes.fromhex("fffb9064") + bytes(413)
    tag = b"ID3\x04\x00\x00\x00\x00\x10\x00" + b"\xff" * 2048
    data = frame * 5 + tag + frame * 5
    tally = count(source(data), 0, len(data), mpeg.frame, mpeg.SYNC)
    assert (tally.frames, tally.junk) == (10, 0)


def test_a_stream_of_endless_false_starts_is_given_up():
    data = b"\xff\x00" * (MAX_TRIES + 10)
    tally = count(source(data), 0, len(data), mpeg.frame, mpeg.SYNC)
    assert tally.gave_up
    assert tally.frames == 0


def test_a_file_that_shrinks_while_it_is_counted_ends_the_count():
    frame = bytes.fromhex("fffb9064") + bytes(413)
    shrunk = Source("memory", io.BytesIO(frame * 10), 417 * 100)
    assert count(shrunk, 0, 417 * 100, mpeg.frame, mpeg.SYNC).frames == 10


@pytest.mark.parametrize("data", [b"", b"\x0b\x77" * 50, b"\x0b\x77\0\0\0\x40" + bytes(122)])
def test_ac3_needs_frames_in_a_row(data):
    assert not ac3.find(source(data))
