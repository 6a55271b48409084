"""Results kept in a store: whole under their names, or not at all."""

import hashlib

import pytest

from manifests.errors import MachineError
from manifests.stored import Stored
from runner import stored_results
from runner.points import Point, nowhere
from stores import opening
from stores.interface import About, NotAllowed, StoreDown
from support.s3 import Shelf

OUTPUT = Stored("s3://shelf/out")


@pytest.fixture(autouse=True)
def shelf():
    made = Shelf()
    opening.use(made.place, made)
    yield made
    opening.forget()


@pytest.fixture
def part(tmp_path):
    (tmp_path / "part").write_bytes(b"result")
    return tmp_path / "part"


def test_a_result_gets_its_name_when_it_is_whole(shelf, part):
    seen = []

    def look(point):
        seen.append((point, shelf.has("s3://shelf/out/a.txt")))

    stored_results.store_file(part, OUTPUT / "a.txt", OUTPUT, look)
    assert seen == [(Point.DOWNLOADED, False), (Point.RENAMED, True)]
    assert shelf.objects == {"out/a.txt": b"result"}


def test_what_is_cut_on_its_way_never_has_the_name(shelf, part, monkeypatch):
    def cuts(self, source, url):
        self.set(self.key(url), source.read_bytes()[:3])
        raise StoreDown(f"{url}: 3 bytes of 6 are there")

    monkeypatch.setattr(Shelf, "put", cuts)
    with pytest.raises(MachineError, match=r"out/a.txt cannot be written: .*3 bytes of 6.*nothing is lost"):
        stored_results.store_file(part, OUTPUT / "a.txt", OUTPUT, nowhere)
    assert "out/a.txt" not in shelf.objects


def test_another_size_in_the_end_is_an_error(shelf, part, monkeypatch):
    monkeypatch.setattr(Shelf, "about", lambda _self, _url: About(5))
    with pytest.raises(MachineError, match="5 bytes of 6 are there"):
        stored_results.store_file(part, OUTPUT / "a.txt", OUTPUT, nowhere)


def test_old_parts_are_swept_away_and_young_ones_stay(shelf):
    shelf.set("out/.earmark-parts/1", b"x")
    shelf.set("out/a.txt", b"x")
    stored_results.sweep(OUTPUT, 1_600_000_000)
    assert len(shelf.objects) == 2
    stored_results.sweep(OUTPUT, 1_800_000_000)
    assert list(shelf.objects) == ["out/a.txt"]


def test_the_folder_is_marked_and_its_mark_is_no_proof_that_it_takes_more(shelf, monkeypatch):
    def refuses(_self, _source, url):
        raise NotAllowed(f"{url}: the credentials of this environment do not open it (Access Denied)")

    stored_results.check_writable(OUTPUT)
    assert list(shelf.objects) == ["out/.earmark-results"]
    monkeypatch.setattr(Shelf, "put", refuses)
    with pytest.raises(MachineError, match=r"s3://shelf/out/.earmark-results cannot be written: .*Denied"):
        stored_results.check_writable(OUTPUT)


def test_a_digest_is_that_of_the_bytes(shelf, part, monkeypatch):
    monkeypatch.setattr(stored_results, "BLOCK_BYTES", 4)
    shelf.set("out/a.txt", b"result")
    digest = hashlib.sha256(b"result").hexdigest()
    assert stored_results.digest_at(OUTPUT / "a.txt") == stored_results.digest_at(part) == digest


def test_a_store_that_does_not_say_is_asked_again_by_runs_and_believed_by_reports(shelf, monkeypatch, part):
    def down(_self, url):
        raise StoreDown(url)

    shelf.set("out/a.txt", b"x")
    assert stored_results.is_there(OUTPUT / "a.txt")
    assert not stored_results.is_there(OUTPUT / "b.txt")
    assert stored_results.is_there(part)
    assert stored_results.seems_there(str(part))
    assert not stored_results.seems_there("s3://shelf/out/b.txt")
    monkeypatch.setattr(Shelf, "has", down)
    with pytest.raises(StoreDown):
        stored_results.is_there(OUTPUT / "a.txt")
    assert stored_results.seems_there("s3://shelf/out/a.txt")
