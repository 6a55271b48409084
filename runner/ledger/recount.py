"""What the triggers count of each manifest, counted anew from its lines and attempts."""

from collections.abc import Iterator

from runner.ledger.db import Db

_LINES = (
    "SELECT i.manifest_id, t.state, i.currency, count(*),"
    " sum(CASE WHEN i.id = f.id THEN i.expected ELSE 0 END),"
    " sum(CASE WHEN i.id = f.id THEN i.ceiling ELSE 0 END), sum(i.expected), sum(i.ceiling)"
    " FROM items i JOIN parts t ON t.purchase_id = i.purchase_id"
    " JOIN (SELECT min(id) AS id, manifest_id, purchase_id FROM items GROUP BY 2, 3) f"
    " ON f.manifest_id = i.manifest_id AND f.purchase_id = i.purchase_id GROUP BY 1, 2, 3"
)
_MONEY = (
    "SELECT manifest_id, state, currency, coalesce(sum(charge), 0), count(charge), sum(hold),"
    " count(CASE WHEN hold > 0 THEN 1 END)"
    " FROM attempts WHERE superseded = 0 GROUP BY 1, 2, 3"
)
_KEPT_LINES = (
    "SELECT manifest_id, state, currency, items, expected, ceiling, each_expected, each_ceiling"
    " FROM standings"
    " WHERE items <> 0 OR expected <> 0 OR ceiling <> 0 OR each_expected <> 0 OR each_ceiling <> 0"
)
_KEPT_MONEY = (
    "SELECT manifest_id, state, currency, charged, billed, held, holding FROM standings"
    " WHERE charged <> 0 OR billed <> 0 OR held <> 0 OR holding <> 0"
)


def miscounted(db: Db) -> Iterator[str]:
    """A sentence for each state of a manifest of which the ledger keeps other sums than there are."""
    for kept, real in ((_KEPT_LINES, _LINES), (_KEPT_MONEY, _MONEY)):
        told, counted = ({row[:3]: row[3:] for row in db.execute(query)} for query in (kept, real))
        for name, state, currency in sorted(told.keys() | counted.keys()):
            key = (name, state, currency)
            here, there = told.get(key, ()), counted.get(key, ())
            if here != there and (any(here) or any(there)):  # no money is not told of
                yield f"manifest {name}: {state} lines or attempts are not what is kept of them ({currency})"
