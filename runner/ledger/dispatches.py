"""Dispatches: what a run offers to the fleet, cut into shifts; each line is in one of them at most."""

import json
from collections.abc import Iterable
from dataclasses import replace
from itertools import islice
from typing import Any

from manifests.money import Cents
from runner.ledger.attempts import Attempts
from runner.ledger.db import TO_CHANGE
from runner.ledger.fleet_rows import Dispatch, Ended, NewShift, Shift, ShiftState, Waiting

_BATCH = 1_000
"""Lines that are asked for together."""

_DISPATCH = "id, manifest_id, run_id, head, options, cap, created, stopped, ended, reason"

SHIFT = (
    "s.id, s.dispatch_id, d.manifest_id, s.ordinal, s.lines, s.size, s.buys, s.state, s.run_id, s.tries,"
    " s.since, s.outcome FROM shifts s JOIN dispatches d ON d.id = s.dispatch_id"
)


class Dispatches(Attempts):
    """What is offered. All methods that write belong in a transaction."""

    def begin_dispatch(self, manifest_id: str, head: str, options: str, cap: int) -> int:
        """Record what the run that has begun offers; the dispatch's number.

        Args:
            manifest_id: whose lines.
            head: of the manifest, as JSON.
            options: what goes with every shift, as JSON.
            cap: that this run asks for, in cents.
        """
        return self._db.insert(
            "INSERT INTO dispatches (manifest_id, run_id, head, options, cap, created)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (manifest_id, self.run_id, head, options, cap, self.moment()),
        )

    def set_options(self, dispatch_id: int, options: str) -> None:
        """What goes with every shift from now on, as JSON."""
        self._db.execute("UPDATE dispatches SET options = ? WHERE id = ?", (options, dispatch_id))

    def offer(self, dispatch_id: int, shift: NewShift) -> int | None:
        """Let a shift wait for a host; its number, for which the caller rings.

        None where another shift that is not over has one of its lines: `elsewhere` tells which, before.
        And none once the dispatch was stopped: nobody would ever take it.
        """
        manifest_id, stopped, ordinal = self._db.execute(
            "SELECT a.manifest_id, a.stopped,"  # noqa: S608 - constant
            " (SELECT coalesce(max(ordinal), 0) + 1 FROM shifts WHERE dispatch_id = a.id)"
            f" FROM dispatches a WHERE a.id = ? {TO_CHANGE}",
            (dispatch_id,),
        ).fetchone()
        if stopped is not None:
            return None
        shift_id = self._db.insert(
            "INSERT INTO shifts (dispatch_id, ordinal, lines, size, buys, since) VALUES (?, ?, ?, ?, ?, ?)",
            (dispatch_id, ordinal, shift.lines, len(shift.keys), int(shift.buys), self.moment()),
        )
        claimed = self._db.executemany(
            "INSERT INTO claims (manifest_id, line, shift_id) VALUES (?, ?, ?)"
            " ON CONFLICT (manifest_id, line) DO NOTHING",
            [(manifest_id, key, shift_id) for key in shift.keys],
        ).rowcount
        if claimed == len(shift.keys):
            return shift_id
        self._db.execute("DELETE FROM claims WHERE shift_id = ?", (shift_id,))
        self._db.execute("DELETE FROM shifts WHERE id = ?", (shift_id,))
        return None

    def elsewhere(self, manifest_id: str, keys: Iterable[str]) -> set[str]:
        """Those of some lines that are in a shift which is not over."""
        found: set[str] = set()
        rest = iter(keys)
        while some := list(islice(rest, _BATCH)):
            rows = self._db.execute(
                "SELECT line FROM claims WHERE manifest_id = ? AND line IN (SELECT value FROM json_each(?))",
                (manifest_id, json.dumps(some)),
            )
            found.update(row[0] for row in rows.fetchall())
        return found

    def stop_dispatch(self, dispatch_id: int, reason: str) -> None:
        """Buy nothing more for a dispatch: what waits is cancelled; who has a shift is told with his beat."""
        self._db.execute(
            "UPDATE dispatches SET stopped = ?, reason = ? WHERE id = ? AND stopped IS NULL",
            (self.moment(), reason, dispatch_id),
        )
        self._db.execute(  # first: a host that takes one at this moment has it, with its claims
            "UPDATE shifts SET state = 'cancelled', since = ? WHERE dispatch_id = ? AND state = 'waiting'",
            (self.moment(), dispatch_id),
        )
        self._db.execute(
            "DELETE FROM claims WHERE shift_id IN"
            " (SELECT id FROM shifts WHERE dispatch_id = ? AND state = 'cancelled')",
            (dispatch_id,),
        )

    def end_dispatch(self, dispatch_id: int) -> None:
        """All of it is over, or was cancelled."""
        self._db.execute(
            "UPDATE dispatches SET ended = ? WHERE id = ? AND ended IS NULL", (self.moment(), dispatch_id)
        )

    def shift(self, shift_id: int) -> Shift:
        """One shift."""
        return shift_of(self._db.execute(f"SELECT {SHIFT} WHERE s.id = ?", (shift_id,)).fetchone())

    def dispatch(self, dispatch_id: int) -> Dispatch:
        """One dispatch."""
        row = self._db.execute(f"SELECT {_DISPATCH} FROM dispatches WHERE id = ?", (dispatch_id,))  # noqa: S608
        return _dispatch(row.fetchone())

    def goes_on(self, dispatch_id: int) -> bool:
        """Whether a dispatch was not stopped; it is not until this transaction is durable."""
        row = self._db.execute(
            f"SELECT a.stopped FROM dispatches a WHERE a.id = ? {TO_CHANGE}",  # noqa: S608 - constant
            (dispatch_id,),
        ).fetchone()
        return row[0] is None

    def dispatches(self, manifest_id: str) -> list[Dispatch]:
        """Those of a manifest that are not over, as they began."""
        rows = self._db.execute(
            f"SELECT {_DISPATCH} FROM dispatches WHERE manifest_id = ? AND ended IS NULL ORDER BY id",  # noqa: S608
            (manifest_id,),
        ).fetchall()
        return [_dispatch(row) for row in rows]

    def last_options(self, manifest_id: str) -> str:
        """What went with the shifts that the last run of a manifest offered, as JSON; empty if none did."""
        row = self._db.execute(
            "SELECT options FROM dispatches WHERE manifest_id = ? ORDER BY id DESC LIMIT 1", (manifest_id,)
        ).fetchone()
        return row[0] if row else ""

    def is_dispatching(self) -> bool:
        """Whether any run offers shifts that are not over, or may offer more."""
        row = self._db.execute("SELECT 1 FROM dispatches WHERE ended IS NULL LIMIT 1").fetchone()
        return row is not None

    def waiting_shifts(self, since: float, most: int = 50) -> list[int]:
        """The first shifts that have waited from a moment on, or longer: whoever was to come may be gone."""
        rows = self._db.execute(
            "SELECT id FROM shifts WHERE state = 'waiting' AND since <= ?"
            " ORDER BY dispatch_id, ordinal LIMIT ?",
            (since, most),
        )
        return [row[0] for row in rows.fetchall()]

    def waiting(self, manifest_id: str) -> Waiting:
        """How much of a manifest is in shifts that are not over."""
        rows = self._db.execute(
            "SELECT s.state, count(*), sum(s.size) FROM dispatches d JOIN shifts s ON s.dispatch_id = d.id"
            " WHERE d.manifest_id = ? AND d.ended IS NULL AND s.state IN ('waiting', 'taken')"
            " GROUP BY s.state",
            (manifest_id,),
        ).fetchall()
        found = Waiting()
        for state, shifts, lines in rows:
            found = replace(found, **{state: shifts, f"{state}_lines": lines})
        return found

    def ended_shifts(self, dispatch_id: int, since: float = 0.0) -> list[Ended]:
        """What is over of a dispatch since a moment, each with the host that had it last."""
        rows = self._db.execute(
            "SELECT s.id, s.dispatch_id, s.state, coalesce((SELECT r.host FROM runs r WHERE r.shift_id = s.id"
            " ORDER BY r.id DESC LIMIT 1), ''), s.outcome, s.since FROM shifts s"
            " WHERE s.dispatch_id = ? AND s.since >= ? AND s.state IN ('done', 'cancelled')"
            " ORDER BY s.since, s.id",
            (dispatch_id, since),
        ).fetchall()
        return [Ended(row[0], row[1], ShiftState(row[2]), *row[3:]) for row in rows]


def shift_of(row: tuple[Any, ...]) -> Shift:
    """The shift in the columns of `SHIFT`."""
    number, dispatch, name, ordinal, lines, size, buys, state, *rest = row
    return Shift(number, dispatch, name, ordinal, lines, size, bool(buys), ShiftState(state), *rest)


def _dispatch(row: tuple[Any, ...]) -> Dispatch:
    number, name, run_id, head, options, cap, *rest = row
    return Dispatch(number, name, run_id, head, options, Cents(cap), *rest)
