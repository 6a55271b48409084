import errno
import os

import pytest

from planner.inputs import Passage
from planner.stock import BLOCK, Stock


def passage(path):
    return Passage(path, 9, 1, "print", "sha", 9, 0, 0, 0, "", "nine char", "1/2", (0, 9))


@pytest.fixture
def inputs(recording):
    """More than two blocks, of several kinds, one of them with a path that is no UTF-8."""
    many = [recording(f"{number}.mp3", ms=number + 1) for number in range(2 * BLOCK)]
    return [*many[:3], passage("/media/a.txt"), *many[3:], recording("odd\udcff.mp3", video=True)]


@pytest.mark.parametrize("sizes", [(9, 0), (0, 1), (BLOCK + 1, 1_000_000), (9999, 0)])
def test_what_comes_out_is_what_went_in_as_often_as_one_asks(inputs, sizes):
    stock = Stock(inputs, objects=sizes[0], in_memory=sizes[1])
    assert len(stock) == len(inputs)
    assert list(stock) == list(stock) == inputs
    assert [stock[number] for number in range(-1, len(inputs))] == [inputs[-1], *inputs]
    for piece in (slice(BLOCK - 2, BLOCK + 2), slice(5, 1), slice(-3, None), slice(None, None, 200)):
        assert stock[piece] == inputs[piece]
    assert list(stock.audio_bytes) == [1000, 1000, 1000, 0, *[1000] * (len(inputs) - 4)]


def test_there_is_nothing_behind_the_last(inputs):
    with pytest.raises(IndexError):
        Stock(inputs)[len(inputs)]


def test_some_can_be_left_out(inputs):
    left = Stock(inputs, objects=3).without({0, 3, BLOCK})
    assert list(left) == [one for number, one in enumerate(inputs) if number not in {0, 3, BLOCK}]


def test_a_full_disk_loses_nothing(inputs, monkeypatch):
    stock, write = Stock(objects=0, in_memory=0), os.pwrite
    stock.extend(inputs[: BLOCK + 1])
    monkeypatch.setattr(os, "pwrite", lambda file, piece, place: write(file, piece[:9], place))
    stock.extend(inputs[BLOCK + 1 :])
    assert list(stock) == inputs


def test_a_disk_that_takes_no_file_leaves_all_in_memory(inputs, monkeypatch):
    def refuse(**_options):
        raise OSError(errno.EROFS, "read-only")

    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    assert list(Stock(inputs, objects=0, in_memory=0)) == inputs
