"""A probe sees what a later probe must compare."""

import hashlib
import os
import shutil
from pathlib import Path

import pytest

from manifests.content import SpanHasher, print_of
from planner.leftout import Reason, Unreadable
from planner.probe import Probe, probe, sha256

EXAMPLES = Path(__file__).parents[3] / "examples"


@pytest.fixture
def copy(tmp_path):
    return Path(shutil.copy2(EXAMPLES / "podcasts/ep01.mp3", tmp_path))


def test_a_probe_is_size_print_time_and_spans(copy):
    data = copy.read_bytes()
    middle = len(data) // 2 - 2048
    seen = probe(str(copy))
    assert seen.size == len(data)
    assert seen.mtime_ns == copy.stat().st_mtime_ns
    assert seen.print == print_of(len(data), data[:4096], data[middle : middle + 4096], data[-4096:])
    assert seen.audio_bytes == sum(end - start for start, end in seen.spans) < seen.size


def test_touching_a_file_changes_only_its_time(copy):
    before = probe(str(copy))
    os.utime(copy, ns=(1, 1))
    after = probe(str(copy))
    assert (after.print, after.size, after.spans) == (before.print, before.size, before.spans)
    assert after.mtime_ns == 1 != before.mtime_ns


@pytest.mark.parametrize("place", [0, 77_000, -1])
def test_a_change_at_start_middle_or_end_changes_the_print(copy, place):
    before, data = probe(str(copy)), bytearray(copy.read_bytes())
    data[place] ^= 1
    copy.write_bytes(data)
    assert probe(str(copy)).print != before.print


def test_the_digest_is_what_the_runner_sees_while_it_uploads(copy):
    spans = probe(str(copy)).spans
    hasher = SpanHasher(spans)
    with copy.open("rb") as file:
        while piece := file.read(10_007):
            hasher.update(piece)
    assert sha256(str(copy), spans) == hasher.hexdigest()


def test_the_digest_of_no_span_is_that_of_nothing(copy):
    assert sha256(str(copy), ()) == hashlib.sha256().hexdigest()


def test_large_files_are_read_in_pieces(tmp_path):
    path = tmp_path / "large"
    path.write_bytes(b"x" * 3_000_000)
    assert sha256(str(path), ((1, 2_500_000),)) == hashlib.sha256(b"x" * 2_499_999).hexdigest()


def test_a_file_that_became_shorter_is_an_error(copy):
    spans = probe(str(copy)).spans
    copy.write_bytes(copy.read_bytes()[:1000])
    with pytest.raises(Unreadable, match="became shorter") as caught:
        sha256(str(copy), spans)
    assert caught.value.reason is Reason.TRUNCATED


@pytest.mark.parametrize("look", [probe, lambda path: sha256(path, ((0, 1),))])
def test_a_file_that_vanished_or_is_none_is_an_error(tmp_path, look):
    with pytest.raises(Unreadable, match="no longer there"):
        look(str(tmp_path / "gone.mp3"))
    with pytest.raises(Unreadable, match="a folder, not a file"):
        look(str(tmp_path))


def test_text_and_empty_files_have_probes_too(tmp_path):
    path = tmp_path / "empty"
    path.write_bytes(b"")
    assert probe(str(path)) == Probe(0, print_of(0, b"", b"", b""), path.stat().st_mtime_ns, ((0, 0),))
