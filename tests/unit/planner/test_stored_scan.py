"""Objects looked at: few bytes of each, side by side, and only once as long as they stay what they are."""

import random

import av
import pytest

from planner import survey
from planner.leftout import LeftOut, Reason
from planner.recording import Recording
from planner.roots import Root
from planner.scanner import Scan
from planner.stored_scan import StoredScan
from planner.stored_walk import all_runs
from planner.walk import run_of
from planner.wanted import Skipping
from stores import opening
from stores.interface import NoKeys, NotAllowed, StoreDown
from support.file_server import wave
from support.s3 import Shelf

NOBODY = Skipping(lambda _path: False)


@pytest.fixture
def shelf():
    made = Shelf()
    opening.use(made.place, made)
    yield made
    opening.forget()


@pytest.fixture
def scanned(tmp_path):
    def scan(*roots):
        root = Root("s3://shelf")
        scanner = StoredScan(Scan(1, root), root, str(tmp_path / ".earmark"), "scan", at_once=4)
        return list(scanner.surveys(all_runs(roots or ["s3://shelf"], (), (), NOBODY)))

    return scan


def test_the_same_is_found_as_on_a_disk(shelf, scanned, tmp_path):
    (tmp_path / "a.wav").write_bytes(wave(75))
    shelf.set("a.wav", wave(75))
    (found,) = scanned()
    here = survey.survey(str(tmp_path / "a.wav"))
    assert isinstance(found, Recording)
    assert found.path == "s3://shelf/a.wav"
    assert (found.size, found.print, found.length, found.audio_bytes) == (
        here.size,
        here.print,
        here.length,
        here.audio_bytes,
    )


def test_a_large_object_is_not_read_whole(shelf, scanned):
    shelf.set("a.wav", wave(3_600))
    scanned()
    assert sum(end - start for _, start, end in shelf.reads) < 200_000 < len(shelf.objects["a.wav"])
    assert len(shelf.reads) <= 3


@pytest.mark.parametrize(
    ("kind", "codec"), [("matroska", "pcm_s16le"), ("webm", "libopus"), ("wav", "adpcm_ms")]
)
def test_what_libraries_read_of_a_file_they_read_of_an_object(shelf, scanned, tmp_path, kind, codec):
    path = tmp_path / "a.film"
    with av.open(path, "w", format=kind) as container:
        stream = container.add_stream(codec, rate=48_000, layout="mono")
        resampler = av.AudioResampler(stream.codec_context.format, "mono", 48_000, stream.frame_size or 1_024)
        frame = av.AudioFrame("s16", "mono", 48_000 * 3)
        frame.planes[0].update(bytes(2 * 48_000 * 3))
        frame.sample_rate = 48_000
        for each in (*resampler.resample(frame), *resampler.resample(None)):
            container.mux(stream.encode(each))
        container.mux(stream.encode(None))
    shelf.set("a.film", path.read_bytes())
    (found,) = scanned()
    assert isinstance(found, Recording)
    assert found.length == survey.survey(str(path)).length
    assert found.length.ms >= 3_000


def test_answers_come_in_the_order_of_the_walk(shelf, scanned):
    for number in range(200):
        shelf.set(f"{number:03}.wav", wave(1 + number % 3))
    shelf.set("100.wav", b"no sound")
    found = scanned()
    assert [each.path for each in found] == [f"s3://shelf/{number:03}.wav" for number in range(200)]
    assert isinstance(found[100], LeftOut)


def test_what_is_as_it_was_is_not_read_again(shelf, scanned):
    for number in range(5):
        shelf.set(f"{number}.wav", wave(1))
    first = scanned()
    shelf.reads.clear()
    assert scanned() == first
    assert not shelf.reads
    shelf.set("3.wav", wave(2))
    again = scanned()
    assert {key for key, _, _ in shelf.reads} == {"3.wav"}
    assert [each for each in again if each not in first] == [again[3]]
    assert again[3].length.ms == 2_000


def test_one_that_cannot_be_read_is_left_out_and_asked_for_again(shelf, scanned):
    for number in range(3):
        shelf.set(f"{number}.wav", wave(1))

    def breaks(key, _start):
        if key == "1.wav":
            raise StoreDown("s3://shelf/1.wav: it broke off")

    shelf.before_read = breaks
    found = scanned()
    assert found[1] == LeftOut("s3://shelf/1.wav", Reason.UNREADABLE, "it broke off")
    shelf.before_read = lambda _key, _start: None
    assert isinstance(scanned()[1], Recording)


def test_a_store_that_went_down_ends_the_plan(shelf, scanned):
    for number in range(100):
        shelf.set(f"{number:03}.wav", wave(1))

    def breaks(key, _start):
        raise StoreDown(f"s3://shelf/{key}: it broke off")

    shelf.before_read = breaks
    with pytest.raises(StoreDown, match="32 objects in a row could not be read: it broke off"):
        scanned()


def test_many_objects_in_a_row_that_may_not_be_read_are_left_out_one_by_one(shelf, scanned):
    for number in range(50):
        shelf.set(f"{number:02}.wav", wave(1))

    def archived(key, _start):
        if key != "49.wav":
            raise NotAllowed("it lies in an archive: restore it")

    shelf.before_read = archived
    *left, kept = scanned()
    assert {each.detail for each in left} == {"it lies in an archive: restore it"}
    assert (len(left), kept.path) == (49, "s3://shelf/49.wav")


def test_credentials_that_ran_out_end_the_plan(shelf, scanned):
    shelf.set("a.wav", wave(1))

    def refused(_key, _start):
        raise NoKeys("they ran out")

    shelf.before_read = refused
    with pytest.raises(NoKeys):
        scanned()


def test_one_that_vanished_since_the_list_is_left_out(shelf, scanned):
    shelf.set("a.wav", wave(1))
    shelf.before_read = lambda key, _start: shelf.objects.pop(key)
    assert scanned() == [LeftOut("s3://shelf/a.wav", Reason.VANISHED, "no longer there")]


def test_digests_are_taken_once_and_are_those_of_a_disk(shelf, scanned, tmp_path, monkeypatch):
    shelf.set("a.wav", wave(5))
    shelf.set("b.wav", wave(6))
    recordings = list(enumerate(scanned()))
    root = Root("s3://shelf")
    scanner = StoredScan(Scan(1, root), root, str(tmp_path / ".earmark"), "scan")
    with monkeypatch.context() as patch:  # the list told all that is asked: bytes alone are fetched
        patch.setattr(Shelf, "about", lambda _self, url: pytest.fail(f"{url} was asked about"))
        first = dict(scanner.digests(recordings))
    (tmp_path / "a.wav").write_bytes(wave(5))
    assert first[0] == survey.digest(survey.survey(str(tmp_path / "a.wav")))
    shelf.reads.clear()
    assert dict(scanner.digests(recordings)) == first
    assert not shelf.reads


def test_files_and_objects_are_looked_at_in_one_plan(shelf, tmp_path):
    shelf.set("a.wav", wave(5))
    (tmp_path / "b.wav").write_bytes(wave(6))
    root = Root(str(tmp_path))
    scanner = StoredScan(Scan(1, root), root, None, "scan")
    runs = [run_of(str(tmp_path / "b.wav")), run_of("s3://shelf/a.wav")]
    found = list(scanner.surveys(runs))
    assert [each.path for each in found] == [str(tmp_path / "b.wav"), "s3://shelf/a.wav"]
    assert dict(scanner.digests(enumerate(found))).keys() == {0, 1}
    heard = dict(scanner.listens(enumerate(found)))
    assert heard.keys() == {0, 1}
    assert all(each.places for each in heard.values())


def test_a_walk_through_much_of_an_object_reads_ahead(shelf):
    from planner.containers.stored import StoredSource

    body = random.Random(1).randbytes(10_000_000)
    shelf.set("a.bin", body)
    with StoredSource("s3://shelf/a.bin") as source:
        found = b"".join(source.at(offset, 1_000) for offset in range(0, len(body), 1_000))
    assert found == body
    assert len(shelf.reads) < 20
