"""Hosts: the processes that take shifts, what each holds, and what each cannot send."""

import json
from collections.abc import Iterable, Sequence

from manifests.money import ZERO, Cents
from runner.ledger.fleet_rows import LEASE, Absence, Host
from runner.ledger.leases import Leases
from runner.ledger.runs import RunBy


class Hosts(Leases):
    """Who works. All methods that write belong in a transaction."""

    def enter(self, by: RunBy, roots: Sequence[str]) -> int:
        """Record a process that takes shifts; its number.

        Args:
            by: host, process and version.
            roots: folders, or addresses, under which it looks for files.
        """
        now = self.moment()
        return self._db.insert(
            "INSERT INTO workers (host, pid, version, roots, started, seen) VALUES (?, ?, ?, ?, ?, ?)",
            (by.host, by.pid, by.version, json.dumps(list(roots)), now, now),
        )

    def leave(self, worker_id: int) -> None:
        """It takes no more shifts."""
        self._db.execute("UPDATE workers SET ended = ? WHERE id = ?", (self.moment(), worker_id))

    def hosts(self, since: float = 0.0, lease: float = LEASE) -> list[Host]:
        """Those that gave a sign of life since a moment, as they began, each with what it holds."""
        now = self.moment()
        rows = self._db.execute(
            "SELECT id, host, pid, version, roots, started, seen, ended FROM workers WHERE seen >= ?"
            " ORDER BY id",
            (since,),
        ).fetchall()
        busy, money = self._busy(now), self._held(now)
        return [
            Host(
                worker_id=row[0],
                host=row[1],
                pid=row[2],
                version=row[3],
                roots=tuple(json.loads(row[4])),
                started=row[5],
                seen=row[6],
                ended=row[7],
                alive=row[7] is None and row[6] > now - lease,
                shifts=busy.get(row[0], (0, 0))[0],
                lines=busy.get(row[0], (0, 0))[1],
                reserved=money.get((row[0], "reserved"), ZERO),
                in_doubt=money.get((row[0], "in doubt"), ZERO),
            )
            for row in rows
        ]

    def _busy(self, now: float) -> dict[int, tuple[int, int]]:
        """How many shifts, and lines in them, each worker has by runs that are alive."""
        rows = self._db.execute(
            "SELECT r.worker_id, count(*), sum(s.size) FROM runs r JOIN shifts s ON s.run_id = r.id"
            " WHERE r.worker_id IS NOT NULL AND r.lease_until > ? AND r.ended IS NULL AND r.fenced IS NULL"
            " GROUP BY r.worker_id",
            (now,),
        ).fetchall()
        return {worker: (shifts, int(lines)) for worker, shifts, lines in rows}

    def _held(self, now: float) -> dict[tuple[int, str], Cents]:
        """What the attempts hold that living runs drive, by worker and purse; in cents."""
        rows = self._db.execute(
            "SELECT r.worker_id, a.purse, sum(a.hold) FROM attempts a JOIN runs r ON r.id = a.driver"
            " WHERE r.worker_id IS NOT NULL AND r.lease_until > ? AND r.ended IS NULL AND r.fenced IS NULL"
            " AND a.currency = 'cents' GROUP BY r.worker_id, a.purse",
            (now,),
        ).fetchall()
        return {(worker, purse): Cents(int(held)) for worker, purse, held in rows}

    def absences(self, dispatch_id: int) -> list[Absence]:
        """The waiting lines of a dispatch that some worker cannot send, with each worker's reason."""
        rows = self._db.execute(
            "SELECT a.line, a.worker_id, w.host, a.reason, a.at FROM dispatches d"
            " JOIN absences a ON a.dispatch_id = d.id JOIN workers w ON w.id = a.worker_id"
            " JOIN claims c ON c.manifest_id = d.manifest_id AND c.line = a.line"
            " JOIN shifts s ON s.id = c.shift_id"
            " WHERE d.id = ? AND s.dispatch_id = d.id AND s.state = 'waiting' ORDER BY a.line, a.worker_id",
            (dispatch_id,),
        ).fetchall()
        return [Absence(*row) for row in rows]

    def hopeless(self, dispatch_id: int, lease: float = LEASE) -> list[str]:
        """The waiting lines of a dispatch that every living worker has said it cannot send."""
        rows = self._db.execute(
            "SELECT c.line FROM shifts s JOIN claims c ON c.shift_id = s.id"
            " WHERE s.dispatch_id = ? AND s.state = 'waiting'"
            " AND EXISTS (SELECT 1 FROM absences a WHERE a.dispatch_id = s.dispatch_id AND a.line = c.line)"
            " AND NOT EXISTS (SELECT 1 FROM workers w WHERE w.ended IS NULL AND w.seen > ? AND NOT EXISTS"
            "  (SELECT 1 FROM absences a WHERE a.dispatch_id = s.dispatch_id AND a.line = c.line"
            "   AND a.worker_id = w.id)) ORDER BY c.line",
            (dispatch_id, self.moment() - lease),
        ).fetchall()
        return [row[0] for row in rows]

    def give_up(self, dispatch_id: int, lines: Iterable[str]) -> None:
        """Let nobody wait for these waiting lines any more; a shift that has none left is cancelled."""
        self._db.executemany(
            "DELETE FROM claims WHERE line = ? AND shift_id IN"
            " (SELECT id FROM shifts WHERE dispatch_id = ? AND state = 'waiting')",
            [(line, dispatch_id) for line in lines],
        )
        self._db.execute(
            "UPDATE shifts SET size = (SELECT count(*) FROM claims c WHERE c.shift_id = shifts.id)"
            " WHERE dispatch_id = ? AND state = 'waiting'",
            (dispatch_id,),
        )
        self._db.execute(
            "UPDATE shifts SET state = 'cancelled', since = ?"
            " WHERE dispatch_id = ? AND state = 'waiting' AND size = 0",
            (self.moment(), dispatch_id),
        )
