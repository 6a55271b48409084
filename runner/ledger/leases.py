"""Leases: a run that gives a sign of life in time is alive; one that does not is fenced, and writes no more.

All times are the ledger's own clock: hosts may disagree about the hour without harm. A lease that ran out
goes on as long as nobody fenced it; fencing and a turn exclude each other, as both change the run's row.
"""

from collections.abc import Collection, Iterable

from manifests.states import State
from runner.ledger.fleet_rows import LEASE, Beats, Fenced
from runner.ledger.rows import Move
from runner.ledger.shifts import Shifts

_NOT_OUT = frozenset({State.RESERVED, State.UPLOADING})


class Leases(Shifts):
    """Signs of life, and what becomes of those who give none."""

    def beat(self, worker_id: int | None, runs: Collection[int], lease: float = LEASE) -> Beats:
        """Give a sign of life for some runs of this process; belongs in a transaction without a lease.

        Args:
            worker_id: of the process, where it takes shifts.
            runs: that have a lease.
            lease: seconds from now for which they count as alive.
        """
        now = self.moment()
        self._db.execute("UPDATE workers SET seen = ? WHERE id = ? AND ended IS NULL", (now, worker_id))
        alive = frozenset(run for run in sorted(runs) if self._extend(run, now + lease))
        return Beats(alive, self._stopped(alive), self.live_runs(), now)

    def _extend(self, run_id: int, until: float) -> bool:
        changed = self._db.execute(
            "UPDATE runs SET lease_until = ? WHERE id = ? AND fenced IS NULL AND ended IS NULL",
            (until, run_id),
        )
        return changed.rowcount == 1

    def _stopped(self, runs: Iterable[int]) -> dict[int, str]:
        found: dict[int, str] = {}
        for run_id in runs:
            row = self._db.execute(
                "SELECT d.reason FROM runs r JOIN shifts s ON s.id = r.shift_id"
                " JOIN dispatches d ON d.id = s.dispatch_id WHERE r.id = ? AND d.stopped IS NOT NULL",
                (run_id,),
            ).fetchone()
            if row is not None:
                found[run_id] = row[0]
        return found

    def live_runs(self) -> int:
        """How many runs of shifts are alive, on all hosts: they share what the service bears."""
        row = self._db.execute(
            "SELECT count(*) FROM runs WHERE lease_until > ? AND ended IS NULL AND fenced IS NULL"
            " AND shift_id IS NOT NULL",
            (self.moment(),),
        ).fetchone()
        return int(row[0])

    def fence_dead(self) -> list[Fenced]:
        """Fence every run whose lease ran out, and free what it drove; belongs in a transaction.

        What had not sent its last chunk surely made no job, and may be bought again; what may have is in
        doubt, and is cleared by proof alone. Jobs go on with whoever comes. A shift waits again: the caller
        rings for those that are named. Money that was allotted stays: the work goes on.
        """
        now = self.moment()
        rows = self._db.execute(
            "SELECT id, manifest_id, host, shift_id FROM runs"
            " WHERE lease_until <= ? AND ended IS NULL AND fenced IS NULL ORDER BY id",
            (now,),
        ).fetchall()
        return [self._fenced(*row) for row in rows if self._fence(row[0], now)]

    def _fence(self, run_id: int, now: float) -> bool:
        """Nobody else fenced it meanwhile, and it gave no sign of life: from here on it writes nothing."""
        changed = self._db.execute(
            "UPDATE runs SET fenced = ? WHERE id = ? AND lease_until <= ? AND ended IS NULL"
            " AND fenced IS NULL",
            (now, run_id, now),
        )
        return changed.rowcount == 1

    def _fenced(self, run_id: int, manifest_id: str, host: str, shift_id: int | None) -> Fenced:
        planned = in_doubt = 0
        for attempt in self._attempts("a.driver = ?", (run_id,)):
            if attempt.state in _NOT_OUT:
                planned += 1
                self.move(Move(attempt.attempt_id, State.PLANNED, f"host {host} was lost during the upload"))
            elif attempt.state is State.SENDING:
                in_doubt += 1
                reason = f"host {host} was lost before the answer came"
                self.move(Move(attempt.attempt_id, State.IN_DOUBT, reason))
        self.let_go(run_id)
        back = shift_id is not None and self._put_back(shift_id, run_id)
        self._end_orphaned(manifest_id)
        return Fenced(run_id, manifest_id, host, shift_id if back else None, planned, in_doubt)

    def drive(self, attempts: Iterable[int]) -> set[int]:
        """See these attempts through from now on; those that another run drives are not among the answer."""
        run = self.lease
        return {
            attempt_id
            for attempt_id in sorted(attempts)
            if self._db.execute(
                "UPDATE attempts SET driver = ? WHERE id = ? AND (driver IS NULL OR driver = ?)",
                (run, attempt_id, run),
            ).rowcount
        }
