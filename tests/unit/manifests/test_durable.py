import errno
import os
import stat

import pytest

from manifests import durable
from manifests.durable import durable_file
from manifests.errors import MachineError, UsageError
from manifests.exits import Exit


def mode_of(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def umask():
    before = os.umask(0o027)
    yield
    os.umask(before)


def test_the_file_appears_whole(tmp_path):
    path = tmp_path / "a.yaml"
    with durable_file(path) as file:
        file.write(b"one")
        file.flush()
        assert not path.exists()
    assert path.read_bytes() == b"one"
    assert list(tmp_path.iterdir()) == [path]


def test_a_failing_block_leaves_what_was_there(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_bytes(b"old")
    with pytest.raises(TypeError), durable_file(path) as file:
        file.write(b"new" + None)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_being_interrupted_leaves_nothing_behind(tmp_path):
    with pytest.raises(KeyboardInterrupt), durable_file(tmp_path / "a.yaml"):
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("umask")
def test_a_new_file_gets_what_the_umask_allows(tmp_path):
    path = tmp_path / "a.yaml"
    with durable_file(path) as file:
        file.write(b"x")
    assert mode_of(path) == 0o640


@pytest.mark.usefixtures("umask")
def test_an_existing_files_permissions_stay(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_bytes(b"old")
    path.chmod(0o606)
    with durable_file(path) as file:
        file.write(b"new")
    assert (path.read_bytes(), mode_of(path)) == (b"new", 0o606)


def test_a_link_is_followed(tmp_path):
    (tmp_path / "real").mkdir()
    path, real = tmp_path / "a.yaml", tmp_path / "real" / "b.yaml"
    path.symlink_to(real)
    with durable_file(path) as file:
        file.write(b"x")
    assert path.is_symlink()
    assert real.read_bytes() == b"x"


def test_a_folder_is_not_written_to(tmp_path):
    with (
        pytest.raises(UsageError, match="it is a folder; name a file in it") as caught,
        durable_file(tmp_path),
    ):
        pass
    assert caught.value.exit_code is Exit.USAGE


def test_a_device_is_not_replaced(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(UsageError, match="a device, a pipe or a socket; name a file"), durable_file(pipe):
        pass
    assert [each.name for each in tmp_path.iterdir()] == ["pipe"]
    assert pipe.is_fifo()


def test_a_folder_that_does_not_exist_is_a_wrong_command(tmp_path):
    with (
        pytest.raises(UsageError, match="No such file or directory; name a file in a folder that exists"),
        durable_file(tmp_path / "no" / "a.yaml"),
    ):
        pass


def test_a_file_for_a_folder_is_a_wrong_command(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(UsageError, match="Not a directory"), durable_file(tmp_path / "file" / "a.yaml"):
        pass


def test_a_full_disk_is_this_machines_fault(tmp_path):
    path = tmp_path / "a.yaml"
    with (
        pytest.raises(MachineError, match="No space left on device; nothing was changed") as caught,
        durable_file(path),
    ):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert caught.value.exit_code is Exit.MACHINE
    assert list(tmp_path.iterdir()) == []


def test_an_error_without_a_number_is_told_as_it_is(tmp_path):
    with pytest.raises(MachineError, match="the tape is full"), durable_file(tmp_path / "a.yaml"):
        raise OSError("the tape is full")


def test_trouble_with_another_file_is_not_blamed_on_this_one(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"missing\.mp3"), durable_file(tmp_path / "a.yaml"):
        (tmp_path / "missing.mp3").read_bytes()
    assert list(tmp_path.iterdir()) == []


def test_everything_is_synced_before_and_after_the_rename(tmp_path, monkeypatch):
    path = tmp_path / "a.yaml"
    path.write_bytes(b"old")
    seen = []
    real = os.fsync

    def spy(number):
        seen.append((stat.S_ISDIR(os.fstat(number).st_mode), path.read_bytes()))
        real(number)

    monkeypatch.setattr(durable.os, "fsync", spy)
    with durable_file(path) as file:
        file.write(b"new")
    assert seen == [(False, b"old"), (True, b"new")]


@pytest.mark.parametrize("number", sorted(durable.NO_SYNC_OF_FOLDERS))
def test_a_folder_that_cannot_be_synced_is_no_failure(tmp_path, monkeypatch, number):
    path = tmp_path / "a.yaml"
    monkeypatch.setattr(durable.os, "fsync", failing_on_folders(number))
    with durable_file(path) as file:
        file.write(b"new")
    assert path.read_bytes() == b"new"


def test_a_folder_whose_sync_fails_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(durable.os, "fsync", failing_on_folders(errno.EIO))
    with (
        pytest.raises(MachineError, match="could not be synced: Input/output error; check"),
        durable_file(tmp_path / "a.yaml") as file,
    ):
        file.write(b"new")


def failing_on_folders(number):
    def fsync(handle):
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(number, os.strerror(number))

    return fsync
