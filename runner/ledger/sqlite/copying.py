"""A copy of the ledger of one moment, also while a run writes it: whole or not at all, and checked."""

import os
import secrets
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from manifests.durable import sync_folder
from manifests.errors import MachineError, UsageError
from runner.ledger.checking import Checked, check
from runner.ledger.sqlite import epochs, opening


def backup(ledger: Path, copy: Path, *, force: bool = False) -> Checked:
    """Copy a ledger through SQLite's backup, and check the copy before it takes its name.

    Raises:
        UsageError: something is there already, it is the ledger itself, or the folder is missing.
        MachineError: the ledger cannot be read, or the copy not be written or relied on.
    """
    target = Path(os.path.realpath(copy))
    _refuse(ledger, copy, target, force=force)
    part = target.with_name(f".earmark-{secrets.token_hex(6)}.part")
    try:
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        _copy(ledger, part)
        found = check(part)
        if found.findings:
            raise MachineError(
                f"the copy of {ledger} is not in order, and was not kept: {found.findings[0]};"
                " `earmark ledger check` says more"
            )
        part.replace(target)
        sync_folder(target.parent)
    except (sqlite3.Error, OSError) as error:
        raise MachineError(f"{copy} could not be written: {error}; nothing was changed") from error
    finally:
        with suppress(OSError):
            part.unlink()
    return found


def _refuse(ledger: Path, copy: Path, target: Path, *, force: bool) -> None:
    own = {ledger, *(ledger.with_name(ledger.name + end) for end in ("-wal", "-shm"))}
    if target in {Path(os.path.realpath(path)) for path in (*own, ledger.with_suffix(".ballast"))}:
        raise UsageError(f"{copy} is the ledger itself: name another file")
    if target.is_dir():
        raise UsageError(f"{copy} is a folder; name a file in it")
    if not target.parent.is_dir():
        raise UsageError(f"{copy}: its folder does not exist")
    if target.exists() and not force:
        raise UsageError(f"{copy} exists; name another file, or add --force to write over it")


def _copy(ledger: Path, part: Path) -> None:
    """One file is the whole copy: it needs no second one beside it."""
    with closing(opening.connect_to_read(ledger)) as source, closing(sqlite3.connect(part)) as made:
        source.backup(made)
        epochs.make_whole(made)
        made.execute("PRAGMA journal_mode = DELETE")
    with part.open("rb") as file:
        os.fsync(file.fileno())
