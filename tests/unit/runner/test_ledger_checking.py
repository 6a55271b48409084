"""Whether a ledger can be relied on: each promise that its tables make is looked at, nothing is written."""

import sqlite3
from pathlib import Path

import pytest

from manifests.errors import MachineError, UsageError
from runner.api.interface import Doubtful, JobStatus
from runner.ledger import checking, kept
from runner.ledger.interface import NoLedgerYet
from runner.ledger.sqlite import copying, opening
from runner.ledger.sqlite.ledger import SqliteLedger
from support.small_run import BILLED, manifest_of

ROOT = Path(__file__).parents[3]


@pytest.fixture
def used(desk):
    """A ledger after a run: billed, in credits too, one purchase shared by two items."""
    desk.api.credits_left = 5000
    items = [desk.item("a.mp3"), desk.item("song.wav", "stems:two"), desk.item("n.mp3", "denoise:balanced")]
    desk.run(manifest_of(items), patience=BILLED, spend=100, max_credits=5000, logged_in=True)
    return desk


def findings(desk):
    return checking.check(desk.ledger.path).findings


def broken(desk, *statements):
    """What is found after the tables were changed behind the ledger's back."""
    db = desk.ledger.db
    for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
        db.execute(f"DROP TRIGGER {name}")
    db.execute("DROP INDEX one_live_attempt_a_part")
    db.execute("PRAGMA ignore_check_constraints = ON")
    for statement in statements:
        db.execute(statement)
    return "\n".join(findings(desk))


def test_a_ledger_after_a_run_is_in_order(used):
    found = checking.check(used.ledger.path)
    assert found.findings == ()
    assert found.version == opening.SCHEMA_VERSION
    assert (found.counts["purchases"], found.counts["attempts"], found.counts["results"]) == (3, 3, 6)


def test_it_is_checked_while_somebody_writes_and_nothing_is_written(used):
    with used.ledger.transaction():
        used.ledger.set_meta("a", "b")
        assert findings(used) == ()
    before = used.ledger.path.read_bytes()
    assert findings(used) == ()
    assert used.ledger.path.read_bytes() == before


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE manifests SET spent = 99", "manifest m1: 99 cents spent, its attempts say 2"),
        ("UPDATE manifests SET credits_spent = 1", "manifest m1: 1 credits spent, its attempts say 6"),
        ("UPDATE manifests SET in_doubt = 5", "manifest m1: 5 cents in doubt, its attempts say 0"),
        ("INSERT INTO extra_charges VALUES ('m1', 7, 'x', 0)", "2 cents spent, its attempts say 9"),
        (
            "UPDATE parts SET state = 'planned' WHERE id = 1",
            "1 parts are not where their newest attempts are",
        ),
        (
            "UPDATE attempts SET purse = 'none' WHERE id = 1",
            "are saved, and their money counts as none",
        ),
        ("UPDATE standings SET items = items + 1", "saved lines or attempts are not what is kept of them"),
        ("UPDATE standings SET charged = 0", "saved lines or attempts are not what is kept of them (cents)"),
        ("UPDATE attempts SET state = 'odd'", "3 attempts are 'odd', which is no state"),
        ("UPDATE attempts SET hold = 3 WHERE id = 1", "1 attempts hold money that is charged already: ek-"),
        ("UPDATE attempts SET charge = NULL WHERE id = 1", "1 attempts are settled without a charge: ek-"),
        ("UPDATE attempts SET settled = '' WHERE id = 1", "1 attempts have a charge from nowhere"),
        (
            "UPDATE attempts SET settled = '', charge = NULL WHERE id = 1",
            "1 attempts count nothing",
        ),
        (
            "UPDATE usage_rows SET cents = 40",
            "are charged otherwise than the wallet billed them: ek-",
        ),
        ("UPDATE usage_rows SET attempt_id = NULL", "attempts are charged otherwise than the wallet billed"),
        ("UPDATE usage_rows SET job_id = 'x'", "rows stand with a job that they do not bill"),
        ("UPDATE purchases SET options = '{}' WHERE id = 2", "1 purchases are not what their keys say"),
        ("UPDATE purchases SET options = 'no json' WHERE id = 2", "1 purchases are not what their keys say"),
    ],
)
def test_what_contradicts_itself_is_found(used, statement, told):
    assert told in broken(used, statement)


def test_two_live_attempts_of_a_part_are_found(used):
    copied = (
        "INSERT INTO attempts SELECT 99, part_id, manifest_id, service, 'other', state, purse, expected,"
        " ceiling, hold, charge, settled, superseded, 'other', reason, created, changed, currency,"
        " run_id, driver"
        " FROM attempts WHERE id = 1"
    )
    assert "1 parts have more than one live attempt: 1" in broken(used, copied)


def test_rows_that_point_nowhere_are_found(used):
    used.ledger.db.execute("PRAGMA foreign_keys = OFF")
    assert "1 rows point at rows that are not there, the first in `parts`" in broken(
        used, "INSERT INTO parts (purchase_id) VALUES (999)"
    )


def test_a_damaged_file_is_told_with_its_damage(used):
    path, db = used.ledger.path, used.ledger.db
    page = db.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'usage_rows'").fetchone()[0]
    used.ledger.close()
    data = bytearray(path.read_bytes())
    data[(page - 1) * 4096 : (page - 1) * 4096 + 200] = b"\xaa" * 200
    path.write_bytes(data)
    assert "damaged" in checking.check(path).findings[0]


def test_an_older_file_is_left_as_it_is(tmp_path):
    path = tmp_path / "ledger.db"
    db = sqlite3.connect(path)
    db.executescript((ROOT / "tests" / "data" / "ledger_version_1.sql").read_text())
    db.execute(f"PRAGMA application_id = {opening.APPLICATION_ID}")
    db.execute("PRAGMA user_version = 1")
    db.commit()
    db.close()
    before = path.read_bytes()
    found = checking.check(path)
    assert (found.version, found.findings, found.counts) == (1, (), {})
    assert path.read_bytes() == before


def test_what_is_no_ledger_is_refused(tmp_path):
    path = tmp_path / "ledger.db"
    path.touch()
    with pytest.raises(NoLedgerYet):
        checking.check(path)
    path.write_bytes(b"a text, and no database at all" * 100)
    with pytest.raises(MachineError, match="Keep the file, and restore a backup"):
        checking.check(path)


# -- the files of results


def odd(desk):
    return [(each.fate, Path(each.path).name) for each in kept.odd_results(desk.ledger.path)]


def test_results_as_they_were_saved_are_in_order(used):
    assert odd(used) == []


def test_results_that_are_gone_edited_or_damaged_are_told_apart(used):
    import os

    (used.output / "a.json").unlink()
    (used.output / "a.txt").write_text("corrected by hand")
    os.utime(used.output / "a.txt", (9e9, 9e9))
    vocals = used.output / "song" / "vocals.wav"
    vocals.write_bytes(b"VOCALS.WAV")
    os.utime(vocals, (1, 1))
    assert odd(used) == [
        (kept.Fate.GONE, "a.json"),
        (kept.Fate.EDITED, "a.txt"),
        (kept.Fate.DAMAGED, "vocals.wav"),
    ]
    assert {each.manifest.name for each in kept.odd_results(used.ledger.path)} == {"m.yaml"}


# -- a copy


def test_a_copy_is_whole_private_and_one_file(used, tmp_path):
    copy = tmp_path / "copy.db"
    with used.ledger.transaction():
        used.ledger.set_meta("a", "b")  # not in the copy: it is of the moment before
        found = copying.backup(used.ledger.path, copy)
    assert found.counts["purchases"] == 3
    assert copy.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir() if "copy" in path.name or "part" in path.name] == [
        "copy.db"
    ]
    again = SqliteLedger(copy, lambda: 0.0)
    assert again.amounts("m1") == used.ledger.amounts("m1")
    assert again.meta("a") is None
    assert again.db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    again.close()


def test_nothing_is_written_over_unless_it_is_said(used, tmp_path):
    copy = tmp_path / "copy.db"
    copy.write_text("mine")
    with pytest.raises(UsageError, match="add --force"):
        copying.backup(used.ledger.path, copy)
    assert copy.read_text() == "mine"
    copying.backup(used.ledger.path, copy, force=True)
    assert checking.check(copy).findings == ()


@pytest.mark.parametrize("ending", ["", "-wal", "-shm"])
def test_the_ledger_s_own_files_are_no_place_for_a_copy(used, tmp_path, ending):
    path = used.ledger.path
    link = tmp_path / "link.db"
    link.symlink_to(path.with_name(path.name + ending))
    with pytest.raises(UsageError, match="is the ledger itself"):
        copying.backup(path, link, force=True)


def test_a_folder_or_no_folder_is_no_place(used, tmp_path):
    with pytest.raises(UsageError, match="is a folder"):
        copying.backup(used.ledger.path, tmp_path, force=True)
    with pytest.raises(UsageError, match="does not exist"):
        copying.backup(used.ledger.path, tmp_path / "none" / "copy.db")


def test_a_copy_of_what_is_not_in_order_is_not_kept(used, tmp_path):
    assert broken(used, "UPDATE manifests SET spent = 99")
    with pytest.raises(MachineError, match=r"not in order, and was not kept: manifest m1: 99 cents spent"):
        copying.backup(used.ledger.path, tmp_path / "copy.db")
    assert not [path for path in tmp_path.iterdir() if path.suffix in (".db", ".part")]


def test_a_disk_that_takes_no_copy_leaves_nothing(used, tmp_path, monkeypatch):
    def full(_source, part):
        part.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(copying, "_copy", full)
    with pytest.raises(MachineError, match=r"No space left on device; nothing was changed"):
        copying.backup(used.ledger.path, tmp_path / "copy.db")
    assert not [path for path in tmp_path.iterdir() if path.suffix in (".db", ".part")]


def test_what_is_to_be_sent_again_after_an_earlier_failure_is_in_order(desk):
    desk.api.ends = JobStatus.FAILED
    desk.run(desk.manifest("a.mp3"), patience=BILLED)
    desk.api.outcome = lambda _order, _nth: Doubtful("lost")
    desk.run(desk.manifest("a.mp3"), retry_charged=True)
    newest = desk.ledger.db.execute("SELECT max(id) FROM attempts").fetchone()[0]
    with desk.ledger.transaction():
        desk.ledger.supersede(newest, "to be sent again")
    assert newest == 2
    assert findings(desk) == ()
