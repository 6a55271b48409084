"""Small facts about the insides of files: what a first frame states, what is foreign, what a movie tells."""

import io
import struct

import pytest

from planner.containers import ogg, xing
from planner.containers.boxes import boxes
from planner.containers.foreign import OTHERS, RIFFS, foreign
from planner.containers.movie import Edit, sound_tracks, times
from planner.containers.source import Source


def source(data: bytes) -> Source:
    return Source("memory", io.BytesIO(data), len(data))


class TestXing:
    @pytest.mark.parametrize("place", [13, 21, 36])
    @pytest.mark.parametrize("mark", [b"Xing", b"Info"])
    def test_it_lies_after_the_side_information(self, place, mark):
        frame = bytes(place) + mark + struct.pack(">III", 3, 100, 41_800)
        assert xing.stated(frame.ljust(256, b"\0")) == xing.Stated(100, 41_800, 0)

    @pytest.mark.parametrize(
        ("flags", "numbers", "stated"),
        [(0, (), (0, 0)), (1, (100,), (100, 0)), (2, (418,), (0, 418)), (3, (100, 418), (100, 418))],
    )
    def test_what_is_not_stated_is_zero(self, flags, numbers, stated):
        frame = bytes(36) + b"Xing" + struct.pack(f">{len(numbers) + 1}I", flags, *numbers)
        found = xing.stated(frame.ljust(256, b"\0"))
        assert (found.frames, found.bytes) == stated

    def test_silence_added_by_the_encoder_is_read_after_table_and_quality(self):
        lame = b"LAME3.100" + bytes(12) + (576 << 12 | 1105).to_bytes(3, "big")
        frame = bytes(36) + b"Info" + struct.pack(">III", 15, 100, 418) + bytes(100) + bytes(4) + lame
        assert xing.stated(frame.ljust(256, b"\0")).silence == 576 + 1105
        other = frame.replace(b"LAME3.100", b"Unknown 1")
        assert xing.stated(other.ljust(256, b"\0")).silence == 0

    def test_a_frame_like_any_other_states_nothing(self):
        assert xing.stated(bytes(256)) is None
        assert xing.stated(b"") is None


class TestForeign:
    @pytest.mark.parametrize("mark", [*OTHERS, *(b"RIFF1234" + form for form in RIFFS)])
    def test_marks_are_known(self, mark):
        assert foreign(source(mark + bytes(600)))

    @pytest.mark.parametrize("form", [b"WAVE", b"AVI "])
    def test_riff_with_sound_is_not_foreign(self, form):
        assert foreign(source(b"RIFF1234" + form)) is None


class TestPages:
    def page(self, granule: int, body: bytes = b"x", flags: int = 0, serial: int = 1) -> bytes:
        head = struct.pack("<4sBBqIIIB", b"OggS", 0, flags, granule, serial, 0, 0, 1)
        return head + bytes([len(body)]) + body

    def test_a_page_tells_where_it_lies(self):
        (page,) = ogg.pages(source(self.page(42, b"abc", flags=6)))
        assert (page.start, page.body, page.end, page.granule, page.packets) == (0, 28, 31, 42, 1)
        assert (page.first, page.last) == (True, True)

    def test_a_packet_that_goes_on_does_not_end_on_its_page(self):
        head = struct.pack("<4sBBqIIIB", b"OggS", 0, 0, -1, 1, 0, 0, 2) + bytes([255, 255])
        (page,) = ogg.pages(source(head + bytes(510)))
        assert (page.packets, page.granule) == (0, -1)

    @pytest.mark.parametrize("broken", [b"OggX", b"OggS\1", b"OggS\0\x20", b"OggS\0\0"])
    def test_what_only_looks_like_a_page_is_none(self, broken):
        assert ogg.page_in(broken.ljust(27, b"\1")[:27], 0, 0) is None

    def test_junk_longer_than_a_page_ends_the_walk(self):
        data = self.page(1) + bytes(100_000) + self.page(2)
        assert [page.granule for page in ogg.pages(source(data))] == [1]

    def test_the_tail_starts_at_a_whole_page(self):
        data = b"".join(self.page(number, bytes(200)) for number in range(1000))
        tail = ogg.tail_pages(source(data))
        assert tail[-1].granule == 999
        assert 2 * ogg.MAX_PAGE_BYTES - 300 < len(data) - tail[0].start <= 2 * ogg.MAX_PAGE_BYTES
        assert ogg.tail_pages(source(bytes(500))) == []


class TestMovie:
    def box(self, kind: bytes, *parts: bytes) -> bytes:
        body = b"".join(parts)
        return struct.pack(">I", len(body) + 8) + kind + body

    def track(self, handler: bytes = b"soun", edits: bytes = b"") -> bytes:
        header = self.box(b"mdhd", bytes(12), struct.pack(">II", 1000, 5000))
        hdlr = self.box(b"hdlr", bytes(8), handler)
        table = self.box(b"stts", bytes(4), struct.pack(">IIIII", 2, 3, 1000, 2, 500))
        chunks = self.box(b"stco", bytes(4), struct.pack(">III", 2, 100, 200))
        media = self.box(b"mdia", header, hdlr, self.box(b"minf", self.box(b"stbl", table, chunks)))
        return self.box(b"trak", edits, media)

    def tracks(self, *traks: bytes) -> list:
        file = source(self.box(b"moov", *traks))
        return list(sound_tracks(file, next(boxes(file))))

    def test_a_sound_track_tells_its_times(self):
        (track,) = self.tracks(self.track(b"vide"), self.track())
        assert (track.scale, track.stated, track.tabled, track.last_chunk) == (1000, 5000, 4000, 200)
        assert track.edits == ()

    @pytest.mark.parametrize(("version", "layout"), [(0, ">IiI"), (1, ">QqI")])
    def test_edits_of_both_versions(self, version, layout):
        rows = struct.pack(layout, 700, -1, 1) + struct.pack(layout, 4000, 1024, 1)
        edits = self.box(b"edts", self.box(b"elst", bytes([version, 0, 0, 0]), struct.pack(">I", 2), rows))
        (track,) = self.tracks(self.track(edits=edits))
        assert track.edits == (Edit(700, -1), Edit(4000, 1024))

    @pytest.mark.parametrize("rest", [b"", bytes(4), bytes(8), bytes(9)])
    def test_an_edit_list_that_is_cut_says_what_it_can(self, rest):
        edits = self.box(b"edts", self.box(b"elst", rest))
        (track,) = self.tracks(self.track(edits=edits))
        assert track.edits == ()

    @pytest.mark.parametrize(
        ("body", "answer"),
        [
            (bytes(12) + struct.pack(">II", 8000, 99), (8000, 99)),
            (bytes(12) + struct.pack(">II", 8000, 0xFFFFFFFF), (8000, 0)),
            (b"\1" + bytes(19) + struct.pack(">IQ", 8000, 99), (8000, 99)),
            (b"\1" + bytes(19) + struct.pack(">IQ", 8000, (1 << 64) - 1), (8000, 0)),
            (bytes(10), (0, 0)),
        ],
    )
    def test_times_of_both_versions(self, body, answer):
        file = source(self.box(b"mdhd", body))
        assert times(file, next(boxes(file))) == answer
