"""Bill-back: the wallet's usage rows against our attempts.

A row is matched by (service, job number): job numbers are unique for one service only, and the
wallet has its own names for services (docs/api.md 1 and 2). Several rows of one job add up; a row
that pages show twice counts once.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from manifests.money import Cents
from manifests.states import State
from runner.api.interface import UsageRow
from runner.ledger.rows import AttemptRow, Move
from runner.ledger.sqlite import SqliteLedger

FAILED = frozenset({State.FAILED, State.RELEASED, State.FAILED_CHARGED})


def failed_at(cents: Cents) -> State:
    """What a failed job is at that charge: one that was paid back was not charged."""
    return State.FAILED_CHARGED if cents > 0 else State.RELEASED


@dataclass(frozen=True, slots=True)
class Charge:
    """A charge that just became known."""

    attempt: AttemptRow
    cents: Cents

    @property
    def over(self) -> Cents:
        """What it is above its ceiling; 0 normally."""
        return Cents(max(0, self.cents - self.attempt.ceiling))


def add_rows(ledger: SqliteLedger, rows: Iterable[UsageRow], services: Mapping[str, str]) -> list[Charge]:
    """Record priced rows not seen before and settle the attempts they belong to.

    Args:
        ledger: inside a transaction.
        rows: as read, in any order, repeats allowed.
        services: our service's name by the wallet's service type.
    """
    charges: list[Charge] = []
    for row in rows:
        if row.priced and _is_new(ledger, row):
            attempt = _owner(ledger, row, services)
            _record(ledger, row, attempt)
            charge = None if attempt is None else _charge(ledger, attempt)
            if charge is not None:
                charges.append(charge)
    return charges


def known_rows(ledger: SqliteLedger, row_ids: Iterable[str]) -> set[str]:
    """Those of the rows that are recorded already."""
    wanted = list(row_ids)
    marks = ",".join("?" * len(wanted))
    found = ledger.db.execute(f"SELECT row_id FROM usage_rows WHERE row_id IN ({marks})", wanted)  # noqa: S608
    return {row[0] for row in found}


def match_recorded(ledger: SqliteLedger, attempt: AttemptRow, types: Iterable[str]) -> Charge | None:
    """Settle an attempt by rows that came before its job number was known; None when there are none."""
    for service_type in types:
        changed = ledger.db.execute(
            "UPDATE usage_rows SET attempt_id = ?"
            " WHERE attempt_id IS NULL AND job_id = ? AND service_type = ?",
            (attempt.attempt_id, attempt.job_id, service_type),
        )
        if changed.rowcount > 0:
            return _charge(ledger, attempt)
    return None


def settle_unverified(ledger: SqliteLedger, attempt: AttemptRow) -> None:
    """Count an attempt at its expected price: the wallet's rows do not say whose job they bill.

    A failed one counts as charged: that it was not, nothing shows.
    """
    ledger.db.execute(
        "UPDATE attempts SET hold = 0, charge = expected, settled = 'unverified' WHERE id = ?",
        (attempt.attempt_id,),
    )
    if attempt.state in FAILED:
        ledger.move(Move(attempt.attempt_id, failed_at(attempt.expected), _reason(ledger, attempt)))


def release(ledger: SqliteLedger, attempt: AttemptRow) -> None:
    """Give the hold of a failed job back: no usage row came for it."""
    ledger.move(Move(attempt.attempt_id, State.RELEASED, _reason(ledger, attempt)))


def _is_new(ledger: SqliteLedger, row: UsageRow) -> bool:
    return not known_rows(ledger, [row.row_id])


def _owner(ledger: SqliteLedger, row: UsageRow, services: Mapping[str, str]) -> AttemptRow | None:
    service = services.get(row.service_type)
    return ledger.attempt_of_job(service, row.job_id) if service and row.job_id else None


def _record(ledger: SqliteLedger, row: UsageRow, attempt: AttemptRow | None) -> None:
    ledger.db.execute(
        "INSERT INTO usage_rows VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            row.row_id,
            row.service_type,
            row.job_id,
            row.cents,
            row.seconds,
            row.created,
            None if attempt is None else attempt.attempt_id,
        ),
    )


def _charge(ledger: SqliteLedger, attempt: AttemptRow) -> Charge | None:
    """Settle by all rows of the job; what is paid back is never more than what was charged.

    None while only a repayment is known, whose charge is still to come: the hold stays.
    """
    total, largest = ledger.db.execute(
        "SELECT sum(cents), max(cents) FROM usage_rows WHERE attempt_id = ?", (attempt.attempt_id,)
    ).fetchone()
    if largest < 0:
        return None
    cents = Cents(max(0, total))
    ledger.db.execute(
        "UPDATE attempts SET hold = 0, charge = ?, settled = 'billed' WHERE id = ?",
        (cents, attempt.attempt_id),
    )
    if attempt.state in FAILED:
        ledger.move(Move(attempt.attempt_id, failed_at(cents), _reason(ledger, attempt)))
    return Charge(attempt, cents)


def _reason(ledger: SqliteLedger, attempt: AttemptRow) -> str:
    row = ledger.db.execute("SELECT reason FROM attempts WHERE id = ?", (attempt.attempt_id,)).fetchone()
    return str(row[0])
