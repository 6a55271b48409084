"""Looking into a ledger while others write it: one moment, nothing written, nothing made."""

import sqlite3
from pathlib import Path

import pytest

from manifests.errors import MachineError
from manifests.money import Cents
from runner.ledger.interface import LedgerUnwritable, NoLedgerYet
from runner.ledger.sqlite import opening
from runner.ledger.sqlite.ledger import SqliteLedger


def clock():
    return 1000.0


@pytest.fixture
def place(tmp_path):
    return tmp_path / "ledger.db"


@pytest.fixture
def writing(place):
    made = SqliteLedger(place, clock)
    with made.transaction():
        made.put_manifest("m1", Path("/m1.yaml"), Cents(100))
    yield made
    made.close()


@pytest.fixture
def reading(writing, place):
    found = SqliteLedger.reading(place, clock)
    yield found
    found.close()


def test_it_sees_one_moment_even_while_a_transaction_is_open(writing, reading, place):
    with writing.transaction():
        writing.put_manifest("m1", Path("/m1.yaml"), Cents(300))
        assert reading.stored_cap("m1") == 100
    assert reading.stored_cap("m1") == 100
    later = SqliteLedger.reading(place, clock)
    assert later.stored_cap("m1") == 300
    later.close()


def test_it_writes_nothing(reading):
    with pytest.raises((LedgerUnwritable, sqlite3.OperationalError)):
        reading.set_meta("a", "b")


def test_it_makes_no_ballast_and_no_ledger(place):
    SqliteLedger(place, clock).close()
    place.with_suffix(".ballast").unlink()
    SqliteLedger.reading(place, clock).close()
    assert not place.with_suffix(".ballast").exists()
    with pytest.raises(MachineError, match="cannot be read"):
        SqliteLedger.reading(place.with_name("none.db"), clock)
    assert not place.with_name("none.db").exists()


def test_an_empty_file_is_no_ledger_yet(place):
    place.touch()
    with pytest.raises(NoLedgerYet, match="empty so far"):
        SqliteLedger.reading(place, clock)


@pytest.mark.parametrize(
    ("application", "version", "message"),
    [(1, opening.SCHEMA_VERSION, "is not an Earmark ledger"), (opening.APPLICATION_ID, 99, "version 99")],
)
def test_foreign_and_newer_files_are_refused(place, application, version, message):
    db = sqlite3.connect(place)
    db.execute("CREATE TABLE t (a)")
    db.execute(f"PRAGMA application_id = {application}")
    db.execute(f"PRAGMA user_version = {version}")
    db.close()
    with pytest.raises(MachineError, match=message):
        SqliteLedger.reading(place, clock)


def test_the_manifests_are_listed_in_the_order_of_their_first_runs(place):
    times = iter([5.0, 3.0, 9.0])
    ledger = SqliteLedger(place, lambda: next(times))
    with ledger.transaction():
        ledger.put_manifest("m1", Path("/one.yaml"), Cents(1))
        ledger.put_manifest("m2", Path("/two.yaml"), Cents(1))
        ledger.put_manifest("m1", Path("/moved.yaml"), Cents(1))
    assert ledger.manifests() == [("m2", Path("/two.yaml")), ("m1", Path("/moved.yaml"))]
    assert ledger.charges() == {}
    ledger.close()
