"""MP3: a stated length counts only where the file's size agrees; all else is counted, frame by frame."""

from fractions import Fraction

import pytest

from manifests.length import Grade
from planner.containers.mpeg import header
from planner.leftout import Reason, Unreadable
from planner.lengths.registry import read_length

BARE = {"muxing": (("write_xing", "0"), ("id3v2_version", "0"))}
FRAME = bytes.fromhex("fffb9064") + bytes(
    413
)  # MPEG 1 layer 3, 128 kbit/s, 44.1 kHz: 417 bytes, 1152 samples


def test_the_header_table_of_the_standard():
    assert (header(0xFFFB9064).size, header(0xFFFB9064).samples, header(0xFFFB9064).rate) == (
        417,
        1152,
        44100,
    )
    assert (header(0xFFFB9264).size, header(0xFFF390C4).samples) == (418, 576)  # padding; MPEG 2
    assert header(0xFFE390C4).rate == 11025  # MPEG 2.5
    assert (header(0xFFFF9064).samples, header(0xFFFD9064).samples) == (384, 1152)  # layers 1 and 2
    for word in (0xFFFBF064, 0xFFFB0064, 0xFFFB9C64, 0xFFEB9064, 0xFFF99064, 0x12345678, 0):
        assert header(word) is None


def test_variable_rate_without_a_frame_count_is_counted_not_guessed(recording, decoded, close_to):
    path = recording("vbr.mp3", "libmp3lame", seconds=8, quality=9, **BARE)
    length = read_length(str(path))
    assert length.grade is Grade.COUNTED
    assert close_to(length.ms, decoded(path))


def test_frames_are_counted_exactly(written):
    length = read_length(written("hundred.mp3", FRAME * 100))
    assert length.ms == -(-100 * 1152 * 1000 // 44100)
    assert "100 frames" in length.reason


def test_a_cut_file_says_how_much_is_there(recording, written):
    data = recording("a.mp3", "libmp3lame", seconds=20).read_bytes()
    with pytest.raises(Unreadable, match=r"cut off at 0:(09|10) of 0:20; copy it again") as caught:
        read_length(written("cut.mp3", data[: len(data) // 2]))
    assert caught.value.reason is Reason.TRUNCATED


def test_a_download_that_was_never_filled_is_cut_off(recording, written):
    data = recording("a.mp3", "libmp3lame", seconds=20).read_bytes()
    half = len(data) // 2
    with pytest.raises(Unreadable, match="cut off") as caught:
        read_length(written("hole.mp3", data[:half] + bytes(len(data) - half)))
    assert caught.value.reason is Reason.TRUNCATED


def test_joined_files_are_counted_through_the_second_header(recording, written):
    data = recording("a.mp3", "libmp3lame", seconds=4).read_bytes()
    length = read_length(written("joined.mp3", data + data))
    assert length.grade is Grade.COUNTED
    assert 8000 <= length.ms < 8300, "each join may add a few frames of silence"


def test_tags_on_both_ends_are_no_sound(written):
    id3 = b"ID3\x04\x00\x00\x00\x00\x01\x00" + bytes(128)
    lyrics = b"LYRICSBEGIN" + b"la " * 20
    lyrics2 = lyrics + f"{len(lyrics):06d}LYRICS200".encode()
    ape = b"APETAGEX" + bytes.fromhex("d0070000 20000000 00000000 00000000") + bytes(8)
    frames = FRAME * 50
    for tail in (
        b"",
        b"TAG" + bytes(125),
        lyrics + b"LYRICSEND",
        lyrics2 + b"TAG" + bytes(125),
        ape,
        b"TAG+" + bytes(223) + b"TAG" + bytes(125),
    ):
        length = read_length(written("tagged.mp3", id3 + frames + tail))
        assert length.ms == -(-50 * 1152 * 1000 // 44100)


def test_a_tag_longer_than_it_says_is_passed_over(written):
    id3 = b"ID3\x04\x00\x00\x00\x00\x01\x00" + bytes(128)
    length = read_length(written("cover.mp3", id3 + b"\x89PNG picture" * 2000 + FRAME * 500))
    assert length.grade is Grade.ESTIMATED or length.ms == -(-500 * 1152 * 1000 // 44100)


def test_junk_between_the_frames_makes_an_interval(written):
    junk = b"\x01\x02\xff\x03" * 800
    length = read_length(written("junk.mp3", FRAME * 20 + junk + FRAME * 20))
    assert length.grade is Grade.ESTIMATED
    assert length.low_ms == length.ms < length.high_ms == length.longest_ms
    assert "junk" in length.reason


def test_more_junk_than_sound_is_damaged(written):
    with pytest.raises(Unreadable, match="more junk than sound") as caught:
        read_length(written("junk.mp3", FRAME * 8 + b"\xff\x00\x11" * 9000))
    assert caught.value.reason is Reason.DAMAGED


def test_a_few_frames_to_the_very_end_are_a_recording(written):
    assert read_length(written("three.mp3", FRAME * 3)).ms == 79
    with pytest.raises(Unreadable):
        read_length(written("one.mp3", FRAME))


def xing(frames: int | None, size: int | None, mark: bytes = b"Xing") -> bytes:
    flags = (1 if frames is not None else 0) | (2 if size is not None else 0)
    body = mark + flags.to_bytes(4, "big")
    body += b"".join(value.to_bytes(4, "big") for value in (frames, size) if value is not None)
    return FRAME[:36] + body + FRAME[36 + len(body) :]


def test_a_stated_count_needs_the_size_to_agree(written):
    size = 101 * len(FRAME)
    right = read_length(written("right.mp3", xing(100, size) + FRAME * 100))
    assert (right.grade, right.ms) == (Grade.EXACT, -(-100 * 1152 * 1000 // 44100))
    for first in (xing(100, None), xing(None, size), xing(7, 7 * 417), xing(0, 0)):
        length = read_length(written("doubt.mp3", first + FRAME * 100))
        assert (length.grade, length.ms) == (Grade.COUNTED, right.ms)


def test_the_older_frame_count_of_fraunhofer_is_read(written):
    body = b"VBRI" + bytes(6) + (101 * 417).to_bytes(4, "big") + (100).to_bytes(4, "big")
    first = FRAME[:36] + body + FRAME[36 + len(body) :]
    assert read_length(written("vbri.mp3", first + FRAME * 100)).grade is Grade.EXACT


def test_a_recording_of_nothing_but_the_encoder_s_silence_is_not_called_exact(written):
    """What a decoder makes of it differs from decoder to decoder."""
    data = bytearray(xing(2, 3 * 417) + FRAME * 2)
    place = data.index(b"Info") if b"Info" in data else data.index(b"Xing")
    body = place + 16  # the number of frames and of bytes
    data[body : body + 9] = b"LAME3.97 "
    delay, padding = 576, 2 * 1152 - 576
    data[body + 21 : body + 24] = (delay << 12 | padding).to_bytes(3, "big")
    length = read_length(written("short.mp3", bytes(data)))
    assert length.grade is Grade.HEADER


def test_silence_that_the_encoder_added_is_not_paid(recording, decoded):
    path = recording("gapless.mp3", "libmp3lame", seconds=3)
    assert abs(Fraction(read_length(str(path)).ms, 1000) - decoded(path)) < Fraction(1, 500)
