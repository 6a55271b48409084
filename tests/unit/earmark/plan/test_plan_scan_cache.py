"""A memory of files that is carried from checkout to checkout: never one that could come with a checkout."""

import os
from pathlib import Path

import pytest

from earmark import main
from earmark.carried import by_git, carried_home
from manifests.errors import MachineError, UsageError
from planner import survey
from planner.roots import Root
from support.checkout import Checkout


def test_a_folder_of_ones_own_is_made_and_used(tmp_path, monkeypatch, capsys):
    one = Checkout(tmp_path / "one")
    one.wav("talks/a.wav")
    one.begin()
    one.commit()
    os.utime(tmp_path / "one/talks/a.wav", (7, 7))
    monkeypatch.setenv("EARMARK_SCAN_CACHE", str(tmp_path / "mine/cache"))
    monkeypatch.chdir(tmp_path / "one")
    words = ["talks", "--service", "transcription", "-q"]
    assert main.through_the_door("plan", lambda: main.load("plan"), words) == 0
    assert not (tmp_path / "one/.earmark/scan").exists()
    before = {path.name for path in (tmp_path / "mine/cache").iterdir()}
    assert any(name.startswith("scan-") for name in before)
    one.git("clone", "-q", str(one.folder), str(tmp_path / "two"))
    os.utime(tmp_path / "two/talks/a.wav", (8, 8))
    monkeypatch.chdir(tmp_path / "two")
    looked = []
    same = survey.same
    monkeypatch.setattr(survey, "same", lambda *words: looked.append(words[0]) or same(*words))
    monkeypatch.setattr(survey, "verdict", None)
    assert main.through_the_door("plan", lambda: main.load("plan"), [*words, "--readers", "1"]) == 0
    assert [Path(path).name for path in looked] == ["a.wav"]
    assert {path.name for path in (tmp_path / "mine/cache").iterdir()} == before


def test_a_file_is_known_as_long_as_it_is_as_it_was_committed(tmp_path):
    one = Checkout(tmp_path / "one")
    for name in ("talks/a.wav", "talks/b.wav", "talks/c.wav", "other/d.wav"):
        one.wav(name)
    one.begin()
    one.commit()
    one.wav("talks/b.wav", 61)
    one.wav("talks/new.wav")
    (one.folder / "talks/c.wav").unlink()
    (one.folder / "talks/c.wav").symlink_to("a.wav")
    identity = by_git(Root(str(one.folder / "talks")))
    told = {
        name: identity(str(one.folder / "talks" / "." / name))
        for name in ("a.wav", "b.wav", "c.wav", "new.wav")
    }
    assert told == {"a.wav": one.git("hash-object", "talks/a.wav"), "b.wav": "", "c.wav": "", "new.wav": ""}
    one.git("update-index", "--assume-unchanged", "talks/a.wav")
    assert by_git(Root(str(one.folder / "talks")))(str(one.folder / "talks/a.wav")) == ""
    assert identity(str(one.folder / "other/d.wav")) == ""
    (tmp_path / "plain").mkdir()
    assert by_git(Root(str(tmp_path / "plain")))(str(tmp_path / "plain/a.wav")) == ""


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
