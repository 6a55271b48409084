"""Manifests with their caps, and what runs were allotted."""

import os
from pathlib import Path

from manifests.budget import Amounts
from manifests.money import Cents
from runner.ledger.store import Store


class Caps(Store):
    """What counts against what."""

    def stored_cap(self, manifest_id: str) -> Cents | None:
        """The cap last used for a manifest, or None when it was never run."""
        row = self._db.execute("SELECT cap FROM manifests WHERE id = ?", (manifest_id,)).fetchone()
        return None if row is None else Cents(row[0])

    def put_manifest(self, manifest_id: str, path: Path, cap: Cents, credits_cap: int | None = None) -> None:
        """Record a manifest with the caps of this run; lowering one below what is committed is allowed.

        Without a cap for credits the one that is stored stays, which is 0 for a new manifest.
        """
        self._db.execute(
            "INSERT INTO manifests (id, path, cap, created) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (id) DO UPDATE SET cap = excluded.cap, path = excluded.path",
            (manifest_id, os.fsencode(path), cap, self.hour()),
        )
        if credits_cap is not None:
            self._db.execute("UPDATE manifests SET credits_cap = ? WHERE id = ?", (credits_cap, manifest_id))

    def manifests(self) -> list[tuple[str, Path]]:
        """All manifests that were run, with where each was last, oldest first."""
        rows = self._db.execute("SELECT id, path FROM manifests ORDER BY created, id")
        return [(row[0], Path(os.fsdecode(row[1]))) for row in rows]

    def amounts(self, manifest_id: str) -> Amounts:
        """The amounts of a manifest's cap, in cents; all zero for one that was never run."""
        row = self._db.execute(
            "SELECT cap, spent, reserved, in_doubt FROM manifests WHERE id = ?", (manifest_id,)
        ).fetchone()
        return Amounts(*map(Cents, row or (0, 0, 0, 0)))

    def credits(self, manifest_id: str) -> Amounts:
        """The amounts of a manifest's cap for credits, in credits; all zero for one that was never run."""
        row = self._db.execute(
            "SELECT credits_cap, credits_spent, credits_reserved, credits_in_doubt FROM manifests"
            " WHERE id = ?",
            (manifest_id,),
        ).fetchone()
        return Amounts(*map(Cents, row or (0, 0, 0, 0)))

    def held(self) -> Cents:
        """The holds of all manifests: what running jobs and doubts may still take from the wallet."""
        return Cents(
            self._db.execute("SELECT coalesce(sum(reserved + in_doubt), 0) FROM manifests").fetchone()[0]
        )

    def spoken_for(self) -> tuple[Cents, dict[str, Cents]]:
        """The holds of all manifests, and the allotments by manifest, as both are at one moment.

        A reservation makes a hold of what was allotted: read one after the other, money of other hosts would
        be counted twice, or not at all.
        """
        rows = self._db.execute(
            "SELECT m.id, m.reserved + m.in_doubt, coalesce(a.cents, 0) FROM manifests m"
            " LEFT JOIN allotments a ON a.manifest_id = m.id WHERE m.reserved + m.in_doubt > 0 OR a.cents > 0"
        ).fetchall()
        return Cents(sum(row[1] for row in rows)), {row[0]: Cents(row[2]) for row in rows if row[2]}

    def held_credits(self) -> int:
        """The holds of all manifests in credits: what jobs may still take from the account's credits."""
        row = self._db.execute(
            "SELECT coalesce(sum(credits_reserved + credits_in_doubt), 0) FROM manifests"
        ).fetchone()
        return int(row[0])

    def add_extra_charge(self, manifest_id: str, cents: Cents, reason: str) -> None:
        """Count money in cents that left the account otherwise than by a job's charge."""
        self._db.execute(
            "INSERT INTO extra_charges VALUES (?, ?, ?, ?)", (manifest_id, cents, reason, self.hour())
        )

    def has_extra_charges(self, manifest_id: str) -> bool:
        """Whether account credits ever fell for a manifest."""
        row = self._db.execute("SELECT 1 FROM extra_charges WHERE manifest_id = ?", (manifest_id,)).fetchone()
        return row is not None

    def allot(self, manifest_id: str, cents: int) -> None:
        """Write what a run may still reserve; 0 ends the allotment."""
        self._db.execute("DELETE FROM allotments WHERE manifest_id = ?", (manifest_id,))
        if cents > 0:
            self._db.execute("INSERT INTO allotments VALUES (?, ?)", (manifest_id, cents))

    def allotted(self) -> dict[str, Cents]:
        """Allotments by manifest."""
        return {
            row[0]: Cents(row[1]) for row in self._db.execute("SELECT manifest_id, cents FROM allotments")
        }
