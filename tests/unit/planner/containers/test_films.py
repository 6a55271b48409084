"""Films are known by their marks, and say how much of them is there."""

import io
import struct
from fractions import Fraction

import pytest

from planner.containers.films import FILMS, film_of
from planner.containers.source import Source


def source(data: bytes) -> Source:
    return Source("memory", io.BytesIO(data), len(data))


@pytest.mark.parametrize("mark", [mark for film in FILMS for mark in film.marks])
def test_each_mark_is_known(mark):
    assert film_of(source(mark + bytes(600))).marks


TRANSPORT = b"G" + bytes(187)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (TRANSPORT * 3, "mpegts"),
        ((bytes(4) + TRANSPORT) * 3, "mpegts"),
        ((TRANSPORT + bytes(16)) * 3, "mpegts"),
        (TRANSPORT * 2 + bytes(188), None),
        (b"G" * 100, None),
        (b"RIFF1234AVI LIST", "avi"),
        (b"RIFF1234WAVEfmt ", None),
        (b"\x56\xe0\x04abcd" * 3, "latm"),
        (b"\x56\xe0\x04abcd" * 2, None),
        (bytes(4) + b"\xf8\x72\x6f\xba", "truehd"),
        (b"FORM1234AIFF", None),
        (b"ID3", None),
    ],
)
def test_content_decides(data, name):
    film = film_of(source(data))
    assert (film.name if film else None) == name


def matroska(size: bytes, there: int) -> bytes:
    return b"\x1a\x45\xdf\xa3\x80" + b"\x18\x53\x80\x67" + size + bytes(there)


def flash(stated: int) -> bytes:
    piece = bytes([8, 0, 0, 100]) + bytes(7) + bytes(100)
    return b"FLV\x01" + bytes(9) + piece + struct.pack(">I", stated)


@pytest.mark.parametrize(
    ("data", "share"),
    [
        (matroska(b"\x40\xc8", 200), 1),
        (matroska(b"\x40\xc8", 100), Fraction(111, 211)),
        (matroska(b"\x01" + b"\xff" * 7, 100), None),
        (matroska(b"\xff", 100), None),
        (b"\x1a\x45\xdf\xa3\x80", None),
        (b"RIFF\x64\0\0\0AVI " + bytes(96), 1),
        (b"RIFF\xc8\0\0\0AVI " + bytes(92), Fraction(1, 2)),
        (b"RIFF\x04\0\0\0AVI RIFF\xc8\0\0\0AVIX", Fraction(24, 220)),
        (b"RIFF\x04\0\0\0AVI idx1", 1),
        (b"RIFF\0\0\0\0AVI " + bytes(92), None),
        (flash(111), None),
        (flash(112), Fraction(128, 129)),
    ],
)
def test_how_much_is_there(data, share):
    file = source(data)
    assert film_of(file).share(file) == share
