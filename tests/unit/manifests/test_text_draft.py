"""A manifest whose lines are written before its head is known."""

import errno
import os
from pathlib import Path

import pytest

from manifests import text_draft
from manifests.errors import MachineError
from manifests.manifest import total
from manifests.text import Draft, read_manifest, write_manifest


@pytest.mark.parametrize("in_memory", [1, 1_000_000])
def test_it_makes_the_same_file_as_a_manifest_written_at_once(tmp_path, head, item, monkeypatch, in_memory):
    monkeypatch.setattr(text_draft, "IN_MEMORY_BYTES", in_memory)
    items = [item(f"{number}.mp3") for number in range(5)]
    draft = Draft(tmp_path / "m.yaml")
    draft.add(items[:2])
    draft.add(items[2:])
    draft.write(head(items))
    draft.close()
    written = (tmp_path / "m.yaml").read_bytes()
    write_manifest(tmp_path / "m.yaml", head(items), items)
    assert written == (tmp_path / "m.yaml").read_bytes()
    assert read_manifest(tmp_path / "m.yaml").items == tuple(items)


def test_nothing_is_there_before_it_is_written(tmp_path, item):
    draft = Draft(tmp_path / "m.yaml")
    draft.add([item()])
    draft.close()
    assert list(tmp_path.iterdir()) == []


def test_a_head_that_counts_other_lines_is_refused(tmp_path, head, item):
    draft = Draft(tmp_path / "m.yaml")
    draft.add([item()])
    with pytest.raises(ValueError, match="but 1 items"):
        draft.write(head(total=total([item(), item("b.mp3")])))
    draft.close()
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_says_where_room_is_needed(tmp_path, item, monkeypatch):
    draft = Draft(tmp_path / "m.yaml")

    def full(_lines):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(draft._lines, "write", full)
    with pytest.raises(
        MachineError, match="No space left on device; a plan is written there first: make room"
    ):
        draft.add([item()])
    draft.close()


def test_a_disk_that_takes_all_but_the_last_lines_is_full_too(tmp_path, head, item, monkeypatch):
    full = Path("/dev/full")
    monkeypatch.setattr(text_draft.tempfile, "SpooledTemporaryFile", lambda _size: full.open("w+b"))
    draft = Draft(tmp_path / "m.yaml")
    draft.add([item()])  # buffered
    with pytest.raises(MachineError, match="a plan is written there first: make room"):
        draft.write(head([item()]))
    draft.close()
    assert list(tmp_path.iterdir()) == []
