"""A memory of files that is carried from checkout to checkout: never one that could come with a checkout."""

import shutil

import pytest

from earmark import main
from earmark.plan_ends import carried_home
from manifests.errors import MachineError, UsageError
from planner.roots import Root
from support.bench import wav


def test_a_folder_of_ones_own_is_made_and_used(tmp_path, monkeypatch, capsys):
    wav(tmp_path / "one/talks/a.wav")
    monkeypatch.setenv("EARMARK_SCAN_CACHE", str(tmp_path / "mine/cache"))
    monkeypatch.chdir(tmp_path / "one")
    words = ["talks", "--service", "transcription", "-q"]
    assert main.through_the_door("plan", lambda: main.load("plan"), words) == 0
    assert not (tmp_path / "one/.earmark/scan").exists()
    before = {path.name for path in (tmp_path / "mine/cache").iterdir()}
    shutil.copytree(tmp_path / "one", tmp_path / "two")
    monkeypatch.chdir(tmp_path / "two")
    assert main.through_the_door("plan", lambda: main.load("plan"), [*words, "--force"]) == 0
    assert {path.name for path in (tmp_path / "mine/cache").iterdir()} == before


@pytest.mark.parametrize("folder", ["project", "project/talks/cache", "project/cache", "link"])
def test_one_among_what_is_planned_is_refused(tmp_path, folder):
    (tmp_path / "project/talks").mkdir(parents=True)
    (tmp_path / "project/.git").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "project/talks")
    with pytest.raises(UsageError, match="lies among what is planned"):
        carried_home(str(tmp_path / folder), Root(str(tmp_path / "project/talks")))
    assert not (tmp_path / "project/cache").exists()


def test_one_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(MachineError, match="cannot be made: Not a directory"):
        carried_home(str(tmp_path / "file/cache"), Root(str(tmp_path / "talks")))
