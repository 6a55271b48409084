"""Each run leaves one row: who, with which file, how it ended, what the wallet said."""

import pytest

from manifests.errors import EarmarkError, ManifestError
from manifests.exits import Exit
from manifests.money import Cents
from runner.ledger import checking
from runner.ledger.interface import LedgerUnwritable
from runner.ledger.rows import Adoption
from runner.ledger.runs import RunBy
from runner.recording import recorded
from support.small_run import BILLED

ANNA = RunBy("anna@studio", "studio", 41, "1.2", "pr-481", "ab" * 32)


def test_a_run_leaves_a_row_with_what_the_wallet_said(each_desk):
    report = each_desk.run(each_desk.manifest("a.mp3"), patience=BILLED, by=ANNA)
    (row,) = each_desk.ledger.runs("m1")
    assert (row.by, row.exit, row.manifest_id) == (ANNA, Exit.DONE, "m1")
    assert row.ended is not None
    assert row.started <= row.before.at <= row.after.at <= row.ended
    assert report.before is not None
    assert row.before.balance == report.before.balance.balance
    assert row.after.balance == report.balance.balance
    assert row.after.total_spent - row.before.total_spent == 1
    assert not list(checking.findings(each_desk.ledger.db))


def test_attempts_know_the_run_that_made_them(each_desk):
    each_desk.run(each_desk.manifest("a.mp3"), by=ANNA)
    each_desk.run(each_desk.manifest("a.mp3", "b.mp3"), spend=100, by=RunBy("ben"))
    made = each_desk.ledger.db.execute("SELECT run_id FROM attempts ORDER BY id").fetchall()
    assert made == [(1,), (2,)]
    assert [row.by.who for row in each_desk.ledger.runs()] == ["anna@studio", "ben"]


def test_a_job_that_is_found_again_is_of_no_run_that_is_known(each_desk):
    each_desk.run(each_desk.manifest("a.mp3"), by=ANNA)
    with each_desk.ledger.transaction():
        each_desk.ledger.begin_run("m1", ANNA)
        found = Adoption(99, "m1", "transcription", "t", Cents(1), Cents(1), "777")
        each_desk.ledger.db.execute("INSERT INTO parts (id, purchase_id, ordinal) VALUES (99, 1, 9)")
        attempt = each_desk.ledger.adopt(found)
    assert each_desk.ledger.db.execute("SELECT run_id FROM attempts WHERE id = ?", (attempt,)).fetchone() == (
        None,
    )


def test_fetching_buys_nothing_and_leaves_no_row(each_desk):
    each_desk.run(each_desk.manifest("a.mp3"), by=ANNA)
    each_desk.run(each_desk.manifest("a.mp3"), one_look=True)
    assert len(each_desk.ledger.runs()) == 1


def test_a_run_that_ends_by_an_error_says_so(each_desk):
    def go():
        with each_desk.ledger.transaction():
            each_desk.ledger.put_manifest("m1", each_desk.folder / "m.yaml", Cents(5))
            each_desk.ledger.begin_run("m1", ANNA)
        raise ManifestError("changed in place")

    with pytest.raises(ManifestError):
        recorded(each_desk.ledger, go)
    (row,) = each_desk.ledger.runs()
    assert (row.exit, row.before, row.after) == (ManifestError.exit_code, None, None)


def test_a_run_that_is_killed_stays_open(each_desk):
    class Killed(Exception):
        pass

    def go():
        with each_desk.ledger.transaction():
            each_desk.ledger.put_manifest("m1", each_desk.folder / "m.yaml", Cents(5))
            each_desk.ledger.begin_run("m1", ANNA)
        raise Killed

    with pytest.raises(Killed):
        recorded(each_desk.ledger, go)
    (row,) = each_desk.ledger.runs()
    assert (row.ended, row.exit) == (None, None)


def test_a_run_that_never_began_has_no_row(each_desk):
    def go():
        raise EarmarkError("another run holds the lock")

    with pytest.raises(EarmarkError):
        recorded(each_desk.ledger, go)
    assert each_desk.ledger.runs() == []


def test_a_full_disk_at_the_very_end_changes_nothing_of_the_run(each_desk):
    def full(_point):
        if each_desk.ledger.run_id is None:
            raise LedgerUnwritable("full")

    report = each_desk.run(each_desk.manifest("a.mp3"), by=ANNA)
    each_desk.ledger.reach = full
    with each_desk.ledger.transaction():
        each_desk.ledger.begin_run("m1", ANNA)
    assert recorded(each_desk.ledger, lambda: report) is report
    assert each_desk.ledger.runs()[-1].ended is None


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE runs SET exit = NULL", "1 runs have an end without an exit code, or the reverse: 1"),
        ("UPDATE runs SET read_before = NULL", "1 runs were asked the wallet's balance at no time: 1"),
        ("UPDATE attempts SET run_id = 2", "1 attempts are of a run of another manifest: ek-"),
    ],
)
def test_what_contradicts_itself_is_found(each_desk, statement, told):
    each_desk.run(each_desk.manifest("a.mp3"), by=ANNA)
    with each_desk.ledger.transaction():
        each_desk.ledger.put_manifest("m2", each_desk.folder / "m2.yaml", Cents(5))
        each_desk.ledger.begin_run("m2", ANNA)
    each_desk.ledger.db.execute(statement)
    assert told in "\n".join(checking.findings(each_desk.ledger.db))


def test_a_months_sum_is_found_by_its_time(desk):
    (plan,) = desk.ledger.db.execute(
        "EXPLAIN QUERY PLAN SELECT sum(hold) FROM attempts WHERE created >= 5 AND currency = 'cents'"
    ).fetchall()
    assert "attempts_by_time" in plan[-1]
