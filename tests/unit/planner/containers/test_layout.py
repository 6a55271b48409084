"""Chunks, boxes and tags are followed as far as they can be, and never past the end of the file."""

import errno
import io
import struct
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from planner.containers import flac
from planner.containers.boxes import boxes, inner, is_boxed
from planner.containers.chunks import MAX_CHUNKS, chunks
from planner.containers.source import Source, from_os_error
from planner.containers.tags import between_tags, id3v2_size
from planner.leftout import Reason, Unreadable


def source(data: bytes) -> Source:
    return Source("memory", io.BytesIO(data), len(data))


class TestSource:
    def test_reading_never_leaves_the_file(self):
        file = source(b"0123456789")
        assert (file.at(8, 5), file.at(10, 5), file.at(-1, 5), file.at(2, 0), file.at(2, -1)) == (
            b"89",
            b"",
            b"",
            b"",
            b"",
        )
        assert file.head == b"0123456789"

    def test_a_failing_disk_leaves_out_the_file(self):
        class Broken(io.BytesIO):
            def read(self, _size=-1):
                raise OSError(errno.EIO, "Input/output error")

        with pytest.raises(Unreadable, match=r"a\.mp3: Input/output error") as caught:
            Source("a.mp3", Broken(b"abc"), 3).at(0, 3)
        assert caught.value.reason is Reason.UNREADABLE

    def test_one_that_is_slow_holds_no_other(self):
        met = Barrier(2, timeout=10)  # breaks where the second read cannot begin before the first ends

        class Slow(io.BytesIO):
            def read(self, size=-1):
                met.wait()
                return super().read(size)

        with ThreadPoolExecutor(2) as pool:
            heads = pool.map(
                lambda file: file.head, [Source("a", Slow(b"abc"), 3), Source("b", Slow(b"abc"), 3)]
            )
            assert list(heads) == [b"abc", b"abc"]

    @pytest.mark.parametrize(
        ("error", "reason"),
        [
            (FileNotFoundError(2, "x"), Reason.VANISHED),
            (NotADirectoryError(20, "x"), Reason.VANISHED),
            (IsADirectoryError(21, "x"), Reason.NOT_A_FILE),
            (PermissionError(13, "x"), Reason.UNREADABLE),
            (OSError("no number"), Reason.UNREADABLE),
        ],
    )
    def test_what_the_system_says_becomes_a_reason(self, error, reason):
        assert from_os_error("a", error).reason is reason


class TestChunks:
    def test_sizes_past_the_end_are_clipped_and_told(self):
        (chunk,) = chunks(source(b"RIFF\0\0\0\0WAVEdata\xff\0\0\0abc"))
        assert (chunk.name, chunk.body, chunk.stated, chunk.end, chunk.size) == (b"data", 20, 255, 23, 3)

    def test_odd_chunks_are_padded(self):
        data = b"FORM\0\0\0\0AIFFaaaa\0\0\0\x01x\0bbbb\0\0\0\0"
        assert [chunk.name for chunk in chunks(source(data), big_endian=True)] == [b"aaaa", b"bbbb"]

    def test_a_file_of_nothing_but_chunks_ends_some_time(self):
        data = b"RIFF\0\0\0\0WAVE" + b"junk\0\0\0\0" * (MAX_CHUNKS + 100)
        assert sum(1 for _ in chunks(source(data))) == MAX_CHUNKS


class TestBoxes:
    def test_a_box_too_small_to_be_one_ends_the_walk(self):
        assert list(boxes(source(struct.pack(">I", 4) + b"ftypabcd"))) == []
        assert not is_boxed(source(struct.pack(">I", 4) + b"ftypabcd"))

    def test_inner_boxes_stay_inside(self):
        inside = struct.pack(">I", 900) + b"trak" + b"x"
        outer = struct.pack(">I", 8 + len(inside)) + b"moov" + inside
        file = source(outer + bytes(2000))
        trak = inner(file, None, b"moov", b"trak")
        assert (trak.end, trak.stated_end) == (len(outer), 908)
        assert inner(file, None, b"moov", b"none", b"deeper") is None

    def test_a_file_of_nothing_but_boxes_ends_some_time(self):
        assert sum(1 for _ in boxes(source((struct.pack(">I", 8) + b"free") * 100_100))) == 100_000


class TestTags:
    def test_sizes_of_id3(self):
        assert id3v2_size(b"ID3\x04\x00\x00\x00\x00\x02\x01") == 10 + 257
        assert id3v2_size(b"ID3\x04\x00\x10\x00\x00\x02\x01") == 20 + 257, "with footer"
        assert [
            id3v2_size(bad) for bad in (b"ID3", b"ID3\x04\x00\x00\xff\x00\x02\x01", b"no tag at all")
        ] == [0] * 3

    def test_tags_in_a_row_on_both_sides(self):
        id3 = b"ID3\x04\x00\x00\x00\x00\x00\x04abcd"
        footed = b"ID3\x04\x00\x10\x00\x00\x00\x04abcd3DI\x04\x00\x10\x00\x00\x00\x04"
        data = id3 * 2 + b"sound" + footed + b"TAG" + bytes(125)
        assert between_tags(source(data)) == (28, 33)

    def test_a_tag_that_passes_the_end_is_none(self):
        assert between_tags(source(b"ID3\x04\x00\x00\x00\x00\x7f\x7fsound")) == (0, 15)

    @pytest.mark.parametrize(
        "tail",
        [
            b"APETAGEX" + bytes(4) + struct.pack("<III", 5, 0, 0) + bytes(8),
            b"APETAGEX" + bytes(4) + struct.pack("<III", 10**6, 0, 0) + bytes(8),
            b"APETAGEX",
            b"nothing to see LYRICSEND",
            b"000009xxxLYRICS200",
        ],
    )
    def test_what_only_looks_like_a_tag_is_sound(self, tail):
        data = bytes(100) + tail
        assert between_tags(source(data)) == (0, len(data))

    def test_ape_with_header(self):
        footer = b"APETAGEX" + struct.pack("<IIII", 2000, 32 + 6, 1, 1 << 31) + bytes(8)
        data = b"sound" * 40 + bytes(32) + b"abcdef" + footer
        assert between_tags(source(data)) == (0, 200)


class TestFlac:
    def test_blocks_without_a_last_one_are_no_layout(self):
        assert flac.layout(source(b"fLaC" + bytes(4) * 20_000)) is None
        assert flac.layout(source(b"fLaC" + b"\x80\0\0\x05" + bytes(5))) is None
        assert flac.layout(source(b"no flac at all")) is None

    @pytest.mark.parametrize(
        "header",
        [
            "fff80918 00",
            "fff8f018 00",
            "fff81919 00",
            "fff819b8 00",
            "fff81f18 00",
            "fff81918 ff00",
            "fff81918 c100ff",
        ],
    )
    def test_headers_with_an_impossible_field_are_none(self, header):
        assert flac._frame_end(bytes.fromhex(header).ljust(16, b"\0"), 4096) is None
