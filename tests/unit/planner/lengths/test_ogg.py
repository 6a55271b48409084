"""Ogg: positions of whole streams, sums of chained ones, intervals for those cut from a longer stream."""

import io
import struct

import pytest

from manifests.length import Grade
from planner.containers.ogg import checksum
from planner.containers.source import Source
from planner.leftout import Reason, Unreadable
from planner.lengths.registry import length_of, read_length


def page(flags: int, granule: int, serial: int, sequence: int, packet: bytes) -> bytes:
    lacing = bytes([255] * (len(packet) // 255) + [len(packet) % 255])
    head = struct.pack("<4sBBqIIIB", b"OggS", 0, flags, granule, serial, sequence, 0, len(lacing))
    return summed(head + lacing + packet)


def summed(page: bytes) -> bytes:
    return page[:22] + struct.pack("<I", checksum(page)) + page[26:]


def opus_head(skip: int = 312) -> bytes:
    return b"OpusHead" + struct.pack("<BBHIhB", 1, 1, skip, 48_000, 0, 0)


def opus(seconds: int, *, serial: int = 1, begin: int = 0, ended: bool = True, fill: int = 100) -> bytes:
    """A stream of pages with one packet of 100 ms each."""
    pages = [page(2, 0, serial, 0, opus_head()), page(0, 0, serial, 1, b"OpusTags" + bytes(20))]
    count = seconds * 10
    for index in range(count):
        last = 4 if ended and index == count - 1 else 0
        pages.append(page(last, begin + (index + 1) * 4800, serial, 2 + index, b"\x7c" + bytes(fill)))
    return b"".join(pages)


def distant(data: bytes):
    """Read without the help of decoders, which find nothing in made-up packets."""
    return length_of(Source("memory", io.BytesIO(data), len(data), local=False))


def test_a_whole_stream_is_exact(written):
    length = read_length(written("a.opus", opus(12)))
    assert (length.grade, length.ms) == (Grade.EXACT, -(-(12 * 48_000 - 312) * 1000 // 48_000))


def test_a_large_stream_is_read_at_three_places(written):
    data = opus(60, fill=2000)
    assert len(data) > 1 << 20
    assert read_length(written("long.opus", data)).grade is Grade.EXACT


def test_large_chained_streams_are_summed(written):
    for second in (2, 1):  # another serial number, and the same one again
        data = opus(60, fill=2000) + opus(30, serial=second, fill=2000)
        length = read_length(written("chained.opus", data))
        assert length.grade is Grade.COUNTED
        assert abs(length.ms - 90_000) < 20
        assert "2 streams" in length.reason


def test_a_stream_cut_from_a_longer_one_is_an_interval():
    length = distant(opus(12, begin=48_000 * 5000))
    assert length.grade is Grade.ESTIMATED
    assert length.low_ms <= 12_000 <= length.high_ms == length.longest_ms < 12_300


def test_a_large_stream_cut_from_a_longer_one_too():
    length = distant(opus(60, begin=48_000 * 5000, fill=2000))
    assert length.grade is Grade.ESTIMATED
    assert length.low_ms <= 60_000 <= length.high_ms


@pytest.mark.parametrize(
    ("packet", "positions"),
    [
        (b"\xfc", 960),
        (b"\x7e", 1920),
        (b"\x1b\x02", 5760),
        (b"\x83\x04", 480),
        (b"\xff\x3f", 5760),
    ],
    ids=["20 ms", "two of 20 ms", "two of 60 ms", "four of 2.5 ms", "too many"],
)
@pytest.mark.parametrize("fill", [0, 400], ids=["small", "large"])
def test_opus_sound_before_the_first_position_may_be_played(packet, positions, fill):
    """As `ffmpeg -ss ... -c copy` leaves it: the first page tells less than it holds."""
    first = page(0, positions - 400, 1, 2, packet + bytes(fill))
    rest = b"".join(page(0, (n + 1) * 4800, 1, 2 + n, b"\x7c" + bytes(5 * fill)) for n in range(1, 599))
    end = page(4, 48_000 * 60, 1, 601, b"\x7c")
    opening = page(2, 0, 1, 0, opus_head()) + page(0, 0, 1, 1, b"OpusTags" + bytes(20))
    length = distant(opening + first + rest + end)
    assert length.grade is Grade.ESTIMATED
    assert length.low_ms == -(-(48_000 * 60 - 312) * 1000 // 48_000)
    assert length.ms == -(-(48_000 * 60 - 312 + 400) * 1000 // 48_000)
    assert length.longest_ms > length.ms


def test_pages_before_position_nought_count_as_cut_too():
    opening = page(2, 0, 1, 0, opus_head()) + page(0, 0, 1, 1, b"OpusTags" + bytes(20))
    early = page(0, -500, 1, 2, b"\xfc") + page(0, 460, 1, 3, b"\xfc")
    length = distant(opening + early + page(4, 48_000, 1, 4, b"\xfc"))
    assert length.grade is Grade.ESTIMATED
    assert length.high_ms >= (48_000 - 312 + 1460) // 48


def test_a_short_stream_may_end_within_its_only_page(written):
    opening = page(2, 0, 1, 0, opus_head()) + page(0, 0, 1, 1, b"OpusTags" + bytes(20))
    length = read_length(written("short.opus", opening + page(4, 792, 1, 2, b"\xfc")))
    assert (length.grade, length.ms) == (Grade.EXACT, 10)


def flac_head(least: int, most: int) -> bytes:
    sizes = struct.pack(">HH", least, most)
    rate = (8000 << 12 | 0x1F0).to_bytes(4, "big")
    return b"\x7fFLAC\x01\x00\x00\x01fLaC\0\0\0\x22" + sizes + bytes(6) + rate + bytes(20)


def flac_cut(first: int, least: int = 4000) -> bytes:
    """Two frames of which the second goes on to the next page."""
    head = struct.pack("<4sBBqIIIB", b"OggS", 0, 0, first, 5, 2, 0, 2) + b"\x0a\xff"
    frames = head + b"\xff\xf8" + bytes(8) + b"\xff\xf8" + bytes(253)
    following = struct.pack("<4sBBqIIIB", b"OggS", 0, 1, 8000, 5, 3, 0, 1) + b"\x0a" + bytes(10)
    opening = page(2, 0, 5, 0, flac_head(least, 4000)) + page(0, 0, 5, 1, b"\x84" + bytes(30))
    return opening + summed(frames) + summed(following) + page(4, 80_000, 5, 4, b"\xff\xf8")


def test_flac_sound_before_the_first_position_may_be_played():
    length = distant(flac_cut(3000))
    assert (length.grade, length.low_ms, length.ms) == (Grade.ESTIMATED, 10_000, 10_625)


def test_flac_that_begins_at_its_beginning_is_exact():
    assert distant(flac_cut(4000)).grade is Grade.EXACT
    assert distant(flac_cut(3000, least=16)).grade is Grade.EXACT


def test_a_stream_without_an_end_mark_is_counted(written):
    length = read_length(written("open.opus", opus(12, ended=False)))
    assert (length.grade, length.ms) == (Grade.COUNTED, 11_994)
    assert "no end mark" in length.reason


def test_a_page_that_is_not_whole_is_a_cut(written):
    for data in (opus(12), opus(60, fill=2000)):
        with pytest.raises(Unreadable, match=r"cut off at 0:") as caught:
            read_length(written("cut.opus", data[: len(data) * 2 // 3]))
        assert caught.value.reason is Reason.TRUNCATED


def test_a_download_that_was_never_filled_is_cut_off(written):
    for data in (opus(12), opus(60, fill=2000)):
        half = len(data) // 2
        with pytest.raises(Unreadable, match="its end is missing") as caught:
            read_length(written("hole.opus", data[:half] + bytes(len(data) - half)))
        assert caught.value.reason is Reason.TRUNCATED


def test_notes_after_the_end_mark_do_no_harm(written):
    assert read_length(written("tagged.opus", opus(12) + b"TAG" + bytes(125))).ms == 11_994


def test_the_example_in_vorbis_cut_anywhere_is_never_exact(example, written):
    data = example("songs/night-train.ogg")
    for share in (0.1, 0.35, 0.6, 0.85, 0.99):
        with pytest.raises(Unreadable) as caught:
            read_length(written("cut.ogg", data[: int(len(data) * share)]))
        assert caught.value.reason in {Reason.TRUNCATED, Reason.NO_LENGTH}


def test_junk_between_pages_is_jumped_over(written):
    data = opus(12)
    place = data.index(b"OggS", len(data) // 2)
    length = read_length(written("junk.opus", data[:place] + b"junk OggS junk" * 50 + data[place:]))
    assert length.ms == 11_994


def test_sound_beside_pictures_counts_the_sound(written):
    video = page(2, 0, 9, 0, b"\x80theora" + bytes(40))
    sound = opus(12)
    first = sound.index(b"OggS", 4)
    data = video + sound[:first] + page(0, 99_999_999, 9, 1, bytes(50)) + sound[first:]
    assert read_length(written("film.ogv", data)).ms == 11_994


def test_two_languages_side_by_side_count_once(written):
    first, second = opus(12), opus(12, serial=2)
    place, other = first.index(b"OggS", 4), second.index(b"OggS", 4)
    whole = first[place:].index(b"OggS", len(first[place:]) - 5000) + place
    data = first[:place] + second[:other] + first[place:whole] + second[other:] + first[whole:]
    assert read_length(written("two.ogg", data)).ms == 11_994


def test_pictures_without_sound_are_not_audio(written):
    with pytest.raises(Unreadable, match="without an audio stream") as caught:
        read_length(
            written("silent.ogv", page(2, 0, 9, 0, b"\x80theora" + bytes(40)) + page(4, 10, 9, 1, b"x"))
        )
    assert caught.value.reason is Reason.NOT_AUDIO


@pytest.mark.parametrize(
    ("packet", "rate"),
    [
        (b"\x01vorbis" + bytes(4) + b"\x01" + struct.pack("<I", 44_100) + bytes(12) + b"\xb8\x01", 44_100),
        (
            b"Speex   " + bytes(28) + struct.pack("<I", 16_000) + bytes(16) + struct.pack("<III", 320, 0, 1),
            16_000,
        ),
        (
            b"\x7fFLAC\x01\x00\x00\x01fLaC\0\0\0\x22"
            + struct.pack(">HH", 4096, 4096)
            + bytes(6)
            + (8000 << 12 | 0x1F0).to_bytes(4, "big")
            + bytes(20),
            8000,
        ),
    ],
    ids=["vorbis", "speex", "flac"],
)
def test_each_codec_tells_its_rate(written, packet, rate):
    data = (
        page(2, 0, 5, 0, packet)
        + page(0, 0, 5, 1, bytes(30))
        + page(0, 200, 5, 2, b"x")
        + page(4, rate * 3, 5, 3, b"x")
    )
    assert read_length(written("codec.ogg", data)).ms == 3000


def test_a_rate_of_zero_is_no_sound(written):
    packet = b"\x01vorbis" + bytes(30)
    with pytest.raises(Unreadable):
        read_length(written("zero.ogg", page(2, 0, 5, 0, packet) + page(4, 99, 5, 1, b"x")))


def test_a_stream_that_holds_nothing_has_no_length(written):
    with pytest.raises(Unreadable) as caught:
        read_length(written("nothing.opus", opus(12)[:200]))
    assert caught.value.reason in {Reason.NO_LENGTH, Reason.TRUNCATED}


def test_a_page_whose_checksum_is_wrong_is_no_sound_for_a_decoder(recording, written):
    path = recording("a.opus", "libopus", seconds=5)
    data = bytearray(path.read_bytes())
    assert read_length(str(path)).grade is Grade.EXACT
    data[len(data) // 2] ^= 1
    length = read_length(written("flipped.opus", bytes(data)))
    assert length.grade is not Grade.EXACT
    assert length.ms < 4800


def test_streams_of_different_kinds_in_a_row_are_an_interval():
    other = page(2, 0, 2, 0, flac_head(4000, 4000)) + page(0, 0, 2, 1, b"\x84" + bytes(30))
    length = distant(opus(12) + other + page(4, 4000, 2, 2, b"\xff\xf8"))
    assert (length.grade, length.ms, length.reason) == (
        Grade.ESTIMATED,
        11_994,
        "2 streams of different kinds in a row",
    )
    assert 12_400 < length.high_ms < 12_700
