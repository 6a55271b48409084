"""Sums over a manifest's lines, worked out where they lie: a million of them in about a second."""

from dataclasses import dataclass

from manifests.catalogue import Currency
from manifests.states import State
from runner.ledger.store import Store


@dataclass(frozen=True, slots=True)
class LineSum:
    """A manifest's lines whose parts are in one state; amounts in their own currency."""

    state: State
    currency: Currency
    items: int
    expected: int  # a purchase once, whatever lines share it
    ceiling: int  # likewise
    least: int  # the lowest ceiling
    shared: int  # lines for which another one pays
    all_expected: int  # each line
    all_ceiling: int


@dataclass(frozen=True, slots=True)
class MoneySum:
    """What counts for the newest attempts of a manifest that are in one state."""

    state: State
    currency: Currency
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


class LineSums(Store):
    """What a screen needs to know of many lines."""

    def line_sums(self, manifest_id: str) -> list[LineSum]:
        """How many of a manifest's lines are in each state, and what they cost by the plan."""
        rows = self._db.execute(
            "SELECT t.state, b.currency, sum(b.items), sum(b.first), sum(b.highest), min(b.least),"
            " sum(b.items - 1), sum(b.expected), sum(b.ceiling)"
            " FROM (SELECT purchase_id, currency, count(*) AS items, max(expected) AS first,"
            "  max(ceiling) AS highest, min(ceiling) AS least, sum(expected) AS expected,"
            "  sum(ceiling) AS ceiling FROM items WHERE manifest_id = ? GROUP BY purchase_id, currency) b"
            " JOIN parts t ON t.purchase_id = b.purchase_id GROUP BY t.state, b.currency",
            (manifest_id,),
        )
        return [LineSum(State(state), *rest) for state, *rest in rows]

    def money_sums(self, manifest_id: str) -> list[MoneySum]:
        """What is charged and held for a manifest's newest attempts; earlier tries are not among them."""
        rows = self._db.execute(
            "SELECT a.state, a.currency, coalesce(sum(a.charge), 0), count(a.charge), sum(a.hold),"
            " sum(a.hold > 0) FROM attempts a WHERE a.manifest_id = ? AND a.superseded = 0"
            " AND (a.state = 'saved' OR NOT EXISTS (SELECT 1 FROM attempts b"
            "  WHERE b.part_id = a.part_id AND b.id > a.id AND b.superseded = 0))"
            " GROUP BY a.state, a.currency",
            (manifest_id,),
        )
        return [MoneySum(State(state), *rest) for state, *rest in rows]

    def astir(self, manifest_id: str) -> list[Astir]:
        """What is neither planned nor saved, counted."""
        rows = self._db.execute(
            "SELECT t.state, t.tries, t.reason <> '', count(*) FROM parts t"
            " JOIN items i ON i.purchase_id = t.purchase_id"
            " WHERE t.state NOT IN ('planned', 'saved') AND i.manifest_id = ? GROUP BY 1, 2, 3",
            (manifest_id,),
        )
        return [Astir(State(state), tries, bool(reason), items) for state, tries, reason, items in rows]

    def some_astir(self, manifest_id: str, state: State, count: int) -> list[str]:
        """The keys of a manifest's first lines in a state that is neither planned nor saved."""
        rows = self._db.execute(
            "SELECT i.line FROM parts t JOIN items i ON i.purchase_id = t.purchase_id"
            " WHERE t.state NOT IN ('planned', 'saved') AND t.state = ? AND i.manifest_id = ?"
            " ORDER BY i.id LIMIT ?",
            (state.value, manifest_id, count),
        )
        return [row[0] for row in rows]
