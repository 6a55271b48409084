"""Results whose names are taken, and the unfinished files of killed runs."""

import os

import pytest

from manifests.errors import MachineError
from manifests.states import State
from runner.engine.messages import FetchFailed, FetchProblem
from runner.engine.world import Stop
from runner.results import STALE_AFTER, NameTaken, cannot_keep, check_writable, sweep
from support.virtual import Behaviour, House, VirtualService


def part(folder, name, age, now):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"half")
    os.utime(path, (now - age, now - age))
    return path


def test_unfinished_files_of_killed_runs_are_removed_and_all_others_stay(tmp_path):
    now = 2_000_000.0
    old = [
        part(tmp_path, ".earmark-aa.part", STALE_AFTER + 1, now),
        part(tmp_path, "talks/deep/.earmark-bb.part", 10 * STALE_AFTER, now),
    ]
    kept = [
        part(tmp_path, ".earmark-cc.part", STALE_AFTER - 1, now),
        part(tmp_path, "talks/mine.part", 10 * STALE_AFTER, now),
        part(tmp_path, "talks/ep1.txt", 10 * STALE_AFTER, now),
    ]
    (tmp_path / ".earmark-folder.part").mkdir()
    os.utime(tmp_path / ".earmark-folder.part", (0, 0))
    sweep(tmp_path, now)
    assert not any(path.exists() for path in old)
    assert all(path.exists() for path in kept)
    assert (tmp_path / ".earmark-folder.part").is_dir()


def test_a_folder_that_is_not_there_is_clean(tmp_path):
    sweep(tmp_path / "none", 0.0)


def test_a_name_that_is_too_long_is_about_that_name(tmp_path):
    with pytest.raises(NameTaken, match=r"another folder with --output"):
        check_writable(tmp_path / ("x" * 300))


def test_a_full_disk_is_about_the_disk(tmp_path):
    error = cannot_keep(tmp_path, OSError(28, "No space left on device"))
    assert isinstance(error, MachineError)
    assert not isinstance(error, NameTaken)


def test_one_name_that_is_taken_does_not_keep_other_results_from_us(tmp_path):
    def fetch(action, _nth):
        taken = action.targets[0].base == "ep0"
        return FetchFailed(action.part_id, FetchProblem.NAME, "a folder has that name") if taken else None

    made = House(tmp_path, VirtualService(Behaviour(fetch=fetch)))
    made.buy(made.add(4))
    assert made.states() == {
        "ep0.mp3": State.FINISHED,
        **dict.fromkeys(["ep1.mp3", "ep2.mp3", "ep3.mp3"], State.SAVED),
    }
    assert made.engine.world.stops == {Stop.NAME: "a folder has that name"}
    made.service.does.fetch = lambda _action, _nth: None
    made.resume()
    assert set(made.states().values()) == {State.SAVED}
