"""Shifts: taken by whoever has a free hand, and ended; each time by a run of its own that has a lease."""

from collections.abc import Mapping, Sequence
from typing import Any

from runner.ledger.dispatches import SHIFT, Dispatches, shift_of
from runner.ledger.fleet_rows import LEASE, MOST_LOST, Dispatch, NewShift, Shift, ShiftState, Taken
from runner.ledger.runs import RunBy

_FEW = 10
"""Shifts looked at together when one is to be taken: another host may be quicker with each."""


class Shifts(Dispatches):
    """What is taken, given back and done. All methods that write belong in a transaction."""

    def take_shift(
        self,
        worker_id: int,
        by: RunBy,
        shift_id: int | None = None,
        manifest_id: str | None = None,
        lease: float = LEASE,
    ) -> Taken | None:
        """Take a shift that waits, and begin the run that sees it through; None where none may be taken.

        Nothing of a dispatch that was stopped, and no shift of which this worker has given back every line.
        The ledger drives it (`drives`) once the transaction is durable.

        Args:
            worker_id: who takes it.
            by: host, process and version of this part; who asked, and the manifest's name.
            shift_id: this one; else the one that has waited longest.
            manifest_id: of this manifest alone.
            lease: seconds from now for which the run counts as alive.
        """
        for candidate in self._takable(worker_id, shift_id, manifest_id):
            run_id = self._db.insert(
                "INSERT INTO runs (manifest_id, started, who, host, pid, version, name, digest,"
                " lease_until, shift_id, worker_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    *(candidate.manifest_id, self.hour(), by.who, by.host, by.pid, by.version),
                    *(by.name, by.digest, self.moment() + lease, candidate.shift_id, worker_id),
                ),
            )
            taken = self._db.execute(
                "UPDATE shifts SET state = 'taken', run_id = ?, since = ? WHERE id = ? AND state = 'waiting'",
                (run_id, self.moment(), candidate.shift_id),
            )
            if taken.rowcount:
                return self._taken(candidate.shift_id, run_id)
            self._db.execute("DELETE FROM runs WHERE id = ?", (run_id,))  # another host was quicker
        return None

    def may_take(self, worker_id: int) -> bool:
        """Whether a shift waits that this worker may take."""
        return bool(self._takable(worker_id, None, None))

    def _takable(self, worker_id: int, shift_id: int | None, manifest_id: str | None) -> list[Shift]:
        where: str = ""
        values: tuple[Any, ...] = ()
        if shift_id is not None:
            where, values = f"{where} AND s.id = ?", (*values, shift_id)
        if manifest_id is not None:
            where, values = f"{where} AND d.manifest_id = ?", (*values, manifest_id)
        rows = self._db.execute(
            f"SELECT {SHIFT} WHERE s.state = 'waiting' AND d.stopped IS NULL{where}"  # noqa: S608
            " AND EXISTS (SELECT 1 FROM claims c WHERE c.shift_id = s.id AND NOT EXISTS"
            "  (SELECT 1 FROM absences a WHERE a.dispatch_id = s.dispatch_id AND a.line = c.line"
            "   AND a.worker_id = ?)) ORDER BY s.dispatch_id, s.ordinal LIMIT ?",
            (*values, worker_id, _FEW),
        ).fetchall()
        return [shift_of(row) for row in rows]

    def _taken(self, shift_id: int, run_id: int) -> Taken:
        shift = self.shift(shift_id)
        rows = self._db.execute("SELECT line FROM claims WHERE shift_id = ?", (shift_id,)).fetchall()
        return Taken(shift, run_id, self.dispatch(shift.dispatch_id), frozenset(row[0] for row in rows))

    def drives(self, taken: Taken) -> None:
        """From now on this ledger's turns are those of a shift's run, and fail once it is taken for lost."""
        self.run_id, self.lease = taken.dispatch.run_id, taken.run_id

    def give_back(self, dispatch_id: int, worker_id: int, reasons: Mapping[str, str]) -> None:
        """Remember which lines a worker cannot send, and why, by their keys; they are offered to others."""
        now = self.moment()
        self._db.executemany(
            "INSERT INTO absences (dispatch_id, line, worker_id, reason, at) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (dispatch_id, line, worker_id) DO UPDATE SET reason = excluded.reason,"
            " at = excluded.at",
            [(dispatch_id, key, worker_id, reason, now) for key, reason in reasons.items()],
        )

    def end_shift(
        self, shift_id: int, outcome: str, exit_code: int, rest: Sequence[NewShift] = ()
    ) -> list[int]:
        """End a shift and its run, which this ledger drives; what it did not bring to an end waits anew.

        Args:
            shift_id: that this run has.
            outcome: what it ended with, as JSON.
            exit_code: of this part of the run.
            rest: lines that another host may be able to send, or that this one left. Of a dispatch that was
                stopped meanwhile nothing waits any more.

        Returns:
            the shifts that wait, for which the caller rings.
        """
        now, run_id, shift = self.moment(), self.lease, self.shift(shift_id)
        self._db.execute("DELETE FROM claims WHERE shift_id = ?", (shift_id,))
        self._db.execute(
            "UPDATE shifts SET state = 'done', run_id = NULL, since = ?, outcome = ? WHERE id = ?",
            (now, outcome, shift_id),
        )
        found = [self.offer(shift.dispatch_id, each) for each in rest]
        assert run_id is not None
        self._db.execute("UPDATE runs SET ended = ?, exit = ? WHERE id = ?", (now, exit_code, run_id))
        self.let_go(run_id)
        self._end_orphaned(shift.manifest_id)
        self.run_id = self.lease = None
        return [each for each in found if each is not None]

    def lives(self, run_id: int) -> bool:
        """Whether a run has a lease that goes on."""
        row = self._db.execute(
            "SELECT 1 FROM runs WHERE id = ? AND lease_until > ? AND ended IS NULL AND fenced IS NULL",
            (run_id, self.moment()),
        ).fetchone()
        return row is not None

    def let_go(self, run_id: int) -> None:
        """What a run drove is anybody's from now on."""
        self._db.execute("UPDATE attempts SET driver = NULL WHERE driver = ?", (run_id,))

    def _put_back(self, shift_id: int, run_id: int) -> bool:
        """Let the shift of a lost run wait again; False where nobody is to take it any more."""
        self._db.execute(
            "UPDATE shifts SET state = 'waiting', run_id = NULL, tries = tries + 1, since = ?"
            " WHERE id = ? AND run_id = ?",
            (self.moment(), shift_id, run_id),
        )
        shift = self.shift(shift_id)
        if shift.state is not ShiftState.WAITING:
            return False
        if shift.tries < MOST_LOST and self.goes_on(shift.dispatch_id):
            return True
        self._db.execute("DELETE FROM claims WHERE shift_id = ?", (shift_id,))
        self._db.execute("UPDATE shifts SET state = 'cancelled' WHERE id = ?", (shift_id,))
        return False

    def _end_orphaned(self, manifest_id: str) -> None:
        """End the dispatches of runs that are gone once their last shifts are over, and their allotment."""
        for each in self.dispatches(manifest_id):
            if self._is_over(each) and not self.lives(each.run_id):
                self.end_dispatch(each.dispatch_id)
                if not self.dispatches(manifest_id):
                    self._db.execute("DELETE FROM allotments WHERE manifest_id = ?", (manifest_id,))

    def _is_over(self, dispatch: Dispatch) -> bool:
        row = self._db.execute(
            "SELECT 1 FROM shifts WHERE dispatch_id = ? AND state IN ('waiting', 'taken')",
            (dispatch.dispatch_id,),
        )
        return row.fetchone() is None
