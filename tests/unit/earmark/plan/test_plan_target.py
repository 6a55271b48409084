import os

import pytest

from earmark.plan_target import check_target
from manifests.errors import MachineError, UsageError
from manifests.length import Grade
from manifests.manifest import Head, Item, total
from manifests.money import Rate
from manifests.text import write_manifest


def none_unfinished(_manifest_id):
    return 0


@pytest.fixture
def manifest(tmp_path):
    """A manifest of one item that lies at its place."""
    item = Item("a.mp3", "transcription", 60.0, Grade.EXACT, 1, 2, 9, "0123456789ab")
    head = Head(
        "7c0e5a41d2f94b6b",
        "2026-11-23T05:00:00Z",
        ".",
        "2026-05-22",
        {"transcription": Rate(1)},
        total([item]),
    )
    path = tmp_path / "manifest.yaml"
    write_manifest(path, head, [item])
    return path


def check(path, unfinished=none_unfinished, *, force=False):
    check_target(str(path), unfinished, force=force)


def test_a_new_file_and_an_empty_one_are_fine(tmp_path):
    check(tmp_path / "new.yaml")
    (tmp_path / "empty.yaml").touch()
    check(tmp_path / "empty.yaml")


def test_a_name_without_a_folder_is_fine(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    check("manifest.yaml")


def test_a_finished_manifest_may_be_written_over(manifest):
    check(manifest)


def test_a_manifest_with_unfinished_purchases_is_kept(manifest):
    asked = []

    def unfinished(manifest_id):
        asked.append(manifest_id)
        return 3

    with pytest.raises(UsageError, match=r"has 3 unfinished purchases: .* or add --force"):
        check(manifest, unfinished)
    assert asked == ["7c0e5a41d2f94b6b"]
    check(manifest, unfinished, force=True)


def test_another_file_is_kept(tmp_path):
    path = tmp_path / "notes.yaml"
    path.write_text("dear: diary\n")
    with pytest.raises(UsageError, match=r"is there and is no manifest of ours .* or add --force"):
        check(path)
    check(path, force=True)


@pytest.mark.parametrize("force", [True, False])
@pytest.mark.parametrize(
    ("name", "words"),
    [("", "is a folder: name a file"), ("sub/", "is a folder"), ("a/b.yaml", "no such folder")],
)
def test_a_place_that_is_none_is_refused_even_by_force(tmp_path, name, words, force):
    with pytest.raises(UsageError, match=words):
        check_target(f"{tmp_path}/{name}", none_unfinished, force=force)


def test_an_empty_name_is_refused():
    with pytest.raises(UsageError, match="-o is empty"):
        check_target(" ", none_unfinished, force=True)


def test_a_device_or_pipe_is_never_replaced(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", os.devnull):
        with pytest.raises(UsageError, match="is no plain file"):
            check(path, force=True)


def test_a_folder_that_may_not_be_written_is_this_machines_trouble(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda _path, _mode: False)
    with pytest.raises(MachineError, match="may not be written: name another file with -o"):
        check(tmp_path / "manifest.yaml")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(MachineError, match=r"^this folder may not be written"):
        check("manifest.yaml")
