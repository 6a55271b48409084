"""Long MP3s of constant rate without a stated count are looked at in places, all others counted."""

import io
from fractions import Fraction
from itertools import pairwise

from manifests.length import Grade
from planner.containers.source import Source
from planner.lengths.mpeg import Mpeg

HEADER = 0xFFFB9000  # 128 kbit/s, 44,100 Hz


def stream(count: int, header: int = HEADER, kbits: int = 128, *, padded: bool = True) -> bytes:
    """Frames that lie on an even grid, as encoders pad them, or are all of one size."""
    size = Fraction(1152 * 125 * kbits, 44_100)
    ends = [int(number * size) if padded else number * int(size) for number in range(count + 1)]
    plain, long = (header | pad << 9 for pad in (0, 1))
    return b"".join(
        (long if stop - start > int(size) else plain).to_bytes(4, "big").ljust(stop - start, b"\x55")
        for start, stop in pairwise(ends)
    )


class Counting(io.BytesIO):
    taken = 0

    def read(self, size: int | None = -1) -> bytes:
        self.taken += size or 0
        return super().read(size)


def look(data: bytes):
    file = Counting(data)
    return Mpeg().length(Source("a.mp3", file, len(data), local=False)), file.taken


def exactly(frames: int) -> int:
    return -(-frames * 1152 * 1000 // 44_100)


def test_places_do_for_a_constant_rate():
    for padded in (True, False):
        length, taken = look(stream(6000, padded=padded))
        assert (length.ms, length.grade) == (exactly(6000), Grade.COUNTED)
        assert "constant rate, 128 of 6000 frames looked at" in length.reason
        assert taken < 100_000


def test_a_tag_in_the_name_of_another_rate_is_found():
    other = stream(400, header=0xFFFB5000, kbits=64)
    data = stream(3000) + other + stream(3000)
    length, taken = look(data)
    assert length.ms == exactly(6400)
    assert "6400 frames counted" in length.reason
    assert taken > len(data)


def test_a_hole_is_found():
    data = bytearray(stream(6000))
    data[1_000_000:1_040_000] = bytes(40_000)
    assert "constant" not in look(bytes(data))[0].reason


def test_what_is_short_is_counted():
    assert look(stream(500))[0].reason == "no count stated; 500 frames counted"


def test_an_end_that_is_none_is_counted():
    data = stream(6000) + bytes(20_000)
    length, _ = look(data)
    assert (length.ms, length.reason) == (exactly(6000), "no count stated; 6000 frames counted")


def test_layer_one_is_counted():
    frame = (0xFFFFC000).to_bytes(4, "big").ljust(416, b"\x55")
    length, _ = look(frame * 5200)
    assert "counted" in length.reason
