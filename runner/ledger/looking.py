"""Looks at the service that all hosts share (`runner.fleet.looks`): who looks, and what was seen."""

from dataclasses import dataclass

from runner.ledger.hosts import Hosts

FURTHEST = 120.0
"""Seconds ahead in which a claim or a rest may end: one that ends later is of a clock that was set since."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a look saw, as `runner.fleet.bodies` writes it."""

    number: int
    body: str


@dataclass(frozen=True, slots=True)
class Board:
    """What the ledger knows of the looks of one name."""

    begun: int  # the number of the look that began last; 0 before the first one
    wait: float  # seconds until a look may begin; 0 where one may, or where nobody knows when
    claimed: bool  # whether somebody looks just now
    latest: Look | None  # the newest that ended, where it is newer than the one that the asker knows


@dataclass(frozen=True, slots=True)
class LiveJobs:
    """The jobs of a service that have not ended, as far as the ledger knows."""

    numbers: frozenset[str] = frozenset()
    age: float = 0.0  # seconds since half of them, at least, were reserved


class Looking(Hosts):
    """All methods that write belong in a transaction without a lease."""

    def board(self, name: str, after: int = 0) -> Board:
        """The looks of a name as they stand; `latest` only with a number higher than `after`."""
        row = self._db.execute(
            "SELECT begun, claimed, rests, ended, CASE WHEN ended > ? THEN body END"
            " FROM looks WHERE name = ?",
            (after, name),
        ).fetchone()
        if row is None:
            return Board(0, 0.0, claimed=False, latest=None)
        now = self.moment()
        begun, claimed, rests, ended, body = row
        wait = max(left(claimed, now), left(rests, now))
        latest = None if body is None else Look(ended, body)
        return Board(begun, wait, claimed=left(claimed, now) > 0, latest=latest)

    def begin_look(self, name: str, seconds: float) -> int | None:
        """Begin a look and claim the name for so many seconds; its number.

        None where somebody else looks, or where the name rests.
        """
        now = self.moment()
        self._db.execute("INSERT INTO looks (name) VALUES (?) ON CONFLICT (name) DO NOTHING", (name,))
        begun = self._db.execute(
            "UPDATE looks SET begun = begun + 1, began = ?, claimed = ? WHERE name = ?"
            " AND NOT (claimed > ? AND claimed <= ?) AND NOT (rests > ? AND rests <= ?)",
            (now, now + seconds, name, now, now + FURTHEST, now, now + FURTHEST),
        )
        if not begun.rowcount:
            return None
        row = self._db.execute("SELECT begun FROM looks WHERE name = ?", (name,)).fetchone()
        return int(row[0])

    def claim_look(self, name: str, number: int, seconds: float) -> None:
        """Hold a claim for so many seconds more; without effect once another look began."""
        until = self.moment() + seconds
        self._db.execute(
            "UPDATE looks SET claimed = ? WHERE name = ? AND begun = ? AND ended < ?",
            (until, name, number, number),
        )

    def end_look(self, name: str, number: int, body: str, rest: float) -> None:
        """Tell what was seen; no look of this name begins until `rest` seconds after this one began.

        Without effect where a later look has ended.
        """
        self._db.execute(
            "UPDATE looks SET ended = ?, body = ? WHERE name = ? AND ended < ?", (number, body, name, number)
        )
        self._db.execute(
            "UPDATE looks SET claimed = 0, rests = began + ? WHERE name = ? AND begun = ?",
            (rest, name, number),
        )

    def drop_look(self, name: str, number: int) -> None:
        """Nothing was seen that others could use: the next one may look at once."""
        self._db.execute("UPDATE looks SET claimed = 0 WHERE name = ? AND begun = ?", (name, number))

    def live_jobs(self, service: str) -> LiveJobs:
        """The jobs of a service that any run waits for."""
        rows = self._db.execute(
            "SELECT job_id, created FROM attempts WHERE service = ? AND state = 'submitted'", (service,)
        ).fetchall()
        ages = sorted(self.moment() - created for _, created in rows)
        return LiveJobs(frozenset(row[0] for row in rows), max(0.0, ages[len(ages) // 2]) if ages else 0.0)


def left(until: float, now: float) -> float:
    """The seconds that are left of a claim or a rest; none where the ledger's clock was set."""
    return until - now if now < until <= now + FURTHEST else 0.0
