"""Runs of manifests: who asked, with which file, how it ended, and what the wallet said."""

from dataclasses import dataclass

from manifests.money import Cents
from runner.ledger.store import Store


@dataclass(frozen=True, slots=True)
class RunBy:
    """Who asks for a run, and with what; empty where it is not known."""

    who: str = ""
    host: str = ""
    pid: int = 0
    version: str = ""  # of Earmark
    name: str = ""  # of the manifest, as it was planned; else its file's
    digest: str = ""  # sha256 of the manifest's file as it was read


@dataclass(frozen=True, slots=True)
class Reading:
    """The wallet as it was read at a time (seconds since 1970), in cents."""

    at: float
    balance: Cents
    total_spent: Cents


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run; `ended` and `exit` are None while it goes on, and where it was killed."""

    run_id: int
    manifest_id: str
    started: float  # seconds since 1970
    ended: float | None
    exit: int | None
    by: RunBy
    before: Reading | None = None
    after: Reading | None = None


_COLUMNS = (
    "id, manifest_id, started, ended, exit, who, host, pid, version, name, digest,"
    " read_before, balance_before, spent_before, read_after, balance_after, spent_after"
)


class Runs(Store):
    """One row a run."""

    def begin_run(
        self, manifest_id: str, by: RunBy, lease: float | None = None, worker_id: int | None = None
    ) -> int:
        """Record that a run begins; what is reserved from now on is its own.

        Args:
            manifest_id: what it buys.
            by: who asked.
            lease: seconds from now for which it counts as alive; None where a lock says that.
            worker_id: of the process, where it takes shifts, too.
        """
        until = None if lease is None else self.moment() + lease
        made = self._db.insert(
            "INSERT INTO runs (manifest_id, started, who, host, pid, version, name, digest, lease_until,"
            " worker_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(manifest_id, self.hour(), by.who, by.host, by.pid, by.version, by.name, by.digest),
                *(until, worker_id),
            ),
        )
        self.lease = None if lease is None else made
        self.run_id = made
        return made

    def end_run(self, exit_code: int, before: Reading | None = None, after: Reading | None = None) -> None:
        """Record how the run ended, and what the wallet said before and after."""
        self._db.execute(
            "UPDATE runs SET ended = ?, exit = ?, read_before = ?, balance_before = ?, spent_before = ?,"
            " read_after = ?, balance_after = ?, spent_after = ? WHERE id = ?",
            (self.hour(), exit_code, *_values(before), *_values(after), self.run_id),
        )
        self._db.execute("UPDATE attempts SET driver = NULL WHERE driver = ?", (self.run_id,))
        self.run_id = self.lease = None

    def runs(self, manifest_id: str | None = None) -> list[RunRow]:
        """The runs of a manifest, or of all, as they began; hosts' parts of a run are none of their own."""
        where, values = ("", ()) if manifest_id is None else (" AND manifest_id = ?", (manifest_id,))
        rows = self._db.execute(
            f"SELECT {_COLUMNS} FROM runs WHERE shift_id IS NULL{where} ORDER BY id",  # noqa: S608
            values,
        )
        return [
            RunRow(
                run_id=row[0],
                manifest_id=row[1],
                started=row[2],
                ended=row[3],
                exit=row[4],
                by=RunBy(*row[5:11]),
                before=_reading(*row[11:14]),
                after=_reading(*row[14:17]),
            )
            for row in rows
        ]


def _values(reading: Reading | None) -> tuple[float | None, int | None, int | None]:
    return (None, None, None) if reading is None else (reading.at, reading.balance, reading.total_spent)


def _reading(at: float | None, balance: int | None, spent: int | None) -> Reading | None:
    if at is None or balance is None or spent is None:
        return None
    return Reading(at, Cents(balance), Cents(spent))
