"""A file that appears whole or not at all: written beside its place, synced, renamed, the folder synced."""

import contextlib
import errno
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from manifests.errors import EarmarkError, MachineError, UsageError

NO_SYNC_OF_FOLDERS = frozenset({errno.EINVAL, errno.ENOTSUP, errno.EACCES})
"""Answers of folders that cannot be synced, or not be opened for it; the rename stands all the same."""

_WRONG_PLACE = frozenset({errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG, errno.ELOOP})


@contextlib.contextmanager
def durable_file(path: Path) -> Iterator[BinaryIO]:
    """A file to write to that takes the place of `path` when the block ends well.

    If the block fails, what was at `path` stays as it was. A link is followed, an existing file's
    permissions are kept, a new one gets those that the umask allows. An error of the block that
    names another file passes through as it is.

    Raises:
        UsageError: the folder does not exist, or `path` is a folder, a device or a pipe.
        MachineError: the disk is full, or may not be written.
    """
    target = Path(os.path.realpath(path))
    temporary = target.with_name(f".earmark-{secrets.token_hex(8)}.part")
    if target.is_dir():
        raise UsageError(f"cannot write {path}: it is a folder; name a file in it")
    if target.exists() and not target.is_file():  # root could put a file in the place of /dev/null
        raise UsageError(f"cannot write {path}: it is a device, a pipe or a socket; name a file")
    try:
        with _removed_on_failure(temporary), _created(temporary, target) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
            temporary.replace(target)
    except OSError as error:
        if error.filename not in (None, str(temporary)):
            raise
        raise _explained(path, error) from error
    sync_folder(target.parent)


def _created(temporary: Path, target: Path) -> BinaryIO:
    number = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    with contextlib.suppress(FileNotFoundError):
        os.fchmod(number, target.stat().st_mode & 0o777)
    return os.fdopen(number, "wb")


@contextlib.contextmanager
def _removed_on_failure(temporary: Path) -> Iterator[None]:
    try:
        yield
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


def make_folder(folder: Path, mode: int = 0o777) -> None:
    """A folder with all above it that is missing, so durable that a power cut takes none of them.

    Raises:
        OSError: it cannot be made.
        MachineError: the disk fails.
    """
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    folder.mkdir(mode=mode, parents=True, exist_ok=True)
    for each in reversed(missing):
        sync_folder(each.parent)


def sync_folder(folder: Path) -> None:
    """Make a folder's entries durable, where the file system knows how to.

    Raises:
        MachineError: the disk fails.
    """
    try:
        number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(number)
        finally:
            os.close(number)
    except OSError as error:
        if error.errno not in NO_SYNC_OF_FOLDERS:
            reason = error.strerror or str(error)
            raise MachineError(
                f"{folder} could not be synced: {reason}; check the disk, do it again"
            ) from error


def _explained(path: Path, error: OSError) -> EarmarkError:
    reason = error.strerror or str(error)
    if error.errno in _WRONG_PLACE:
        return UsageError(f"cannot write {path}: {reason}; name a file in a folder that exists")
    return MachineError(f"cannot write {path}: {reason}; nothing was changed")
