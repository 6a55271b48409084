"""AIFF: stated frames, confirmed by the bytes of sound."""

import struct

import pytest

from manifests.length import Grade
from planner.leftout import Reason, Unreadable
from planner.lengths.registry import read_length

RATE_8000 = bytes.fromhex("400bfa00000000000000")
SECOND = bytes(range(1, 251)) * 64


def aiff(
    frames: int,
    sound: bytes,
    stated: int | None = None,
    kind: bytes = b"",
    rate: bytes = RATE_8000,
    channels: int = 1,
) -> bytes:
    comm = struct.pack(">hLh", channels, frames, 16) + rate + (kind + b"\0\0" if kind else b"")
    size = len(sound) + 8 if stated is None else stated
    body = b"AIFC" if kind else b"AIFF"
    body += (
        b"COMM" + struct.pack(">I", len(comm)) + comm + b"SSND" + struct.pack(">I", size) + bytes(8) + sound
    )
    return b"FORM" + struct.pack(">I", len(body)) + body


def test_stated_and_there_is_exact(written):
    length = read_length(written("a.aiff", aiff(24_000, SECOND * 3)))
    assert (length.grade, length.ms) == (Grade.EXACT, 3000)


@pytest.mark.parametrize(
    ("kind", "width"), [(b"sowt", 2), (b"fl32", 4), (b"fl64", 8), (b"ulaw", 1), (b"NONE", 2)]
)
def test_the_uncompressed_kinds_of_aifc(written, kind, width):
    assert read_length(written("a.aifc", aiff(8000, bytes(8000 * width), kind=kind))).grade is Grade.EXACT


@pytest.mark.parametrize(("frames", "stated"), [(0, 0), (0, None), (0, 8)])
def test_a_file_written_into_a_pipe_counts_up_to_its_end(written, frames, stated):
    length = read_length(written("piped.aiff", aiff(frames, SECOND * 3, stated)))
    assert (length.grade, length.ms) == (Grade.COUNTED, 3000)


def test_a_cut_file_says_how_much_is_there(written):
    with pytest.raises(Unreadable, match="cut off at 0:03 of 0:09") as caught:
        read_length(written("cut.aiff", aiff(72_000, SECOND * 3, 16_000 * 9 + 8)))
    assert caught.value.reason is Reason.TRUNCATED


def test_more_sound_than_stated_is_an_interval(written):
    length = read_length(written("odd.aiff", aiff(8000, SECOND * 3)))
    assert (length.grade, length.low_ms, length.high_ms) == (Grade.ESTIMATED, 1000, 3000)
    assert read_length(written("sloppy.aiff", aiff(24_010, SECOND * 3))).ms == 3002


def test_compressed_kinds_go_to_soundfile(recording, decoded, close_to, written):
    with pytest.raises(Unreadable):
        read_length(written("a.aifc", aiff(8000, bytes(8000), kind=b"QDM2")))
    path = recording("ima.aifc", "adpcm_ima_qt", container="aiff")
    length = read_length(str(path))
    assert length.grade is Grade.HEADER
    assert close_to(length.ms, decoded(path))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"FORM\0\0\0\0AIFF", Reason.DAMAGED),
        (b"FORM\0\0\0\0AIFFCOMM\0\0\0\x04abcd", Reason.DAMAGED),
        (aiff(8000, SECOND, rate=bytes(10)), Reason.DAMAGED),
        (aiff(8000, SECOND, channels=0), Reason.DAMAGED),
        (aiff(8000, SECOND)[:40], Reason.TRUNCATED),
    ],
    ids=["only a form", "short format", "rate 0", "no channels", "no sound"],
)
def test_what_is_missing_is_told(written, data, reason):
    with pytest.raises(Unreadable) as caught:
        read_length(written("bad.aiff", data))
    assert caught.value.reason is reason
