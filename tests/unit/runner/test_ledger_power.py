"""What a power cut, a full disk or a careless copy makes of a ledger: recognised, and refused in words."""

import shutil
import sqlite3
from pathlib import Path

import pytest

from manifests.durable import make_folder
from manifests.errors import MachineError
from manifests.money import Cents
from runner.ledger import checking
from runner.ledger.interface import LedgerUnwritable
from runner.ledger.sqlite import copying, epochs, opening
from runner.ledger.sqlite.ledger import SqliteLedger


def clock():
    return 1000.0


@pytest.fixture
def place(tmp_path):
    return tmp_path / "ledger.db"


@pytest.fixture
def ledger(place):
    made = SqliteLedger(place, clock)
    with made.transaction():
        made.put_manifest("m1", Path("/m1.yaml"), Cents(100))
    yield made
    made.close()


def refused(path, match):
    for opened in (lambda: SqliteLedger(path, clock), lambda: SqliteLedger.reading(path, clock)):
        with pytest.raises(MachineError, match=match):
            opened()


def test_what_is_committed_is_on_the_disk(ledger):
    assert ledger.db.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL
    assert ledger.db.execute("PRAGMA journal_mode").fetchone() == ("wal",)


# -- without the file that has the last changes


def alone(ledger, folder):
    """A copy of the ledger's own file, as `cp ledger.db` makes it."""
    folder.mkdir()
    return Path(shutil.copy(ledger.path, folder / "ledger.db"))


def test_a_ledger_without_its_last_changes_is_refused_and_left_alone(ledger, tmp_path):
    copy = alone(ledger, tmp_path / "copy")
    before = copy.read_bytes()
    refused(copy, r"lacks its last changes: they are in ledger\.db-wal.*`earmark ledger rebuild MANIFEST`")
    with pytest.raises(MachineError, match="lacks its last changes"):
        checking.check(copy)
    assert copy.read_bytes() == before


def test_also_after_many_transactions_of_which_most_are_in_it(ledger, tmp_path):
    ledger.db.execute("PRAGMA synchronous = OFF")
    for number in range(epochs.EVERY + 3):
        with ledger.transaction():
            ledger.put_manifest(f"n{number}", Path("/n.yaml"), Cents(number))
    copy = alone(ledger, tmp_path / "copy")
    db = sqlite3.connect(copy)
    (there,) = db.execute("SELECT count(*) FROM manifests").fetchone()
    db.close()
    assert 1 < there < epochs.EVERY + 4
    for name in ("ledger.db-wal", "ledger.db-shm"):
        (copy.parent / name).unlink(missing_ok=True)
    refused(copy, "lacks its last changes")


def test_with_that_file_it_is_whole(ledger, tmp_path):
    copy = alone(ledger, tmp_path / "copy")
    shutil.copy(ledger.path.with_name("ledger.db-wal"), copy.parent)
    again = SqliteLedger(copy, clock)
    assert again.stored_cap("m1") == 100
    again.close()


def test_a_ledger_that_was_closed_is_whole_by_itself(ledger, tmp_path):
    ledger.close()
    copy = alone(ledger, tmp_path / "copy")
    again = SqliteLedger(copy, clock)
    assert again.stored_cap("m1") == 100
    with again.transaction():
        again.put_manifest("m1", Path("/m1.yaml"), Cents(300))
    again.close()
    SqliteLedger.reading(copy, clock).close()


def test_what_another_program_wrote_together_is_whole(ledger, tmp_path):
    """Any SQLite program that opens what a killed run left puts the changes where they belong."""
    copy = alone(ledger, tmp_path / "copy")
    shutil.copy(ledger.path.with_name("ledger.db-wal"), copy.parent)
    db = sqlite3.connect(copy)
    db.execute("SELECT count(*) FROM manifests").fetchone()
    db.close()
    assert not copy.with_name("ledger.db-wal").exists()
    again = SqliteLedger.reading(copy, clock)
    assert again.stored_cap("m1") == 100
    again.close()


@pytest.mark.parametrize("how", ["ours", "SQLite's"])
def test_a_copy_of_one_moment_is_whole_even_between_the_two_marks(ledger, tmp_path, how):
    copy = tmp_path / "copy.db"
    if how == "ours":
        ledger.set_meta(epochs.BEGUN, "99")
        copying.backup(ledger.path, copy)
    else:
        made = sqlite3.connect(copy)
        ledger.db.backup(made)
        made.close()
    again = SqliteLedger(copy, clock)
    assert again.stored_cap("m1") == 100
    again.close()


def test_a_process_that_is_between_the_two_marks_is_waited_for(ledger):
    ledger.set_meta(epochs.BEGUN, "99")
    waited = []

    def other(_seconds):
        waited.append(1)
        ledger.set_meta(epochs.IN_USE, "99")

    assert not epochs.lacks_changes(ledger.db, other)
    assert len(waited) == 1
    ledger.set_meta(epochs.BEGUN, "100")
    assert epochs.lacks_changes(ledger.db, lambda _seconds: None)


def killed_between_the_marks(place):
    """A process that has raised the first mark, and is gone."""
    db = sqlite3.connect(place)
    epochs._raise(db)
    db.commit()
    return db  # its connection does not close the ledger for others


def is_whole(place):
    """Opened once nothing lies beside it any more."""
    assert not place.with_name("ledger.db-wal").exists()
    SqliteLedger.reading(place, clock).close()
    SqliteLedger(place, clock).close()


def test_a_process_killed_between_the_two_marks_leaves_a_ledger_that_is_whole_once_it_was_used(ledger, place):
    gone = killed_between_the_marks(place)
    again = SqliteLedger(place, clock)  # which finds the file of the last changes, and writes nothing
    again.close()
    gone.close()
    ledger.close()
    is_whole(place)


def test_who_closes_it_last_leaves_it_whole_whoever_was_killed_meanwhile(ledger, place):
    killed_between_the_marks(place).close()
    ledger.close()
    is_whole(place)


def test_two_that_begin_an_epoch_at_once_leave_it_whole(ledger, place):
    """One reads the marks before the other raises them, and sets its own after."""
    slow = sqlite3.connect(place)
    epochs._raise(slow)
    slow.commit()
    quick = SqliteLedger(place, clock)
    with quick.transaction():
        quick.put_manifest("m2", Path("/m2.yaml"), Cents(100))
    epochs.make_whole(slow)
    assert not epochs.lacks_changes(slow, lambda _seconds: None)
    for each in (quick, slow, ledger):
        each.close()
    is_whole(place)


def test_a_ledger_of_before_the_marks_is_whole(place):
    SqliteLedger(place, clock).close()
    db = sqlite3.connect(place)
    assert db.execute("SELECT count(*) FROM meta WHERE key LIKE 'epoch%'").fetchone() == (0,)
    db.close()
    SqliteLedger(place, clock).close()


# -- half done


def test_a_ledger_whose_maker_was_killed_can_be_looked_into(place, tmp_path):
    """The file and the journal of a program that was killed while it made its tables."""
    making = tmp_path / "making" / "ledger.db"
    making.parent.mkdir()
    db = sqlite3.connect(making, isolation_level=None)
    db.execute("CREATE TABLE before (x)")
    db.execute("PRAGMA cache_size = 1")
    db.execute("BEGIN IMMEDIATE")
    db.execute("DROP TABLE before")
    db.execute("CREATE TABLE half (x)")
    db.executemany("INSERT INTO half VALUES (?)", [("x" * 2000,)] * 50)  # more than its memory holds
    for file in making.parent.iterdir():
        shutil.copy(file, tmp_path)
    db.close()
    look = sqlite3.connect(f"{place.as_uri()}?mode=ro", uri=True)
    with pytest.raises(sqlite3.OperationalError, match="attempt to write a readonly database"):
        look.execute("SELECT * FROM before")
    look.close()
    with pytest.raises(MachineError, match="is not an Earmark ledger"):  # no longer: cannot be read
        SqliteLedger.reading(place, clock)


# -- damaged, cut, foreign, read-only


@pytest.mark.parametrize("kept", [100, 4096, 9000])
def test_a_ledger_that_was_cut_short_is_refused(ledger, kept):
    ledger.close()
    ledger.path.write_bytes(ledger.path.read_bytes()[:kept])
    refused(ledger.path, "Keep the file, and restore a backup of it")


def test_a_file_of_something_else_is_refused(place):
    place.write_bytes(b"PK\x03\x04" + b"a zip file" * 1000)
    before = place.read_bytes()
    refused(place, "Keep the file")
    assert place.read_bytes() == before
    db = sqlite3.connect(place.with_name("other.db"))
    db.execute("CREATE TABLE songs (title)")
    db.commit()
    db.close()
    refused(place.with_name("other.db"), "is not an Earmark ledger; point EARMARK_LEDGER at another file")


def test_a_ledger_that_turns_out_to_be_damaged_while_it_is_used_is_no_bug(ledger):
    ledger.close()
    data = bytearray(ledger.path.read_bytes())
    db = sqlite3.connect(ledger.path)
    (page,) = db.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'manifests'").fetchone()
    db.close()
    data[(page - 1) * 4096 : (page - 1) * 4096 + 60] = b"\xaa" * 60
    ledger.path.write_bytes(data)
    again = SqliteLedger(ledger.path, clock)
    with pytest.raises(MachineError, match=r"is damaged: .*Keep the file"), again.transaction():
        again.put_manifest("m2", Path("/m2.yaml"), Cents(1))
    again.close()


def test_a_ledger_that_cannot_be_written_is_told_with_what_to_do(ledger):
    ledger.db.execute("PRAGMA query_only = ON")
    with pytest.raises(LedgerUnwritable, match="nothing is lost"), ledger.transaction():
        ledger.put_manifest("m2", Path("/m2.yaml"), Cents(1))
    ledger.db.execute("PRAGMA query_only = OFF")
    assert ledger.stored_cap("m2") is None
    assert "Make it and its folder writable" in opening._way_out(
        sqlite3.OperationalError("attempt to write a readonly database")
    )


# -- folders


def test_new_folders_are_synced_from_the_top(tmp_path, monkeypatch):
    from manifests import durable

    synced = []
    monkeypatch.setattr(durable, "sync_folder", synced.append)
    make_folder(tmp_path / "a" / "b" / "c", 0o700)
    assert synced == [tmp_path, tmp_path / "a", tmp_path / "a" / "b"]
    make_folder(tmp_path / "a" / "b" / "c")
    assert len(synced) == 3
