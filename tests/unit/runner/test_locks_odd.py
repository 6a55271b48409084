"""Locks under odd ids, on a full disk, and beside those who only look."""

import fcntl

import pytest

from runner.file_locks import FileLocks
from runner.locks import LOOKS, Busy

ODD = ["team/pr-481", "../../elsewhere", "..", "ü" * 100, "x" * 100, "a b", "a.b"]


@pytest.mark.parametrize("name", ODD)
def test_any_id_that_a_manifest_may_have_can_be_locked(tmp_path, name):
    folder = tmp_path / "deep" / "er" / "locks"
    locks, others = FileLocks(folder), FileLocks(folder, lambda _seconds: None)
    locks.take(name)
    assert others.taken(name)
    with pytest.raises(Busy):
        others.take(name)
    assert [path.parent for path in tmp_path.rglob("*.lock")] == [folder]
    locks.release()
    assert others.is_free(name)


def test_ids_that_differ_have_locks_that_differ(tmp_path):
    locks, others = FileLocks(tmp_path), FileLocks(tmp_path)
    for name in ODD:
        locks.take(name)
    assert others.try_take("team-pr-481")
    assert len(list(tmp_path.glob("*.lock"))) == len(ODD) + 1
    locks.release(), others.release()


def test_one_who_only_looks_for_an_instant_does_not_turn_a_run_away(tmp_path):
    looker = (tmp_path / "m1.lock").open("a+")
    fcntl.flock(looker, fcntl.LOCK_SH)
    waits = []

    def goes_away(seconds):
        waits.append(seconds)
        if len(waits) == LOOKS - 1:
            looker.close()

    locks = FileLocks(tmp_path, goes_away)
    locks.take("m1")
    assert len(waits) == LOOKS - 1
    locks.release()


def test_a_lock_holds_on_a_full_disk(tmp_path):
    (tmp_path / "m1.lock").symlink_to("/dev/full")
    locks = FileLocks(tmp_path)
    locks.take("m1")
    assert not FileLocks(tmp_path).try_take("m1")
    locks.release()
