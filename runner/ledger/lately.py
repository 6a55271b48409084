"""What a run that is under way has done lately, and what it still has to do: read beside it, from sums."""

from collections.abc import Mapping
from dataclasses import dataclass

from runner.ledger.store import Store

LONGEST_JOB = 6 * 3600.0
"""Seconds before the looked-at time in which a job that was saved in it was surely reserved."""

_OUT = "('reserved', 'uploading', 'sending', 'submitted', 'finished')"
_OF_PURCHASE = "JOIN parts t ON t.id = a.part_id JOIN purchases p ON p.id = t.purchase_id"


@dataclass(frozen=True, slots=True)
class Lately:
    """Expected prices by product, each in its own currency."""

    started: float  # when the run began, seconds since 1970
    since: float  # from when on what was saved counts
    items: int  # saved since
    saved: Mapping[str, int]
    under_way: Mapping[str, int]
    waiting: Mapping[str, int]
    allotted: int  # cents that the run may still reserve


class LatelyDone(Store):
    """Asks for it."""

    def lately(self, manifest_id: str, since: float, *, waiting: bool = True) -> Lately | None:
        """Since a moment, or since the run began if that was later; None where no run of it is known.

        Args:
            manifest_id: of the run.
            since: seconds since 1970.
            waiting: add up what waits, too: each line is looked at.
        """
        row = self._db.execute(
            "SELECT started FROM runs WHERE manifest_id = ? AND shift_id IS NULL ORDER BY id DESC LIMIT 1",
            (manifest_id,),
        ).fetchone()
        if row is None:
            return None
        start = max(since, row[0])
        saved = self._db.execute(
            f"SELECT p.product, sum(a.expected), count(*) FROM attempts a {_OF_PURCHASE}"  # noqa: S608 - fixed text
            " WHERE a.created >= ? AND a.manifest_id = ? AND a.state = 'saved' AND a.changed >= ?"
            " GROUP BY p.product",
            (start - LONGEST_JOB, manifest_id, start),
        ).fetchall()
        out = self._db.execute(
            f"SELECT p.product, sum(a.expected) FROM attempts a {_OF_PURCHASE}"  # noqa: S608
            f" WHERE a.hold > 0 AND a.state IN {_OUT} AND a.manifest_id = ? GROUP BY p.product",
            (manifest_id,),
        )
        allotted = self._db.execute("SELECT cents FROM allotments WHERE manifest_id = ?", (manifest_id,))
        return Lately(
            started=row[0],
            since=start,
            items=sum(count for _, _, count in saved),
            saved={product: cents for product, cents, _ in saved},
            under_way=dict(out.fetchall()),
            waiting=self._waiting(manifest_id) if waiting else {},
            allotted=(allotted.fetchone() or (0,))[0],
        )

    def _waiting(self, manifest_id: str) -> dict[str, int]:
        """A purchase once, whatever lines share it."""
        rows = self._db.execute(
            "SELECT product, sum(expected) FROM (SELECT p.product, max(i.expected) AS expected"
            " FROM items i JOIN purchases p ON p.id = i.purchase_id JOIN parts t ON t.purchase_id = p.id"
            " WHERE i.manifest_id = ? AND t.state = 'planned' GROUP BY t.id, p.product) each_purchase"
            " GROUP BY product",
            (manifest_id,),
        )
        return dict(rows.fetchall())
