"""Which hosts worked on a manifest, and how much each of them brought."""

from runner.ledger.interface import Ledger
from runner.report import HostShare


def shares(ledger: Ledger, manifest_id: str, since: float) -> tuple[HostShare, ...]:
    """How many items of a manifest each host saved since a moment of the ledger's clock."""
    rows = ledger.db.execute(
        "SELECT r.host, count(DISTINCT r.item_id) FROM results r JOIN items i ON i.id = r.item_id"
        " WHERE i.manifest_id = ? AND r.saved >= ? AND r.host <> '' GROUP BY r.host ORDER BY r.host",
        (manifest_id, since),
    ).fetchall()
    return tuple(HostShare(host, int(items)) for host, items in rows)


def submitted(ledger: Ledger, run_id: int) -> int:
    """How many jobs were bought on a run's account, whichever hosts sent them."""
    row = ledger.db.execute(
        "SELECT count(*) FROM attempts WHERE run_id = ? AND job_id IS NOT NULL", (run_id,)
    ).fetchone()
    return int(row[0])
