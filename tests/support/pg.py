"""PostgreSQL for tests: the machine's own, on loopback, started within a second, gone with whoever used it.

    def test_something(database):          # the address of an empty database of its own
    def test_a_restart(own_postgres):      # a server of its own, to be stopped and killed

A session has one server for all its workers. Nothing in it survives a power failure, all of it a kill.
"""

import fcntl
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from support import pg_keeper

NEEDED = os.environ.get("EARMARK_NEEDS_POSTGRES")  # read before the tests' environment is made bare
USER = "earmark"
DEBIAN = Path("/usr/lib/postgresql")
MISSING = (
    "no PostgreSQL here: install `postgresql` to try a shared ledger"
    f" (looked for pg_ctl and initdb in PATH and in {DEBIAN}/*/bin, on Linux)"
)
SETTINGS = {
    "fsync": "off",  # only a power failure would tell
    "full_page_writes": "off",
    "max_connections": "300",
    "shared_buffers": "32MB",
    "max_wal_size": "256MB",
}


def programs() -> Path | None:
    """The folder of PostgreSQL's programs, the newest; none where no server's processes could be told."""
    if not Path("/proc/self/cwd").exists():
        return None
    found = sorted(DEBIAN.glob("*/bin/pg_ctl"), key=lambda each: int(each.parts[-3]), reverse=True)
    on_path = shutil.which("pg_ctl")
    folders = [each.parent for each in found] + ([Path(on_path).resolve().parent] if on_path else [])
    return next((each for each in folders if (each / "initdb").exists()), None)


@dataclass(frozen=True)
class Server:
    """A running PostgreSQL; whoever comes is let in as `earmark`, whatever the password."""

    folder: Path
    port: int
    bin: Path

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def dsn(self, database: str = "postgres", host: str = "127.0.0.1") -> str:
        """The address of a database."""
        return f"postgresql://{USER}@{host}:{self.port}/{database}"

    def do(self, statement: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Rows of a statement, outside of any transaction."""
        import psycopg

        with psycopg.connect(self.dsn(database), autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    @contextmanager
    def fresh(self, template: str = "template0") -> Iterator[str]:
        """The address of a new database, until it is dropped; a copy of `template`."""
        name = f"t_{uuid4().hex}"
        self.do(f"CREATE DATABASE {name} TEMPLATE {template}")
        try:
            yield self.dsn(name)
        finally:
            if self.pid:
                self.do(f"DROP DATABASE {name} WITH (FORCE)")

    def template(self, name: str, make: Callable[[str], object]) -> str:
        """A database to be copied, which `make(address)` fills the first time that anybody asks for it."""
        with (self.folder / "templates").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not self.do(f"SELECT 1 FROM pg_database WHERE datname = '{name}'"):
                self.do(f"CREATE DATABASE {name}_half TEMPLATE template0")
                try:
                    make(self.dsn(f"{name}_half"))
                    self.do(f"ALTER DATABASE {name}_half RENAME TO {name}")
                except BaseException:
                    self.do(f"DROP DATABASE {name}_half WITH (FORCE)")
                    raise
        return name

    @property
    def pid(self) -> int | None:
        """The server's process, while it lives."""
        return pg_keeper.server_of(self.data)

    def reach(self, *addresses: str) -> None:
        """Listen there as well, from the next start on, and let in whoever comes from the networks beside."""
        with (self.data / "pg_hba.conf").open("a") as rules:
            rules.writelines(f"host all all {each}/30 trust\n" for each in addresses)
        with (self.data / "postgresql.auto.conf").open("a") as settings:
            settings.write(f"listen_addresses = '{','.join(('127.0.0.1', *addresses))}'\n")

    def start(self) -> None:
        """Return when it takes connections."""
        if not pg_keeper.processes(
            self.data
        ):  # where nobody takes dead processes away, their numbers live on
            for each in (self.data / "postmaster.pid", *self.folder.glob(".s.PGSQL.*.lock")):
                each.unlink(missing_ok=True)
        settings = [f"-c {name}={value}" for name, value in SETTINGS.items()]
        options = " ".join(["-p", str(self.port), "-k", str(self.folder), *settings])
        log = self.folder / "log"
        _do(self.bin / "pg_ctl", "-D", self.data, "-w", "-t", "30", "-l", log, "-o", options, "start")

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Return when it has ended; SIGTERM would wait for its clients."""
        pg_keeper.stop(self.data, how)

    def kill(self) -> None:
        """As a machine that loses its power, but for the disk."""
        pg_keeper.stop(self.data, signal.SIGKILL)


@contextmanager
def shared(meeting: Path) -> Iterator[Server]:
    """The server of all who meet in a folder: the first starts it, it ends after the last."""
    note = meeting / "postgres.json"
    with (meeting / "postgres.users").open("a") as users, (meeting / "postgres.starting").open("a") as one:
        fcntl.flock(users, fcntl.LOCK_SH)
        fcntl.flock(one, fcntl.LOCK_EX)
        if note.exists():
            known = json.loads(note.read_text())
            server = Server(Path(known["folder"]), known["port"], Path(known["bin"]))
        else:
            server = _begun(Path(users.name), note)
        fcntl.flock(one, fcntl.LOCK_UN)
        yield server


def _begun(users: Path, note: Path) -> Server:
    bin_ = programs()
    assert bin_ is not None, MISSING
    folder = Path(tempfile.mkdtemp(prefix="earmark-pg-", dir=_room())).resolve()
    subprocess.run([sys.executable, "-I", pg_keeper.__file__, users, note, folder], check=True)
    if os.geteuid() == 0:
        shutil.chown(folder, _servant())
    server = Server(folder, free_port(), bin_)
    kind = ("-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C", "-N", "--no-instructions")
    _do(bin_ / "initdb", "-D", server.data, *kind)
    server.reach()
    server.start()
    half = note.with_suffix(".half")
    half.write_text(json.dumps({"folder": str(folder), "port": server.port, "bin": str(bin_)}))
    half.rename(note)
    return server


def _room() -> Path:
    """A folder that the server's user can reach, with a name short enough for a socket."""
    for place in map(Path, (tempfile.gettempdir(), "/tmp", "/var/tmp")):
        if len(str(place)) < 40 and all(each.stat().st_mode & 0o001 for each in (place, *place.parents)):
            return place
    raise AssertionError("no folder for temporary files that everybody may enter")


def _servant() -> str:
    """PostgreSQL does not run as root."""
    return next(each for each in ("postgres", "nobody") if each in {user.pw_name for user in pwd.getpwall()})


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _do(*command: object) -> None:
    user: dict[str, Any] = {}
    if os.geteuid() == 0:
        user = {"user": _servant(), "group": pwd.getpwnam(_servant()).pw_gid, "extra_groups": []}
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    done = subprocess.run(
        [str(each) for each in command],
        cwd="/",
        env=environment | {"LC_ALL": "C"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        **user,
    )
    assert done.returncode == 0, f"{command[0]}: {done.stdout}{done.stderr}"
