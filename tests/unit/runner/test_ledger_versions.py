"""A ledger that an earlier Earmark made: brought up to date in one go, with every cent where it was."""

import sqlite3
from pathlib import Path

import pytest

from manifests.budget import Amounts
from manifests.errors import MachineError
from manifests.money import Cents
from manifests.states import State
from runner.ledger.rows import Move
from runner.ledger.sqlite import migrating, opening
from runner.ledger.sqlite.ledger import SqliteLedger
from runner.ledger.versions import VERSION
from support import layouts

OLD_SCHEMA = Path(__file__).parents[2] / "data" / "ledger_version_1.sql"
OLD_ROWS = """
INSERT INTO manifests (id, path, cap, created) VALUES ('m1', x'2f6d', 100, 1.0);
INSERT INTO purchases VALUES (1, 'k', 's', 'transcription', '{}', 0, 10, 1.0);
INSERT INTO parts (id, purchase_id, state) VALUES (1, 1, 'submitted');
INSERT INTO attempts (id, part_id, manifest_id, service, token, job_id, state, purse, expected, ceiling, hold,
  created, changed)
VALUES (1, 1, 'm1', 'transcription', 't', '7', 'submitted', 'reserved', 29, 30, 30, 1.0, 2.0);
INSERT INTO items VALUES (1, 'm1', 'l', x'61', 1, 'p', x'61', '{}', 1);
"""


def clock():
    return 1000.0


@pytest.fixture
def old(tmp_path):
    """A file of version 1 with one job under way."""
    path = tmp_path / "ledger.db"
    with sqlite3.connect(path) as db:
        db.executescript(OLD_SCHEMA.read_text("utf-8") + OLD_ROWS)
        db.execute(f"PRAGMA application_id = {opening.APPLICATION_ID}")
        db.execute("PRAGMA user_version = 1")
    db.close()
    return path


def layout(path):
    """Everything that SQLite knows of a schema, whatever the spaces in it."""
    with sqlite3.connect(path) as db:
        names = [name for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        columns = {name: db.execute(f"PRAGMA table_xinfo({name})").fetchall() for name in names}
        others = db.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE type <> 'table'")
        rest = sorted((*row[:3], " ".join((row[3] or "").split())) for row in others)
        version = db.execute("PRAGMA user_version").fetchone()
    db.close()
    return columns, rest, version


def test_an_older_file_becomes_what_a_new_one_is(old, tmp_path):
    new = tmp_path / "new.db"
    SqliteLedger(new, clock).close()
    SqliteLedger(old, clock).close()
    assert layout(old) == layout(new)
    assert layouts.of_file(old) == layouts.of_file(new)  # with the conditions of its tables


def test_its_money_stays_and_goes_on_counting(old):
    ledger = SqliteLedger(old, clock)
    assert ledger.amounts("m1") == Amounts(Cents(100), Cents(0), Cents(30), Cents(0))
    assert ledger.credits("m1") == Amounts(Cents(0))
    assert ledger.attempt(1).currency == "cents"
    assert [(each.items, each.held) for each in ledger.standings("m1")] == [(1, 30)]
    with ledger.transaction():
        ledger.move(Move(1, State.FAILED))
        ledger.move(Move(1, State.RELEASED))
    assert ledger.amounts("m1").reserved == 0
    ledger.close()


def test_it_is_brought_up_to_date_before_it_is_only_read(old):
    ledger = SqliteLedger.reading(old, clock)
    assert ledger.amounts("m1").reserved == 30
    assert ledger.credits("m1").committed == 0
    ledger.close()
    again = SqliteLedger.reading(old, clock)
    again.close()


def test_a_step_that_breaks_off_leaves_the_file_as_it_was(old, monkeypatch):
    before = layout(old)
    broken = iter(["schema_2.sql"])

    def cut(db, name):
        assert name == next(broken)
        db.execute("ALTER TABLE manifests ADD COLUMN credits_cap INTEGER")
        raise sqlite3.OperationalError("disk full")

    monkeypatch.setattr(migrating, "_run", cut)
    with pytest.raises(MachineError, match="disk full"):
        SqliteLedger(old, clock)
    assert layout(old) == before


def test_a_file_of_a_later_version_is_left_alone(old):
    with sqlite3.connect(old) as db:
        db.execute(f"PRAGMA user_version = {VERSION + 1}")
    db.close()
    with pytest.raises(MachineError, match="use the newer Earmark"):
        SqliteLedger(old, clock)


def test_there_is_a_step_to_every_version():
    steps = {path.name for path in Path(migrating.__file__).parent.glob("schema_*.sql")}
    assert steps == {f"schema_{version}.sql" for version in range(migrating.OLDEST + 1, VERSION + 1)}
