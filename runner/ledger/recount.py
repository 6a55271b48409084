"""What the triggers count of each manifest, counted anew from its lines and attempts."""

import sqlite3
from collections.abc import Iterator

_LINES = (
    "SELECT i.manifest_id, t.state, i.currency, count(*), sum(iif(i.id = f.id, i.expected, 0)),"
    " sum(iif(i.id = f.id, i.ceiling, 0)), sum(i.expected), sum(i.ceiling)"
    " FROM items i JOIN parts t ON t.purchase_id = i.purchase_id"
    " JOIN (SELECT min(id) AS id, manifest_id, purchase_id FROM items GROUP BY 2, 3) f"
    " ON f.manifest_id = i.manifest_id AND f.purchase_id = i.purchase_id GROUP BY 1, 2, 3"
)
_MONEY = (
    "SELECT manifest_id, state, currency, coalesce(sum(charge), 0), count(charge), sum(hold), sum(hold > 0)"
    " FROM attempts WHERE superseded = 0 GROUP BY 1, 2, 3"
)
_KEPT_LINES = (
    "SELECT manifest_id, state, currency, items, expected, ceiling, each_expected, each_ceiling"
    " FROM standings WHERE items OR expected OR ceiling OR each_expected OR each_ceiling"
)
_KEPT_MONEY = (
    "SELECT manifest_id, state, currency, charged, billed, held, holding FROM standings"
    " WHERE charged OR billed OR held OR holding"
)


def miscounted(db: sqlite3.Connection) -> Iterator[str]:
    """A sentence for each state of a manifest of which the ledger keeps other sums than there are."""
    for kept, real in ((_KEPT_LINES, _LINES), (_KEPT_MONEY, _MONEY)):
        told, counted = ({row[:3]: row[3:] for row in db.execute(query)} for query in (kept, real))
        for name, state, currency in sorted(told.keys() | counted.keys()):
            key = (name, state, currency)
            here, there = told.get(key, ()), counted.get(key, ())
            if here != there and (any(here) or any(there)):  # no money is not told of
                yield f"manifest {name}: {state} lines or attempts are not what is kept of them ({currency})"
