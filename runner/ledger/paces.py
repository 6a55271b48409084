"""How often all hosts together call the service (`runner.tempo`): what was stated, and what 429 taught."""

from enum import StrEnum

from runner.ledger.looking import Looking
from runner.tempo import LEAST_READS, LEAST_SUBMITS, grown, least

HALVED_ONCE = 10.0
"""Seconds in which further 429, of any host, are taken for the same: hosts tell with their signs of life."""

_LEARNED = 0


class Kind(StrEnum):
    """What is counted together."""

    SUBMIT = "submit"
    READ = "read"


_FLOOR = {Kind.SUBMIT: LEAST_SUBMITS, Kind.READ: LEAST_READS}


class Paces(Looking):
    """Rates are in calls a second. All methods that write belong in a transaction without a lease."""

    def share(self, kind: Kind) -> float | None:
        """What one run of a shift may do: what is borne, by the number of living runs; None for no limit."""
        rate = least(self._learned(kind), self._stated(kind))
        return None if rate is None else rate / max(1, self.live_runs())

    def state_rate(self, kind: Kind, run_id: int, rate: float) -> None:
        """A run that makes a dispatch was told a limit: it counts for all hosts while the dispatch lasts."""
        self._put(kind, run_id, rate)

    def halve_rate(self, kind: Kind, own: float) -> None:
        """The service has too many calls: from now on all hosts together make half as many.

        Args:
            kind: of call.
            own: calls a second that went out of late of the run that was refused; what all did is taken to
                be as much for each living run, where no limit says it.
        """
        now = self.moment()
        rate = least(self._learned(kind), self._stated(kind))
        before = own * max(1, self.live_runs()) if rate is None else rate
        self._db.execute(
            "INSERT INTO paces (kind, run_id, rate, changed) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (kind, run_id) DO UPDATE SET rate = excluded.rate, changed = excluded.changed"
            " WHERE NOT (paces.changed > ? AND paces.changed <= ?)",
            (kind, _LEARNED, max(_FLOOR[kind], before / 2), now, now - HALVED_ONCE, now),
        )

    def _put(self, kind: Kind, run_id: int, rate: float) -> None:
        self._db.execute(
            "INSERT INTO paces (kind, run_id, rate, changed) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (kind, run_id) DO UPDATE SET rate = excluded.rate, changed = excluded.changed",
            (kind, run_id, rate, self.moment()),
        )

    def _learned(self, kind: Kind) -> float | None:
        row = self._db.execute(
            "SELECT rate, changed FROM paces WHERE kind = ? AND run_id = ?", (kind, _LEARNED)
        ).fetchone()
        return None if row is None else grown(row[0], self.moment() - row[1])

    def _stated(self, kind: Kind) -> float | None:
        """The least of what the runs were told whose dispatches are not over."""
        row = self._db.execute(
            "SELECT min(p.rate) FROM paces p JOIN dispatches d ON d.run_id = p.run_id"
            " WHERE p.kind = ? AND d.ended IS NULL",
            (kind,),
        ).fetchone()
        return None if row[0] is None else float(row[0])
