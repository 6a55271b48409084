"""Where the ledger lies, and opening it: recognised, private, durable, on a disk that can lock."""

import os
import re
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from manifests.durable import make_folder
from manifests.errors import MachineError
from runner.ledger.sqlite import epochs, migrating, moved
from runner.ledger.sqlite.db import SqliteDb
from runner.ledger.store import NoLedgerYet
from runner.ledger.versions import VERSION

APPLICATION_ID = 0x4541524D  # "EARM": tells a ledger from any other SQLite file
SCHEMA_VERSION = VERSION
BUSY_SECONDS = 30.0
"""How long a transaction waits for another process's; turns last milliseconds."""

CACHE_KIB = 32 * 1024
"""Of the ledger kept in memory at most: indexes of a million lines are written at random places."""

BALLAST_BYTES = 1 << 20
"""Freed for the last writes when the disk is full."""

NETWORK_FILE_SYSTEMS = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "9p", "afs", "ceph", "glusterfs", "lustre"}
)


def ledger_path(base_url: str, env: Mapping[str, str]) -> Path:
    """The ledger of a wallet: `$XDG_STATE_HOME/earmark/<host and port>/ledger.db`, or `EARMARK_LEDGER`."""
    override = env.get("EARMARK_LEDGER", "")
    if override:
        return Path(override).expanduser().absolute()
    state = Path(env.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    parts = urlsplit(base_url)
    place = f"{parts.hostname}_{parts.port}" if parts.port else str(parts.hostname)
    return state / "earmark" / re.sub(r"[^A-Za-z0-9._-]", "_", place) / "ledger.db"


def connect(path: Path, *, though_moved: bool = False) -> SqliteDb:
    """Open the ledger, making it where there is none.

    Raises:
        MachineError: a network file system, a foreign, damaged, newer or read-only file, no room; one that
            was moved to a server, unless `though_moved`.
    """
    _refuse_network(path)
    _make_folder(path.parent)
    try:
        return _connect(path, though_moved=though_moved)
    except (sqlite3.DatabaseError, OSError) as error:
        raise MachineError(f"the ledger {path} cannot be used: {error}. {_way_out(error)}") from error


def connect_to_read(path: Path) -> SqliteDb:
    """Open a ledger that is there for reading only, also while a run writes it.

    Everything that is read is of one moment, so that amounts add up. A ledger of an earlier version is
    brought up to date first, and what a killed process left half done is undone; nothing else is ever
    written here.

    Raises:
        NoLedgerYet: there is nothing in it.
        MachineError: a foreign, damaged or newer file, or one that cannot be read.
    """
    try:
        return _connect_to_read(path)
    except _OfEarlierVersion:
        connect(path).close()
        return connect_to_read(path)
    except sqlite3.DatabaseError as error:
        if _was_killed_halfway(error):
            connect(path).close()
            return connect_to_read(path)
        raise MachineError(f"the ledger {path} cannot be read: {error}. {_way_out(error)}") from error


def _was_killed_halfway(error: sqlite3.DatabaseError) -> bool:
    """Whether somebody who may write must undo what a killed process began, as when it made the ledger."""
    return error.sqlite_errorname in ("SQLITE_READONLY_ROLLBACK", "SQLITE_READONLY_RECOVERY")


def connect_as_it_is(path: Path) -> SqliteDb:
    """Open a ledger that is there for reading only, of whatever version up to this one; nothing is written.

    Raises:
        NoLedgerYet: there is nothing in it.
        MachineError: a foreign, damaged or newer file, or one that cannot be read.
    """
    try:
        return _connect_to_read(path, also_older=True)
    except sqlite3.DatabaseError as error:
        raise MachineError(f"the ledger {path} cannot be read: {error}. {_way_out(error)}") from error


class _OfEarlierVersion(Exception):
    """A ledger that can be read once it is brought up to date."""


def _connect_to_read(path: Path, *, also_older: bool = False) -> SqliteDb:
    had_wal = _has_wal(path)
    db = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=ro",
        uri=True,
        timeout=BUSY_SECONDS,
        isolation_level=None,
        factory=SqliteDb,
    )
    try:
        _refuse_empty(db, path)
        _check(path, _pragma(db, "application_id"), _pragma(db, "user_version"))
        _refuse_without_changes(db, path, had_wal=had_wal)
        moved.refuse(db, path)
        db.execute("BEGIN")
        _pragma(db, "user_version")  # the moment is that of the first reading
        if not also_older:
            _refuse_older(db)
    except BaseException:
        db.close()
        raise
    return db


def _connect(path: Path, *, though_moved: bool) -> SqliteDb:
    had_wal = _has_wal(path)
    if not path.exists():
        path.touch(mode=0o600)
    db = sqlite3.connect(
        path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False, factory=SqliteDb
    )
    try:
        _prepare(db, path)
        _refuse_without_changes(db, path, had_wal=had_wal)
        if not though_moved:
            moved.refuse(db, path)
        epochs.make_whole(db)  # who was killed between the two marks left them apart
    except BaseException:
        db.close()
        raise
    return db


def _prepare(db: sqlite3.Connection, path: Path) -> None:
    db.execute("PRAGMA foreign_keys = ON")
    db.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute("BEGIN IMMEDIATE")
    try:
        _recognise(db, path)
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


def _recognise(db: sqlite3.Connection, path: Path) -> None:
    application = _pragma(db, "application_id")
    version = _pragma(db, "user_version")
    if _is_empty(db):
        migrating.make(db)
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    else:
        _check(path, application, version)
        if migrating.is_older(version):
            migrating.update(db, version)


def _check(path: Path, application: int, version: int) -> None:
    """Refuse a file that is no ledger, or one of another time."""
    if application != APPLICATION_ID:
        raise MachineError(f"{path} is not an Earmark ledger; point EARMARK_LEDGER at another file")
    if version != SCHEMA_VERSION and not migrating.is_older(version):
        raise MachineError(
            f"the ledger {path} has version {version}, this Earmark knows {SCHEMA_VERSION}:"
            " use the newer Earmark"
        )


def _wal(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")


def _has_wal(path: Path) -> bool:
    """Whether the file of the last changes is there; who only looked may leave an empty one behind."""
    wal = _wal(path)
    return wal.exists() and wal.stat().st_size > 0


def _refuse_without_changes(db: sqlite3.Connection, path: Path, *, had_wal: bool) -> None:
    """Refuse a ledger that was copied or restored without what lies beside it."""
    if not had_wal and epochs.lacks_changes(db):
        raise MachineError(
            f"the ledger {path} lacks its last changes: they are in {_wal(path).name}, which is not there."
            " Put that file back; or restore a copy that `earmark ledger backup` made; or move the ledger"
            " away and `earmark ledger rebuild MANIFEST`"
        )


def _refuse_empty(db: sqlite3.Connection, path: Path) -> None:
    if _is_empty(db):
        raise NoLedgerYet(f"the ledger {path} is empty so far; try again")


def _refuse_older(db: sqlite3.Connection) -> None:
    if migrating.is_older(_pragma(db, "user_version")):
        raise _OfEarlierVersion


def _is_empty(db: sqlite3.Connection) -> bool:
    tables = db.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    return bool(tables == 0 and _pragma(db, "application_id") == 0)


def _pragma(db: sqlite3.Connection, name: str) -> int:
    return int(db.execute(f"PRAGMA {name}").fetchone()[0])


def _make_folder(folder: Path) -> None:
    try:
        make_folder(folder, 0o700)
    except OSError as error:
        raise MachineError(
            f"the ledger's folder {folder} cannot be made: {error}; set EARMARK_LEDGER to a file elsewhere"
        ) from error


def damaged(path: Path, error: Exception) -> str:
    """What to say of a ledger that turns out to be damaged while it is used."""
    return f"the ledger {path} is damaged: {error}; nothing more was done. {_way_out(error)}"


def _way_out(error: Exception) -> str:
    text = str(error)
    if "not a database" in text or "malformed" in text:
        return (
            "Keep the file, and restore a backup of it (`earmark ledger backup` makes them); or move it away"
            " and `earmark ledger rebuild MANIFEST` learns from the service what was bought. In both cases"
            " move away what lies beside it, too (-wal, -shm): it would spoil another ledger"
        )
    if "readonly" in text or "unable to open" in text or isinstance(error, PermissionError):
        return "Make it and its folder writable, or point EARMARK_LEDGER at another file"
    if "full" in text:
        return "Free some disk space and type the same command again"
    return "Point EARMARK_LEDGER at a file on a local disk, or try again"


def _refuse_network(path: Path) -> None:
    kind = file_system(path)
    if kind in NETWORK_FILE_SYSTEMS:
        raise MachineError(
            f"the ledger {path} would lie on a network disk ({kind}), where locks do not hold:"
            " set EARMARK_LEDGER to a file on a local disk"
        )


def file_system(path: Path, mounts: Path = Path("/proc/self/mounts")) -> str:
    """The kind of file system that holds a path; empty where the system does not tell."""
    try:
        rows = [line.split() for line in mounts.read_text(errors="replace").splitlines()]
    except OSError:
        return ""
    place = os.path.realpath(path)
    holding = [row for row in rows if len(row) > 2 and _under(place, row[1].replace("\\040", " "))]  # noqa: PLR2004
    return max(holding, key=lambda row: len(row[1]), default=["", "", ""])[2]


def _under(place: str, mount: str) -> bool:
    return place == mount or place.startswith(mount.rstrip("/") + "/")


def add_ballast(path: Path) -> None:
    """Keep a file beside the ledger whose room the last writes may have."""
    ballast = path.with_suffix(".ballast")
    if not ballast.exists():
        try:
            ballast.touch(0o600)
            ballast.write_bytes(os.urandom(BALLAST_BYTES))
        except OSError:
            ballast.unlink(missing_ok=True)


def drop_ballast(path: Path) -> bool:
    """Free the ballast; False when it was already gone."""
    ballast = path.with_suffix(".ballast")
    if not ballast.exists():
        return False
    ballast.unlink()
    return True
