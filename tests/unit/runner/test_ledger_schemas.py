"""The two stores keep the same tables, keys, indexes and constraints; what only looks other is named."""

import pytest

from runner.ledger.sqlite.ledger import SqliteLedger
from support import layouts

VERSIONS = "earmark_versions"
"""A server's table of what a file has in its header."""

NUMBER = ("extra_charges", "rowid", "bigint", True, None)
"""SQLite has one unasked."""

LONG = "results_by_path"
"""No entry of a server's index may be long: this one is of the beginnings of paths."""

ROW_BY_ROW = {("attempts", "credit_attempt_added"), ("items", "line_changes")}
"""A server counts all rows of a statement together, in fewer triggers."""


@pytest.fixture
def both(tmp_path, ledger_database):
    """The layouts of a new file and of a new database."""
    SqliteLedger(tmp_path / "ledger.db", lambda: 0.0).close()
    return layouts.of_file(tmp_path / "ledger.db"), layouts.of_database(ledger_database).without(VERSIONS)


def test_tables_of_both_stores_are_the_same(both):
    here, there = both
    assert there.columns - here.columns == {NUMBER}
    assert here.columns <= there.columns
    assert there.keys == here.keys
    assert there.references == here.references
    assert there.checks == here.checks
    assert here.names <= there.names
    assert {name for table, name in here.names if table == "manifests"} == {
        "over_the_cap",
        "over_the_cap_for_credits",
    }
    assert there.indexes ^ here.indexes == {row for each in both for row in each.indexes if row[1] == LONG}
    assert here.triggers - there.triggers == ROW_BY_ROW
    assert there.triggers <= here.triggers
    assert len(here.columns) > 140  # what is compared was found
    assert min(len(each) for each in (here.keys, here.references, here.checks, here.indexes)) >= 20


def test_what_is_compared_would_tell_a_difference(both, tmp_path):
    import sqlite3

    here, _ = both
    with sqlite3.connect(tmp_path / "ledger.db") as db:
        db.execute("ALTER TABLE runs ADD COLUMN more INTEGER CHECK (more > 0)")
        db.execute("CREATE INDEX runs_by_more ON runs (more) WHERE more > 1")
    db.close()
    changed = layouts.of_file(tmp_path / "ledger.db")
    assert changed.columns - here.columns == {("runs", "more", "bigint", False, None)}
    assert changed.checks - here.checks == {("runs", "more>0")}
    assert changed.indexes - here.indexes == {("runs", "runs_by_more", False, ("more",), "more>1")}
