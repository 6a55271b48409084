"""Locks: one run of a manifest at a time, across threads of work and across processes."""

import os
import subprocess
import sys
from contextlib import contextmanager

import pytest

from manifests.errors import MachineError
from runner.file_locks import FileLocks
from runner.locks import Busy

HOLDER = """
import sys
from pathlib import Path
from runner.file_locks import FileLocks
from runner.locks import Locks
locks = FileLocks(Path(sys.argv[1]))
locks.take("m1")
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def another_process(folder):
    """A process that holds the lock of m1 while the block runs."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "held\n"
    try:
        yield process
    finally:
        process.communicate()


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "state" / "locks"


@pytest.fixture
def locks(folder):
    found = FileLocks(folder)
    yield found
    found.release()


def test_another_process_s_lock_is_respected_named_and_gone_with_it(folder, locks):
    with another_process(folder) as holder:
        with pytest.raises(Busy, match=rf"another run .* \(process {holder.pid}\), or one .*: wait for it"):
            locks.take("m1")
        assert not locks.try_take("m1")
        assert not locks.is_free("m1")
        assert locks.taken("m1")
        assert locks.try_take("m2")
    assert locks.is_free("m1")
    assert not locks.taken("m1")
    locks.take("m1")


def test_a_process_that_is_killed_leaves_nothing_to_take_over(folder, locks):
    with another_process(folder) as holder:
        holder.kill()
        holder.wait()
        locks.take("m1")
    assert (folder / "m1.lock").read_text() == str(os.getpid())


def test_being_busy_is_this_machine_s_matter(folder, locks):
    locks.take("m1")
    with pytest.raises(Busy) as caught:
        FileLocks(folder).take("m1")
    assert isinstance(caught.value, MachineError)
    assert caught.value.exit_code == 10
    assert "then type the same command again" in str(caught.value)


def test_a_lock_can_be_taken_again_by_its_holder(locks):
    locks.take("m1")
    locks.take("m1")
    assert locks.try_take("m1")
    assert locks.is_free("m1")


def test_asking_whether_a_lock_is_free_does_not_keep_it(folder, locks):
    assert locks.is_free("m1")
    other = FileLocks(folder)
    assert other.try_take("m1")
    other.release()


def test_released_locks_are_free_for_others(folder, locks):
    locks.take("m1")
    locks.take("m2")
    locks.release()
    other = FileLocks(folder)
    assert other.try_take("m1")
    assert other.try_take("m2")
    other.release()


def test_those_who_only_look_make_no_file(folder, locks):
    assert not locks.taken("m1")
    assert not folder.exists()
    locks.take("m1")
    assert locks.taken("m1")
    assert not locks.taken("m2")
    assert [path.name for path in folder.iterdir()] == ["m1.lock"]


def test_those_who_only_look_hinder_nobody(folder, locks):
    locks.take("m1")
    locks.release()
    looker = FileLocks(folder)
    assert not looker.taken("m1")
    assert not looker.taken("m1")
    locks.take("m1")


def test_the_folder_is_private(folder, locks):
    locks.take("m1")
    assert folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("text", ["", "half a num", "12 34"])
def test_a_lock_file_with_an_odd_text_names_no_process(folder, locks, text):
    locks.take("m1")
    (folder / "m1.lock").write_text(text)
    with pytest.raises(Busy, match=r"is under way, or one"):
        FileLocks(folder).take("m1")


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "file").write_text("in the way")
    broken = FileLocks(tmp_path / "file" / "locks")
    with pytest.raises(MachineError, match="cannot be made"):
        broken.take("m1")
    with pytest.raises(MachineError, match="cannot be read"):
        broken.taken("m1")
