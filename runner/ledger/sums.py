"""Where a manifest stands, from the sums that the ledger keeps: at once, however many lines there are."""

from dataclasses import dataclass

from manifests.catalogue import Currency
from manifests.states import State
from runner.ledger.store import Store


@dataclass(frozen=True, slots=True)
class Standing:
    """A manifest's lines whose parts are in one state, and the money of its attempts in that state.

    Amounts are in their own currency. What an earlier try of a part cost is among them.
    """

    state: State
    currency: Currency
    items: int
    expected: int  # a purchase once, whatever lines share it
    ceiling: int  # likewise
    each_expected: int  # each line
    each_ceiling: int
    charged: int
    billed: int  # attempts
    held: int
    holding: int  # attempts


@dataclass(frozen=True, slots=True)
class Astir:
    """Lines that are neither planned nor saved, by what the next command depends on."""

    state: State
    tries: int
    has_reason: bool
    items: int


_BARE = (
    "FROM items i JOIN parts t ON t.purchase_id = i.purchase_id WHERE i.manifest_id = ? AND t.state = 'saved'"
    " AND NOT EXISTS (SELECT 1 FROM results WHERE item_id = i.id)"
)


class LineSums(Store):
    """What a screen needs to know of many lines."""

    def standings(self, manifest_id: str) -> list[Standing]:
        """How many of a manifest's lines are in each state, and their money."""
        rows = self._db.execute(
            "SELECT state, currency, items, expected, ceiling, each_expected, each_ceiling, charged, billed,"
            " held, holding FROM standings WHERE manifest_id = ?",
            (manifest_id,),
        )
        return [Standing(State(state), *rest) for state, *rest in rows]

    def count_items(self, manifest_id: str) -> int:
        """How many lines are known of a manifest."""
        row = self._db.execute(
            "SELECT coalesce(sum(items), 0) FROM standings WHERE manifest_id = ?", (manifest_id,)
        ).fetchone()
        return int(row[0])

    def astir(self, manifest_id: str) -> list[Astir]:
        """What is neither planned nor saved, counted."""
        rows = self._db.execute(
            "SELECT t.state, t.tries, t.reason <> '', count(*) FROM parts t INDEXED BY parts_astir"
            " CROSS JOIN items i ON i.purchase_id = t.purchase_id"
            " WHERE t.state NOT IN ('planned', 'saved') AND i.manifest_id = ? GROUP BY 1, 2, 3",
            (manifest_id,),
        )
        return [Astir(State(state), tries, bool(reason), items) for state, tries, reason, items in rows]

    def bare(self, manifest_id: str) -> list[tuple[Currency, int]]:
        """How many lines are saved by what they buy and have no result of their own yet, by currency."""
        return self._db.execute(
            f"SELECT i.currency, count(*) {_BARE} GROUP BY 1",
            (manifest_id,),
        ).fetchall()

    def some_bare(self, manifest_id: str, count: int) -> list[str]:
        """The keys of the first of them."""
        rows = self._db.execute(
            f"SELECT i.line {_BARE} ORDER BY i.id LIMIT ?",
            (manifest_id, count),
        )
        return [row[0] for row in rows]

    def some_astir(self, manifest_id: str, state: State, count: int) -> list[str]:
        """The keys of a manifest's first lines in a state that is neither planned nor saved."""
        rows = self._db.execute(
            "SELECT i.line FROM parts t INDEXED BY parts_astir"
            " CROSS JOIN items i ON i.purchase_id = t.purchase_id"
            " WHERE t.state NOT IN ('planned', 'saved') AND t.state = ? AND i.manifest_id = ?"
            " ORDER BY i.id LIMIT ?",
            (state.value, manifest_id, count),
        )
        return [row[0] for row in rows]

    def others_at_work(self, manifest_id: str) -> set[str]:
        """The other manifests whose attempts go on with what a manifest's lines want."""
        rows = self._db.execute(
            "SELECT DISTINCT a.manifest_id FROM parts t INDEXED BY parts_astir"
            " CROSS JOIN items i ON i.purchase_id = t.purchase_id"
            " JOIN attempts a ON a.id ="
            " (SELECT max(id) FROM attempts WHERE part_id = t.id AND superseded = 0)"
            " WHERE t.state NOT IN ('planned', 'saved') AND t.state IN"
            " ('reserved', 'uploading', 'sending', 'in doubt', 'submitted', 'finished', 'failed')"
            " AND i.manifest_id = ? AND a.manifest_id <> ?",
            (manifest_id, manifest_id),
        )
        return {row[0] for row in rows}
