"""An object about to be sent: how each fault ends an upload that has not let its last chunk go."""

import hashlib
import io

import pytest

from manifests.stored import Stored
from runner.api.approved import CutError
from runner.api.approved_object import ApprovedObject
from runner.api.interface import NotSent, Order, SourceChanged
from stores import opening
from stores.interface import NoKeys, NotAllowed, StoreDown
from support.s3 import Shelf

BODY = bytes(range(250)) * 400
SPANS = ((100, 50_000), (60_000, 100_000))
HALF = len(BODY) // 2


@pytest.fixture(autouse=True)
def shelf(monkeypatch):
    monkeypatch.setattr("runner.api.approved_object.BLOCK_BYTES", HALF)
    made = Shelf(**{"a.wav": BODY})
    opening.use(made.place, made)
    yield made
    opening.forget()


def order():
    digest = hashlib.sha256(b"".join(BODY[start:end] for start, end in SPANS)).hexdigest()
    return Order("transcription", {}, Stored("s3://shelf/a.wav"), len(BODY), "a.ek.wav", SPANS, digest)


def read_all(wanted=None):
    with ApprovedObject.open(wanted or order()) as source:
        pieces = list(iter(lambda: source.read(1_000), b""))
        source.check()
    return b"".join(pieces)


def cut(ask=read_all):
    with pytest.raises(CutError) as told:
        ask()
    return told.value.outcome


def test_it_is_read_once_whole_and_in_blocks(shelf):
    assert read_all() == BODY
    assert shelf.reads == [("a.wav", 0, HALF), ("a.wav", HALF, len(BODY))]


def test_its_size_is_told_before_it_is_read(shelf):
    with ApprovedObject.open(order()) as source:
        assert source.seek(0, io.SEEK_END) == len(BODY)
        assert source.seek(0) == source.tell() == 0
        source.read(10)
        with pytest.raises(io.UnsupportedOperation):
            source.seek(0)
    assert len(shelf.reads) == 1


def test_other_audio_of_the_same_size_is_cut(shelf):
    shelf.set("a.wav", BODY[:-1] + b"!")
    assert cut() == SourceChanged("s3://shelf/a.wav: its audio is not what was approved")


def test_other_tags_are_none_of_its_business(shelf):
    shelf.set("a.wav", b"!" * 100 + BODY[100:])
    assert len(read_all()) == len(BODY)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda shelf: shelf.set("a.wav", BODY + b"!"), "it had 100000 bytes, now it has 100001"),
        (lambda shelf: shelf.remove("s3://shelf/a.wav"), "it is no longer there"),
        (lambda shelf: (shelf.remove("s3://shelf/a.wav"), shelf.set("a.wav/b", b"")), "no longer an object"),
    ],
    ids=["grown", "gone", "a folder"],
)
def test_what_changed_before_is_cut_before_a_byte_is_read(shelf, change, words):
    change(shelf)
    outcome = cut()
    assert isinstance(outcome, SourceChanged)
    assert words in outcome.reason
    assert not shelf.reads


@pytest.mark.parametrize(
    "now", [BODY[:HALF], BODY[:-10], BODY[:HALF] + bytes(HALF), None], ids=["half", "short", "other", "gone"]
)
def test_what_is_replaced_while_it_is_read_is_cut(shelf, now):
    def replaces(key, start):
        if start:
            shelf.set(key, now) if now is not None else shelf.remove("s3://shelf/a.wav")

    shelf.before_read = replaces
    assert isinstance(cut(), SourceChanged)


def fails(error):
    def failing(_key, start):
        if start:
            raise error

    return failing


@pytest.mark.parametrize("error", [StoreDown("it broke off"), NoKeys("they expired")])
def test_a_store_that_fails_says_nothing_about_the_object(shelf, error):
    shelf.before_read = fails(error)
    assert cut() == NotSent(str(error))


def test_one_that_may_no_longer_be_read_has_changed(shelf):
    shelf.before_read = fails(NotAllowed("s3://shelf/a.wav: closed"))
    assert cut() == SourceChanged("s3://shelf/a.wav: closed")


def test_a_read_that_stopped_short_of_the_end_is_not_sent():
    def stops():
        with ApprovedObject.open(order()) as source:
            source.read(10)
            source.check()

    assert cut(stops) == NotSent("s3://shelf/a.wav: 10 bytes were read of 100000")
