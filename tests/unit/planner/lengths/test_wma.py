"""WMA: the header's time stands if packets, sizes and the last packet agree."""

import io
import struct

import pytest

from manifests.length import Grade
from planner.containers import asf
from planner.containers.source import Source
from planner.leftout import Reason, Unreadable
from planner.lengths.registry import read_length
from planner.lengths.wma import Wma

WMA = {"container": "asf", "rate": 44_100, "bit_rate": 64_000}
PACKET = 100


def thing(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<Q", 24 + len(body)) + body


def packet(begin: int, duration: int) -> bytes:
    """Error correction of two bytes, no lengths, padding of one byte, then the times."""
    return (b"\x82\0\0" + b"\x08\x5d" + b"\0" + struct.pack("<IH", begin, duration)).ljust(PACKET, b"\0")


def made(
    *packets: bytes, seconds: float = 10, stated: int | None = None, flags: int = 2, stream=asf.SOUND
) -> bytes:
    play = int(seconds * 1e7) + 30_000_000
    count = len(packets) if stated is None else stated
    fields = (bytes(16), 0, 0, count, play, play, 3000, flags, PACKET, PACKET, 0)
    inside = thing(asf.PROPERTIES, struct.pack("<16sQQQQQQIIII", *fields)) + thing(
        asf.STREAM, stream + bytes(38)
    )
    head = asf.MARK + struct.pack("<QIBB", 30 + len(inside), 2, 1, 2) + inside
    return head + asf.DATA + struct.pack("<Q", 50) + bytes(26) + b"".join(packets)


def length(data: bytes):
    return Wma().length(Source("memory", io.BytesIO(data), len(data), local=False))


def test_a_header_that_the_last_packet_confirms_stands():
    found = length(made(packet(0, 5000), packet(5000, 5000)))
    assert (found.ms, found.grade) == (10_000, Grade.HEADER)


@pytest.mark.parametrize(
    "doubtful",
    [
        made(packet(0, 5000), packet(5000, 5000), seconds=100),
        made(packet(0, 5000), packet(50_000, 5000)),
        made(packet(0, 5000), flags=1),
        made(packet(0, 5000), stated=0, seconds=0),
        made(packet(0, 5000), stream=asf.SOUND)[:-PACKET] + bytes(PACKET),
    ],
)
def test_in_doubt_packets_are_counted(doubtful):
    with pytest.raises(Unreadable, match="from files only"):
        length(doubtful)


def test_what_a_pipe_left_out_is_counted(recording, written, decoded, close_to):
    path = recording("a.wma", "wmav2", **WMA)
    data = bytearray(path.read_bytes())
    place = data.find(asf.PROPERTIES) + 24
    data[place + 32 : place + 56] = bytes(24)
    data[place + 64] |= asf.BROADCAST
    found = read_length(written("piped.wma", bytes(data)))
    assert found.grade is Grade.COUNTED
    assert close_to(found.ms, decoded(path))


@pytest.mark.parametrize(
    ("data", "reason", "says"),
    [
        (made(packet(0, 5000), stated=4), Reason.TRUNCATED, "cut off at 0:02 of 0:10"),
        (made(packet(0, 10_000))[:150], Reason.TRUNCATED, "before its sound begins"),
        (made(stream=asf.PICTURES), Reason.NOT_AUDIO, "a video without sound"),
        (made(stream=bytes(16)), Reason.NOT_AUDIO, "no sound in it"),
        (made(packet(0, 10_000)).replace(asf.DATA, bytes(16)), Reason.DAMAGED, "cannot be followed"),
    ],
)
def test_what_is_broken_is_named(data, reason, says):
    with pytest.raises(Unreadable, match=says) as caught:
        length(data)
    assert caught.value.reason is reason
