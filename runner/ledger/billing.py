"""Bill-back: the wallet's usage rows against our attempts.

A row is matched by (service, job number): job numbers are unique for one service only, and the
wallet has its own names for services (docs/api.md 1 and 2). Several rows of one job add up; a row
that pages show twice counts once.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from manifests.money import Cents
from manifests.states import State
from runner.api.interface import UsageRow
from runner.api.service_types import billed_as, owners
from runner.ledger.interface import Ledger
from runner.ledger.rows import AttemptRow, Move

CREDIT_ROW = "credit row"
"""Under this and its number the ledger keeps which attempt a row of the credits stands for."""

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


def add_rows(ledger: Ledger, rows: Iterable[UsageRow]) -> list[Charge]:
    """Record priced rows not seen before and settle the attempts they belong to.

    Rows of jobs that another run with a lease sees through are left to that one: hosts that share a reading
    would stand in each other's way, turn after turn.

    Args:
        ledger: inside a transaction.
        rows: as read, in any order, repeats allowed.
    """
    charges: list[Charge] = []
    read = [row for row in rows if row.priced]
    known = known_rows(ledger, (row.row_id for row in read))
    for row in read:
        if row.row_id not in known:
            known.add(row.row_id)
            attempt = owner(ledger, row)
            if _is_elsewhere(ledger, attempt) or not _record(ledger, row, attempt):
                continue
            charge = None if attempt is None else _charge(ledger, attempt)
            if charge is not None:
                charges.append(charge)
    return charges


def known_rows(ledger: Ledger, row_ids: Iterable[str]) -> set[str]:
    """Those of the rows that are recorded already."""
    wanted = list(row_ids)
    if not wanted:
        return set()
    marks = ",".join("?" * len(wanted))
    found = ledger.db.execute(f"SELECT row_id FROM usage_rows WHERE row_id IN ({marks})", wanted)  # noqa: S608
    return {row[0] for row in found}


def match_recorded(ledger: Ledger, attempt: AttemptRow) -> Charge | None:
    """Settle an attempt by rows that came before its job number was known; None when there are none."""
    if attempt.currency != "cents":
        return None
    free = ledger.db.execute(
        "SELECT DISTINCT service_type FROM usage_rows WHERE attempt_id IS NULL AND job_id = ?",
        (attempt.job_id,),
    )
    service_type = billed_as(attempt.service, (row[0] for row in free.fetchall()))
    if service_type is None:
        return None
    ledger.db.execute(
        "UPDATE usage_rows SET attempt_id = ? WHERE attempt_id IS NULL AND job_id = ? AND service_type = ?",
        (attempt.attempt_id, attempt.job_id, service_type),
    )
    return _charge(ledger, attempt)


def settle_unverified(ledger: Ledger, attempt: AttemptRow) -> None:
    """Count an attempt at its expected price: the wallet's rows do not say whose job they bill.

    A failed one counts as charged: that it was not, nothing shows.
    """
    ledger.db.execute(
        "UPDATE attempts SET hold = 0, charge = expected, settled = 'unverified' WHERE id = ?",
        (attempt.attempt_id,),
    )
    if attempt.state in FAILED:
        ledger.move(Move(attempt.attempt_id, failed_at(attempt.expected), _reason(ledger, attempt)))


def settle_by_credits(ledger: Ledger, attempt_id: int, row_id: str) -> bool:
    """Count an attempt at nothing: a row of the account's credits has its money, and counts elsewhere.

    False where the attempt is settled already, or the row stands for another one.
    """
    mark = f"{CREDIT_ROW} {row_id}"
    if ledger.to_change(attempt_id).hold == 0 or ledger.meta(mark) is not None:
        return False
    ledger.set_meta(mark, str(attempt_id))
    ledger.db.execute(
        "UPDATE attempts SET hold = 0, charge = 0, settled = 'credits' WHERE id = ?", (attempt_id,)
    )
    return True


def used_credit_rows(ledger: Ledger) -> set[str]:
    """The rows of the credits that stand for an attempt already."""
    rows = ledger.db.execute(
        "SELECT key FROM meta WHERE key > ? AND key < ?", (f"{CREDIT_ROW} ", f"{CREDIT_ROW}!")
    )
    return {key.removeprefix(f"{CREDIT_ROW} ") for (key,) in rows}


def owner(ledger: Ledger, row: UsageRow) -> AttemptRow | None:
    """Whose job a row bills: of services that share a name, the likeliest that has such a job."""
    names = owners(row.service_type) if row.job_id else ()
    found = (ledger.attempt_of_job(name, row.job_id) for name in names)
    return next((each for each in found if each is not None and each.currency == "cents"), None)


def release(ledger: Ledger, attempt: AttemptRow) -> None:
    """Give the hold of a failed job back: no usage row came for it."""
    ledger.move(Move(attempt.attempt_id, State.RELEASED, _reason(ledger, attempt)))


def read_before(ledger: Ledger, attempt: AttemptRow) -> Charge | None:
    """What another run that read the rows first settled an attempt at; None where it is not settled.

    It may have done so before this one was seen to fail.
    """
    if attempt.charge is None:
        return None
    if attempt.state is State.FAILED:
        ledger.move(Move(attempt.attempt_id, failed_at(attempt.charge), _reason(ledger, attempt)))
    return Charge(attempt, attempt.charge)


def _is_elsewhere(ledger: Ledger, attempt: AttemptRow | None) -> bool:
    return ledger.lease is not None and attempt is not None and attempt.driver not in (None, ledger.lease)


def _record(ledger: Ledger, row: UsageRow, attempt: AttemptRow | None) -> bool:
    """Keep a row; False where a run beside this one has just done so."""
    made = ledger.db.execute(
        "INSERT INTO usage_rows VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (row_id) DO NOTHING",
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
    return made.rowcount == 1


def _charge(ledger: Ledger, attempt: AttemptRow) -> Charge | None:
    """Settle by all rows of the job; what is paid back is never more than what was charged.

    Rows under a later one of the service's names than others have are of another service's job of the
    same number, made elsewhere. None while only a repayment is known, whose charge is still to come:
    the hold stays.
    """
    attempt = replace(
        attempt, state=ledger.to_change(attempt.attempt_id).state
    )  # it may have failed just now
    sums = {
        name: (total, largest)
        for name, total, largest in ledger.db.execute(
            "SELECT service_type, sum(cents), max(cents) FROM usage_rows"
            " WHERE job_id = ? AND attempt_id = ? GROUP BY service_type",
            (attempt.job_id, attempt.attempt_id),
        )
    }
    total, largest = sums[billed_as(attempt.service, sums) or next(iter(sums))]
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


def _reason(ledger: Ledger, attempt: AttemptRow) -> str:
    row = ledger.db.execute("SELECT reason FROM attempts WHERE id = ?", (attempt.attempt_id,)).fetchone()
    return str(row[0])
