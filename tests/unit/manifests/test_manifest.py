from fractions import Fraction

import msgspec
import pytest

from manifests import catalogue
from manifests.length import Basis, Grade
from manifests.manifest import VERSION, Item, Manifest, total


def test_an_items_lengths_are_milliseconds(item):
    assert item(seconds=1834.21).ms == 1834210
    assert item(seconds=1834.21).longest_ms == 1834310
    assert item(seconds=100.0, grade=Grade.HEADER).longest_ms == 101_000
    assert item(seconds=181.5, grade=Grade.ESTIMATED, longest=196.25).longest_ms == 196250


def test_an_interval_without_its_end_has_no_longest(item):
    with pytest.raises(ValueError, match="needs its upper end"):
        _ = item(grade=Grade.ESTIMATED, cents=1).longest_ms


def test_an_items_prices_follow_from_its_length(item):
    transcription, stems = (catalogue.load().product(name) for name in ("transcription", "stems:six"))

    assert item(seconds=1834.21).cost(transcription).cents == (31, 31)
    assert item(seconds=1512.0, grade=Grade.HEADER).cost(stems).cents == (252, 255)
    assert item(seconds=60.0).cost(transcription, Fraction(2)).cents == (2, 3)


def test_a_path_that_is_no_utf8_is_its_bytes(item):
    assert item("talks/ep1.mp3").path == "talks/ep1.mp3"
    assert item("caf�", file_bytes=b"caf\xe9".hex()).path == "caf\udce9"


def test_items_do_not_change(item):
    with pytest.raises(AttributeError):
        item().cents = 1


def test_fields_that_say_nothing_are_not_written(item):
    written = msgspec.json.decode(msgspec.json.encode(item()))
    assert list(written) == ["file", "service", "seconds", "grade", "cents", "ceiling", "size", "print"]


def test_the_defaults_are_the_usual_case(item):
    plain = item()
    assert (plain.options, plain.basis, plain.generation, plain.paid) == ({}, Basis.INPUT, 0, False)
    assert (
        plain.longest is plain.file_bytes is plain.sha256 is plain.result is plain.needs is plain.note is None
    )


def test_items_do_not_share_a_default(item):
    assert item().options is not item().options


def test_totals_are_sums(item, head):
    items = (item(), item("songs/a.flac", "stems:six", seconds=243.6), item("b.mp3", paid=True))
    assert msgspec.structs.astuple(total(items)) == (3, 3913, 31 + 41, 31 + 41, 0, 0)
    assert Manifest(head(items), items).ceiling == 72
    assert msgspec.structs.astuple(total([])) == (0, 0, 0, 0, 0, 0)


def test_a_head_is_of_this_version(head):
    assert head().version == VERSION == 1


def test_an_item_refuses_fields_that_it_does_not_know():
    with pytest.raises(msgspec.ValidationError, match="unknown field"):
        msgspec.json.decode(b'{"file": "a", "fiel": "b"}', type=Item)
