"""What was committed under limits that are no cap: by one run, and in a month, over all manifests."""

from manifests.money import Cents
from runner.ledger.store import Store


class Spending(Store):
    """Sums of holds and charges in cents; what credits pay is in none of them."""

    def newest_attempt(self) -> int:
        """The number of the newest attempt; 0 in an empty ledger."""
        return int(self._db.execute("SELECT coalesce(max(id), 0) FROM attempts").fetchone()[0])

    def committed_after(self, manifest_id: str, attempt_id: int) -> dict[str, Cents]:
        """What a manifest's attempts that are newer than one hold or were charged, by product."""
        rows = self._db.execute(
            "SELECT p.product, sum(a.hold + coalesce(a.charge, 0)) FROM attempts a"
            " JOIN parts t ON t.id = a.part_id JOIN purchases p ON p.id = t.purchase_id"
            " WHERE a.id > ? AND a.manifest_id = ? AND a.currency = 'cents' GROUP BY 1",
            (attempt_id, manifest_id),
        )
        return {product: Cents(cents) for product, cents in rows}

    def committed_since(self, start: float) -> Cents:
        """What all attempts made since a moment hold or were charged, and what else left the account."""
        (attempts,) = self._db.execute(
            "SELECT coalesce(sum(hold + coalesce(charge, 0)), 0) FROM attempts"
            " WHERE created >= ? AND currency = 'cents'",
            (start,),
        ).fetchone()
        (extra,) = self._db.execute(
            "SELECT coalesce(sum(cents), 0) FROM extra_charges WHERE at >= ?", (start,)
        ).fetchone()
        return Cents(attempts + extra)

    def promised(self, manifest_id: str) -> Cents:
        """What a manifest holds, was charged, and was allotted: reserving does not change it."""
        row = self._db.execute(
            "SELECT spent + reserved + in_doubt"
            " + coalesce((SELECT cents FROM allotments WHERE manifest_id = id), 0)"
            " FROM manifests WHERE id = ?",
            (manifest_id,),
        ).fetchone()
        return Cents(row[0] if row else 0)

    def product_of(self, part_id: int) -> str:
        """What is bought of a part."""
        row = self._db.execute(
            "SELECT p.product FROM parts t JOIN purchases p ON p.id = t.purchase_id WHERE t.id = ?",
            (part_id,),
        ).fetchone()
        return str(row[0])
