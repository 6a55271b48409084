"""Reporting: what the ledger holds is what is said, and a purchase's money is said once."""

import pytest

from manifests.money import Cents
from manifests.states import State
from runner.ledger.rows import Move, Reservation, ResultRow
from runner.prepare import Stale, check, new_items
from runner.report import FATES, Fate
from runner.reporting import item_reports, unbought
from support.small_run import PROBES, manifest_of


@pytest.fixture
def told(desk):
    return Told(desk)


class Told:
    """`a.mp3`, a copy of it, and `c.mp3`, in m1; `a.mp3` in m2 as well."""

    def __init__(self, desk):
        self.desk, self.ledger = desk, desk.ledger
        desk.item("a.mp3")
        (desk.folder / "copy.mp3").write_bytes(b"a.mp3")
        self.manifest = manifest_of([desk.item(name) for name in ("copy.mp3", "a.mp3", "c.mp3")])
        self.lines = desk.lines(self.manifest)
        self.bind("m1", *self.lines.values())
        self.bind("m2", self.lines["a.mp3"])

    def bind(self, manifest_id, *lines):
        with self.ledger.transaction():
            self.ledger.put_manifest(manifest_id, self.desk.folder / "m.yaml", Cents(100))
            self.ledger.put_items(manifest_id, list(new_items(check(lines, PROBES), {}, PROBES)))

    def attempt(self, *states, manifest_id="m1", reason="why"):
        with self.ledger.transaction():
            wish = Reservation(1, manifest_id, "transcription", "t", Cents(1), Cents(2))
            made = self.ledger.reserve(wish)
            for state in states:
                self.ledger.move(Move(made, state, reason, "7" if state is State.SUBMITTED else None))
        return made

    def save(self, item_id, name="a.json"):
        path = self.desk.folder / name
        path.write_text("{}")
        with self.ledger.transaction():
            self.ledger.put_results([ResultRow(item_id, "json", str(path), 2, "0" * 64)])
        return path

    def reports(self, manifest_id="m1", stale=None, skip_changed=False):
        lines = self.lines.values() if manifest_id == "m1" else [self.lines["a.mp3"]]
        found = item_reports(self.ledger, manifest_id, lines, stale or {}, skip_changed=skip_changed)
        return {report.file: report for report in found}


SENDING = (State.UPLOADING, State.SENDING)
DONE = (*SENDING, State.SUBMITTED, State.FINISHED)


def test_reports_come_in_the_manifest_s_order(told):
    assert list(told.reports()) == ["copy.mp3", "a.mp3", "c.mp3"]


def test_a_line_that_was_never_bought_waits_at_its_price(told):
    found = told.reports()["c.mp3"]
    assert (found.fate, found.state, found.reason) == (Fate.WAITING, State.PLANNED, "")
    assert (found.expected, found.ceiling, found.charged, found.held) == (1, 2, None, 0)
    assert (found.job_id, found.results, found.ms, found.since) == ("", (), 60_000, None)


def test_a_line_that_the_ledger_does_not_know_waits_too(told, desk):
    (line,) = desk.lines(manifest_of([desk.item("new.mp3")])).values()
    assert unbought(line).fate is Fate.WAITING
    (found,) = item_reports(told.ledger, "m1", [line], {}, skip_changed=False)
    assert found == unbought(line)


def test_two_items_of_one_purchase_say_its_money_once(told):
    told.attempt(*SENDING, State.IN_DOUBT)
    first, second = told.reports()["copy.mp3"], told.reports()["a.mp3"]
    assert (first.fate, second.fate) == (Fate.IN_DOUBT, Fate.IN_DOUBT)
    assert (first.held, first.shared) == (2, False)
    assert (second.held, second.charged, second.shared) == (0, None, True)


def test_what_another_manifest_paid_for_is_shared(told):
    told.attempt(*SENDING, manifest_id="m2")
    assert all(told.reports()[name].shared for name in ("a.mp3", "copy.mp3"))
    assert sum(report.held for report in told.reports().values()) == 0
    assert (told.reports("m2")["a.mp3"].held, told.reports("m2")["a.mp3"].shared) == (2, False)


def test_what_another_manifest_tried_and_did_not_send_is_still_to_be_paid(told):
    told.attempt(State.PLANNED, manifest_id="m2")
    found = told.reports()
    assert [found[name].shared for name in ("copy.mp3", "a.mp3")] == [False, True]
    assert sum(report.held for report in found.values()) == 0


def test_a_charge_stands_beside_its_price(told):
    made = told.attempt(*DONE)
    told.ledger.db.execute("UPDATE attempts SET hold = 0, charge = 5 WHERE id = ?", (made,))
    found = told.reports()["copy.mp3"]
    assert (found.expected, found.ceiling, found.charged, found.held) == (1, 2, 5, 0)
    assert found.job_id == "7"


def test_saved_is_only_what_is_on_disk_now(told):
    told.attempt(*DONE, State.SAVED)
    assert told.reports()["copy.mp3"].fate is Fate.NOT_SAVED
    path = told.save(1)
    assert told.reports()["copy.mp3"].fate is Fate.SAVED
    assert told.reports()["copy.mp3"].results == (str(path),)
    assert told.reports()["a.mp3"].fate is Fate.NOT_SAVED  # its own copy is missing
    path.unlink()
    assert told.reports()["copy.mp3"].fate is Fate.NOT_SAVED


def test_results_that_moved_with_their_folder_are_found_there(told, desk):
    told.attempt(*DONE, State.SAVED)
    path = told.save(1)
    moved = desk.folder / "moved" / "copy.json"
    moved.parent.mkdir()
    path.rename(moved)
    lines = told.lines.values()
    report, *_ = item_reports(told.ledger, "m1", lines, {}, skip_changed=False, output=moved.parent)
    assert (report.fate, report.results) == (Fate.SAVED, (str(moved),))
    report, *_ = item_reports(told.ledger, "m1", lines, {}, skip_changed=False, output=desk.output)
    assert (report.fate, report.results) == (Fate.NOT_SAVED, (str(path),))


@pytest.mark.parametrize(
    "states",
    [
        (),
        SENDING,
        (*SENDING, State.IN_DOUBT, State.GIVEN_UP),
        (*SENDING, State.REJECTED),
        DONE[:-1],
        DONE,
        (*DONE, State.LOST),
        (*DONE[:-1], State.FAILED),
        (*DONE[:-1], State.FAILED, State.RELEASED),
    ],
    ids=lambda states: states[-1] if states else "reserved",
)
def test_each_state_is_said_in_its_word_with_its_reason(told, states):
    made = told.attempt(*states)
    found = told.reports()["copy.mp3"]
    assert found.state is told.ledger.part(1)[0]
    assert found.fate is FATES[found.state]
    running = found.state in (State.SUBMITTED, State.RESERVED)
    assert found.reason == ("" if running else "why")
    assert found.since == told.ledger.attempt(made).changed
    assert found.tries == int(State.FAILED in states)


# -- stale lines


@pytest.mark.parametrize(("skip", "fate"), [(False, Fate.STALE), (True, Fate.SKIPPED)])
def test_a_changed_file_that_is_not_bought_is_said(told, skip, fate):
    line = told.lines["c.mp3"]
    found = told.reports(stale={line.key: Stale(line, "changed")}, skip_changed=skip)
    assert (found["c.mp3"].fate, found["c.mp3"].reason) == (fate, "changed")
    assert found["a.mp3"].fate is Fate.WAITING


def test_a_changed_file_that_was_bought_as_it_was_does_not_matter(told):
    told.attempt(*DONE, State.SAVED)
    told.save(1)
    line = told.lines["copy.mp3"]
    assert told.reports(stale={line.key: Stale(line, "changed")})["copy.mp3"].fate is Fate.SAVED
