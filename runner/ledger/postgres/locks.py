"""Locks of a fleet: the server's advisory locks, held by a connection, which ends with its process."""

import hashlib
import time
from collections.abc import Callable, Sequence

from runner.ledger.postgres.db import PostgresDb
from runner.locks import Locks

SPACE = 0x4541524D  # "EARM": tells our locks from any other program's on this server

ALONE = 0x4541524E
"""Likewise for transactions that follow each other; these locks end with them."""


class PostgresLocks(Locks):
    """The locks of one process, on a connection of their own, which is made when the first is asked for.

    Where the connection is lost the locks are lost with it, and so is what they were for: nothing is written
    on the word of a lock alone. What a run may write, its lease says.
    """

    def __init__(
        self,
        connect: Callable[[], PostgresDb],
        ledger: PostgresDb,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        super().__init__(sleep)
        self._connect, self._ledger = connect, ledger
        self._db: PostgresDb | None = None
        self._held: set[str] = set()

    def try_take(self, manifest_id: str) -> bool:
        """Take a manifest's lock; False when another process holds or shares it."""
        return self._try(manifest_id, "SELECT pg_try_advisory_lock(?::int, ?::int)")

    def try_share(self, manifest_id: str) -> bool:
        """Share a manifest's lock; False when another process holds it alone."""
        return self._try(manifest_id, "SELECT pg_try_advisory_lock_shared(?::int, ?::int)")

    def _try(self, manifest_id: str, sql: str) -> bool:
        # asked also for what we hold, as it is the server that knows
        taken = bool(self._asked(sql, _key(manifest_id)))
        if taken:
            self._held.add(manifest_id)
        return taken

    def _asked(self, sql: str, values: Sequence[object] = ()) -> object:
        """What the server says over the connection that holds our locks; a new one holds none yet."""
        if self._db is None:
            self._db = self._connect()
        before = self._db.connection
        answer = self._db.execute(sql, values).fetchone()[0]
        if self._db.connection is not before:
            self._held.clear()
        return answer

    def is_free(self, manifest_id: str) -> bool:
        """Whether no other process holds a manifest's lock right now."""
        if self._held:
            self._asked("SELECT 1")
        return manifest_id in self._held or not self.taken(manifest_id)

    def taken(self, manifest_id: str) -> bool:
        """Whether a process holds or shares a manifest's lock right now, or a run of it has a lease."""
        held = self._ledger.execute(f"SELECT 1 {_HOLDERS} LIMIT 1", _key(manifest_id))
        if held.fetchone() is not None:
            return True
        leased = self._ledger.execute(
            "SELECT 1 FROM runs WHERE manifest_id = ? AND ended IS NULL AND fenced IS NULL"
            " AND lease_until > CAST(extract(epoch FROM clock_timestamp()) AS double precision) LIMIT 1",
            (manifest_id,),
        )
        return leased.fetchone() is not None

    def release(self) -> None:
        """Give all locks back."""
        if self._db is not None:
            self._db.close()
        self._db = None
        self._held.clear()

    def _holder(self, manifest_id: str) -> str:
        row = self._ledger.execute(
            "SELECT a.application_name, coalesce(host(a.client_addr), 'the server')"  # noqa: S608 - constant
            f" FROM pg_stat_activity a WHERE a.pid IN (SELECT l.pid {_HOLDERS})",
            _key(manifest_id),
        ).fetchone()
        return f" ({row[0]} on {row[1]})" if row and row[0] else ""


_HOLDERS = (
    "FROM pg_locks l WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2"
    " AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    " AND l.classid::bigint = ? AND l.objid::bigint = ? & 4294967295"
)


def _key(name: str, space: int = SPACE) -> tuple[int, int]:
    """A lock is two numbers of 32 bits; two names with the same one would only wait for each other."""
    digest = hashlib.blake2b(name.encode("utf-8", "surrogateescape"), digest_size=4).digest()
    return space, int.from_bytes(digest, "big", signed=True)


def be_alone(ledger: PostgresDb, name: str) -> None:
    """Let transactions that say this name follow each other; in one."""
    ledger.execute("SELECT pg_advisory_xact_lock(?::int, ?::int)", _key(name, ALONE))
