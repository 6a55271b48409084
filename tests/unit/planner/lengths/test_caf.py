"""CAF: bytes of sound, or a table of packets whose sizes must add up."""

import io
import struct

import pytest

from manifests.length import Grade
from planner.containers.source import Source
from planner.leftout import Reason, Unreadable
from planner.lengths.caf import Caf
from planner.lengths.registry import read_length


def chunk(name: bytes, body: bytes, stated: int | None = None) -> bytes:
    return name + struct.pack(">q", len(body) if stated is None else stated) + body


def described(rate: float = 8000, size: int = 2, frames: int = 1, kind: bytes = b"lpcm") -> bytes:
    return chunk(b"desc", struct.pack(">d4sIIIII", rate, kind, 0, size, frames, 1, 16))


def sound(count: int, stated: int | None = None) -> bytes:
    return chunk(b"data", bytes(4 + count), stated)


def table(packets: int, valid: int, before: int, after: int, sizes: bytes) -> bytes:
    return chunk(b"pakt", struct.pack(">qqii", packets, valid, before, after) + sizes)


def length(*chunks: bytes):
    data = b"caff\0\1\0\0" + b"".join(chunks)
    return Caf().length(Source("memory", io.BytesIO(data), len(data), local=False))


def test_packets_of_one_size_by_the_bytes():
    assert (length(described(), sound(16_000)).ms, length(described(), sound(16_000)).grade) == (
        1000,
        Grade.EXACT,
    )
    blocks = length(described(size=34, frames=64, kind=b"ima4"), sound(34 * 125))
    assert (blocks.ms, blocks.grade) == (1000, Grade.EXACT)


def test_packets_of_one_size_are_not_believed_of_codecs_that_have_none():
    with pytest.raises(Unreadable, match="from files only"):
        length(described(size=1, frames=4096, kind=b"alac"), sound(300))


def test_sound_up_to_the_end_is_counted():
    assert length(described(), sound(16_000, stated=-1)).grade is Grade.COUNTED


def test_a_table_that_adds_up_is_exact():
    sizes = bytes([0x81, 0x48, 100])  # 200 bytes, 100 bytes
    found = length(described(size=0, frames=4096), sound(300), table(2, 8000, 100, 92, sizes))
    assert (found.ms, found.grade) == (1000, Grade.EXACT)


@pytest.mark.parametrize(
    "doubtful",
    [
        (sound(300), table(2, 8000, 100, 92, bytes([100, 100]))),
        (sound(300), table(2, 9000, 100, 92, bytes([0x81, 0x48, 100]))),
        (sound(300), table(3, 8000, 100, 92, bytes([0x81, 0x48, 100]))),
        (sound(300),),
        (sound(300), chunk(b"pakt", b"short")),
        (sound(300), table(2, 8192, 0, 0, bytes([0x81, 0x48, 100]))),
    ],
)
def test_in_doubt_packets_are_counted(doubtful):
    with pytest.raises(Unreadable, match="from files only"):
        length(described(size=0, frames=4096), *doubtful)


@pytest.mark.parametrize(
    ("chunks", "reason", "says"),
    [
        ((described(), sound(16_000, stated=32_004)), Reason.TRUNCATED, "cut off at 0:01 of 0:02"),
        ((described(),), Reason.TRUNCATED, "before its sound"),
        ((sound(10),), Reason.DAMAGED, "without its format"),
        ((described(rate=0), sound(10)), Reason.DAMAGED, "a rate of zero"),
        ((described(rate=float("nan")), sound(10)), Reason.DAMAGED, "a rate of zero"),
    ],
)
def test_what_is_broken_is_named(chunks, reason, says):
    with pytest.raises(Unreadable, match=says) as caught:
        length(*chunks)
    assert caught.value.reason is reason


def test_what_encoders_write_is_read_as_it_decodes(recording, decoded, close_to):
    """Older ones say nothing of delay and padding in their table; then packets are decoded."""
    path = recording("a.caf", "alac", seconds=3.3)
    found = read_length(str(path))
    assert found.grade in {Grade.EXACT, Grade.COUNTED}
    assert close_to(found.ms, decoded(path))
