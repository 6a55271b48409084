"""Waits until nobody uses a PostgreSQL any more, however they ended; then stops it and removes what it left.

Started as a script, goes its own way at once:  pg_keeper.py USERS NOTE FOLDER
Who uses the server holds a shared lock on USERS; a lock ends with its process, also when that is killed.
"""

import fcntl
import os
import shutil
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

PATIENCE = 10.0
"""Seconds that a server may take to stop before it is killed."""


def keep(users: Path, note: Path, folder: Path) -> None:
    """Return when the server is gone, with its note and its folder."""
    with users.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # whoever comes now waits until all is removed, and starts another
        note.unlink(missing_ok=True)
        stop((folder / "data").resolve(), signal.SIGQUIT)
        shutil.rmtree(folder, ignore_errors=True)


def stop(data: Path, sign: signal.Signals) -> None:
    """Signal the server of a data folder, and return when none of its processes is left.

    SIGTERM waits for clients, SIGINT ends them, SIGQUIT ends without a word, SIGKILL is for all at once.
    """
    ends = time.monotonic() + PATIENCE
    server = server_of(data)
    if server is not None and sign != signal.SIGKILL:
        _signal(server, sign)
    while left := processes(data):
        if sign == signal.SIGKILL or time.monotonic() > ends:
            for each in left:
                _signal(each, signal.SIGKILL)
        time.sleep(0.005)


def server_of(data: Path) -> int | None:
    """The process that serves a data folder, while it lives."""
    with suppress(OSError, ValueError):
        pid = int((data / "postmaster.pid").read_text().partition("\n")[0])
        return pid if pid in processes(data) else None  # a number may be another's by now
    return None


def processes(data: Path) -> list[int]:
    """The processes of a server: each works in its data folder."""
    found = []
    for each in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # ended, or another's
            if (each / "cwd").readlink() == data:
                found.append(int(each.name))
    return found


def _signal(pid: int, sign: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, sign)


if __name__ == "__main__":
    if os.fork():
        os._exit(0)  # whoever started it does not wait for it, and has no child to forget
    os.setsid()  # Ctrl-C and the like are for the tests
    keep(*map(Path, sys.argv[1:4]))
