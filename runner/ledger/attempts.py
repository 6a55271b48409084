"""Attempts: reserving under the cap, every change of state, and finding them again."""

from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any, NamedTuple

from manifests.catalogue import Currency
from manifests.money import Cents
from manifests.states import TABLE, Purse, State, may_follow
from runner.ledger.columns import ATTEMPT, attempt_of
from runner.ledger.db import TO_CHANGE, Refused
from runner.ledger.rows import Adoption, AttemptRow, Move, Reservation
from runner.ledger.store import AlreadyLive, OverTheCap, Store

_OVER = ("over the cap", "over_the_cap")
"""The words of the trigger that refuses, and the name of the constraint behind it."""


class Attempts(Store):
    """Where the money is."""

    def reserve(self, wish: Reservation) -> int:
        """Check the cap of its currency and set a ceiling aside, in one statement; the attempt's number.

        Raises:
            OverTheCap: the cap does not leave the ceiling.
            AlreadyLive: another attempt of the part lives.
        """
        attempt_id = self._insert_attempt(wish, State.RESERVED, None, self.run_id)
        if wish.currency == "cents":
            self._db.execute(
                "UPDATE allotments SET cents = CASE WHEN cents > ? THEN cents - ? ELSE 0 END"
                " WHERE manifest_id = ?",
                (wish.ceiling, wish.ceiling, wish.manifest_id),
            )
        return attempt_id

    def reserve_many(self, wishes: Sequence[Reservation]) -> list[int | OverTheCap | AlreadyLive]:
        """Reserve for one manifest in this order; for each its attempt's number, or why there is none."""
        return [self._reserved(wish) for wish in wishes]

    def _reserved(self, wish: Reservation) -> int | OverTheCap | AlreadyLive:
        try:
            return self.reserve(wish)
        except (OverTheCap, AlreadyLive) as refusal:
            return refusal

    def adopt(self, found: Adoption) -> int:
        """Record a job that the service has and this ledger does not; its ceiling counts at once.

        Which run made it, nothing tells.

        Raises:
            AlreadyLive: the part or the job is known after all.
        """
        return self._insert_attempt(found, State.SUBMITTED, found.job_id, None)

    def _insert_attempt(
        self, wish: Reservation | Adoption, state: State, job_id: str | None, run_id: int | None
    ) -> int:
        now = self.hour()
        values = (wish.part_id, wish.manifest_id, wish.service, wish.token, wish.currency)
        money = (wish.expected, wish.ceiling, wish.ceiling)
        try:
            with self._db.tentative():
                made = self._db.insert(
                    "INSERT INTO attempts (part_id, manifest_id, service, token, currency, expected, ceiling,"
                    " hold, state, purse, job_id, created, changed, run_id, driver)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        *(*values, *money, state.value, TABLE[state].purse.value, job_id),
                        *(now, now, run_id, self.lease),
                    ),
                )
        except Refused as error:
            if any(words in str(error) for words in _OVER):
                raise OverTheCap("over the cap") from error
            raise AlreadyLive(str(error)) from error
        self._set_part(wish.part_id, made, state, "")
        return made

    def move(self, move: Move) -> None:
        """Change an attempt's state; its hold follows the state's purse.

        Raises:
            ValueError: the state table does not allow it.
            AlreadyLive: the job number belongs to another attempt.
        """
        attempt = self._standing(move.attempt_id)
        if not may_follow(attempt.state, move.to):
            raise ValueError(f"attempt {move.attempt_id}: {attempt.state} cannot become {move.to}")
        if move.to is State.SUBMITTED and (attempt.superseded or attempt.state is State.PLANNED):
            self._revive(move.attempt_id, attempt.part_id)
            attempt = self._standing(move.attempt_id)
        hold, charge, settled, purse = _money_after(attempt, move.to)
        try:
            with self._db.tentative() if move.job_id else nullcontext():  # its number may be another's
                self._db.execute(
                    "UPDATE attempts SET state = ?, purse = ?, hold = ?, charge = ?, settled = ?, reason = ?,"
                    " job_id = coalesce(?, job_id), changed = ? WHERE id = ?",
                    (
                        move.to.value,
                        purse.value,
                        hold,
                        charge,
                        settled,
                        move.reason,
                        move.job_id,
                        self.hour(),
                        move.attempt_id,
                    ),
                )
        except Refused as error:
            raise AlreadyLive(str(error)) from error
        if move.to is State.PLANNED and attempt.hold and attempt.currency == "cents":
            self._db.execute(
                "UPDATE allotments SET cents = cents + ? WHERE manifest_id = ?",
                (attempt.hold, attempt.manifest_id),
            )
        if attempt.newest:
            self._set_part(attempt.part_id, move.attempt_id, move.to, move.reason)
        else:
            self._remember(attempt.part_id, move.attempt_id, move.to, move.reason)

    def _standing(self, attempt_id: int) -> "_Standing":
        row = self._db.execute(_STANDING, (attempt_id,)).fetchone()
        return _Standing(State(row[0]), *row[1:])

    def _revive(self, attempt_id: int, part_id: int) -> None:
        """An attempt that was set aside, or counted as never sent, takes its part back.

        What was tried since and came to nothing, or was given up, steps aside. Where a later attempt
        lives, the part stays with that one, and the money of this one counts beside it.
        """
        lives = self._db.execute(
            "SELECT 1 FROM attempts WHERE part_id = ? AND id <> ? AND superseded = 0"
            " AND state NOT IN ('planned', 'rejected', 'released', 'failed charged', 'given up')",
            (part_id, attempt_id),
        ).fetchone()
        if lives is None:  # the others first: only one may stand
            self._db.execute(
                "UPDATE attempts SET superseded = 1 WHERE part_id = ? AND id > ?", (part_id, attempt_id)
            )
        self._db.execute(
            "UPDATE attempts SET superseded = ? WHERE id = ?", (int(lives is not None), attempt_id)
        )

    def _set_part(self, part_id: int, attempt_id: int, state: State, reason: str) -> None:
        self._db.execute(
            "UPDATE parts SET state = ?, reason = ?, tries = tries + ? WHERE id = ?",
            (state.value, reason, int(state is State.FAILED), part_id),
        )
        self._remember(part_id, attempt_id, state, reason)

    def _remember(self, part_id: int, attempt_id: int, state: State, reason: str) -> None:
        self._db.execute(
            "INSERT INTO history (at, part_id, attempt_id, state, reason) VALUES (?, ?, ?, ?, ?)",
            (self.hour(), part_id, attempt_id, state.value, reason),
        )

    def supersede(self, attempt_id: int, reason: str) -> None:
        """Set an attempt in doubt aside so that its part can be sent again; its hold stays."""
        attempt = self.to_change(attempt_id)
        if attempt.state is not State.IN_DOUBT:
            raise ValueError(f"attempt {attempt_id} is {attempt.state}, not in doubt")
        self._db.execute("UPDATE attempts SET superseded = 1 WHERE id = ?", (attempt_id,))
        self._set_part(attempt.part_id, attempt_id, State.PLANNED, reason)

    def enlarge(self, attempt_id: int, ceiling: int, reason: str = "") -> None:
        """Raise an attempt's ceiling, and what is held for it, to at least this; nothing is ever lowered.

        The cap is not asked: a job that turns out longer than it could be planned at costs what it costs,
        and the next reservation is refused instead. What is settled or given back stays as it is.
        """
        attempt = self.to_change(attempt_id)
        if not attempt.hold or attempt.ceiling >= ceiling:
            return
        self._db.execute(
            "UPDATE attempts SET ceiling = ?, hold = CASE WHEN hold < ? THEN ? ELSE hold END WHERE id = ?",
            (ceiling, ceiling, ceiling, attempt_id),
        )
        told = reason or f"may cost {ceiling:,} {attempt.currency} instead of {attempt.ceiling:,}"
        self._remember(attempt.part_id, attempt_id, attempt.state, told)

    def attempt(self, attempt_id: int) -> AttemptRow:
        """One attempt."""
        row = self._db.execute(f"SELECT {ATTEMPT} FROM attempts a WHERE a.id = ?", (attempt_id,)).fetchone()  # noqa: S608
        return attempt_of(row)

    def to_change(self, attempt_id: int) -> AttemptRow:
        """One attempt, which nobody else changes until the transaction ends: what is decided by it holds."""
        row = self._db.execute(
            f"SELECT {ATTEMPT} FROM attempts a WHERE a.id = ? {TO_CHANGE}",  # noqa: S608
            (attempt_id,),
        ).fetchone()
        return attempt_of(row)

    def live_attempts(self, manifest_id: str) -> list[AttemptRow]:
        """A manifest's attempts that a run must recover, watch, fetch or clear."""
        return self._attempts(
            "a.manifest_id = ? AND a.state IN ('reserved', 'uploading', 'sending', 'in doubt',"
            " 'submitted', 'finished', 'failed')",
            (manifest_id,),
        )

    def unclear_attempts(self, manifest_id: str) -> list[AttemptRow]:
        """Attempts in doubt, or given up, of all that a manifest's items attach to, whoever made them."""
        return self._attempts(
            "a.state IN ('in doubt', 'given up') AND a.part_id IN (SELECT t.id FROM items i"
            " JOIN parts t ON t.purchase_id = i.purchase_id WHERE i.manifest_id = ?)",
            (manifest_id,),
        )

    def unsettled(self) -> list[AttemptRow]:
        """Attempts of any manifest that have a job and no charge yet."""
        return self._attempts(
            "a.hold > 0 AND a.job_id IS NOT NULL AND a.state IN ('finished', 'saved', 'lost', 'failed')", ()
        )

    def released(self, manifest_id: str, since: float) -> list[AttemptRow]:
        """Failed jobs whose holds were given back since a moment, as nothing billed them.

        A manifest's own, and those of others for what its items attach to.
        """
        return self._attempts(
            "a.state = 'released' AND a.changed >= ? AND a.job_id IS NOT NULL"
            " AND a.charge IS NULL AND a.currency = 'cents'"
            " AND (a.manifest_id = ? OR a.part_id IN (SELECT t.id FROM items i"
            " JOIN parts t ON t.purchase_id = i.purchase_id WHERE i.manifest_id = ?))",
            (since, manifest_id, manifest_id),
        )

    def done_in_credits(self, since: float) -> list[AttemptRow]:
        """Jobs of any manifest that credits paid, were done, and were sent after a moment."""
        return self._attempts(
            "a.currency = 'credits' AND a.created >= ? AND a.state IN ('finished', 'saved', 'lost')", (since,)
        )

    def credits_beside(self, manifest_id: str, since: float) -> int:
        """The most that jobs of all other runs may have taken of the credits since a moment.

        Those are the runs of other manifests; for a run with a lease also those beside it on its own.
        """
        value: object
        others, value = "manifest_id <> ?", manifest_id
        if self.lease is not None:
            others, value = "(driver IS NULL OR driver <> ?)", self.lease
        row = self._db.execute(
            "SELECT coalesce(sum(ceiling), 0) FROM attempts WHERE currency = 'credits'"  # noqa: S608 - constant
            f" AND {others} AND (changed >= ? OR state IN ('sending', 'submitted', 'in doubt'))"
            " AND state NOT IN ('planned', 'reserved', 'uploading', 'rejected')",
            (value, since),
        ).fetchone()
        return int(row[0])

    def job_ids(self, service: str) -> set[str]:
        """The job numbers of a service that this ledger knows."""
        rows = self._db.execute(
            "SELECT job_id FROM attempts WHERE service = ? AND job_id IS NOT NULL", (service,)
        )
        return {row[0] for row in rows}

    def charges(self) -> dict[tuple[str, str], Cents]:
        """What each job that the wallet billed cost, by service and job number."""
        rows = self._db.execute(
            "SELECT service, job_id, charge FROM attempts"
            " WHERE job_id IS NOT NULL AND charge IS NOT NULL AND currency = 'cents'"
        )
        return {(service, job): Cents(charge) for service, job, charge in rows}

    def attempt_of_token(self, token: str) -> AttemptRow | None:
        """The attempt that made a token, if it is ours."""
        return next(iter(self._attempts("a.token = ?", (token,))), None)

    def attempt_of_job(self, service: str, job_id: str) -> AttemptRow | None:
        """The attempt that a job belongs to."""
        return next(iter(self._attempts("a.service = ? AND a.job_id = ?", (service, job_id))), None)

    def _attempts(self, where: str, values: tuple[Any, ...]) -> list[AttemptRow]:
        rows = self._db.execute(f"SELECT {ATTEMPT} FROM attempts a WHERE {where} ORDER BY a.id", values)  # noqa: S608
        return [attempt_of(row) for row in rows]

    def part(self, part_id: int) -> tuple[State, AttemptRow | None]:
        """A part's state and its newest attempt."""
        state = self._db.execute("SELECT state FROM parts WHERE id = ?", (part_id,)).fetchone()[0]
        newest = self._attempts(
            "a.id = (SELECT max(id) FROM attempts WHERE part_id = ? AND superseded = 0)", (part_id,)
        )
        return State(state), next(iter(newest), None)


class _Standing(NamedTuple):
    """What a move must know of an attempt: read for each, so a tuple."""

    state: State
    part_id: int
    manifest_id: str
    currency: Currency
    hold: int
    charge: int | None
    ceiling: int
    settled: str
    superseded: int
    newest: int  # whether its part goes by it


_STANDING = (
    "SELECT state, part_id, manifest_id, currency, hold, charge, ceiling, settled, superseded,"  # noqa: S608 - constants
    " superseded = 0 AND NOT EXISTS (SELECT 1 FROM attempts b"
    "   WHERE b.part_id = a.part_id AND b.superseded = 0 AND b.id > a.id)"
    f" FROM attempts a WHERE id = ? {TO_CHANGE}"
)


def _money_after(attempt: _Standing, to: State) -> tuple[int, int | None, str, Purse]:
    """Hold, charge, how settled and purse of an attempt in its next state."""
    purse = TABLE[to].purse
    if to is State.GIVEN_UP:
        return 0, attempt.charge if attempt.charge is not None else attempt.hold, "given up", purse
    if attempt.state in (State.GIVEN_UP, State.PLANNED) and to is State.SUBMITTED:
        return attempt.ceiling, None, "", purse
    hold = 0 if purse is Purse.NONE else attempt.hold
    return hold, attempt.charge, attempt.settled, purse
