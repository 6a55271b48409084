"""The report of a manifest as the ledger has it: looked at line by line, or some lines at a time."""

import json
import threading
from datetime import UTC, datetime

import pytest
from msgspec import structs

from earmark.reports import as_json, of_standing
from earmark.reports.document import Drift
from earmark.reports.kept import Kept
from earmark.reports.of_run import report_of as of_run
from earmark.reports.text import screen
from earmark.standing import Standing
from earmark.terminal import Terminal
from manifests.budget import Amounts
from manifests.manifest import Item
from manifests.money import Cents
from manifests.text import open_manifest, write_manifest
from runner.api.interface import Doubtful, JobStatus, Rejected
from support.made_reports import planned
from support.reports import asked, item, report
from support.small_run import manifest_of
from support.valid import valid

NOW = datetime(2026, 11, 30, 10, tzinfo=UTC)
NAMES = ("a.mp3", "s/b.mp3", "s/c.mp3", "s/d.mp3", "e.mp3")


def idle(_manifest_id):
    return False


def busy(_manifest_id):
    return True


@pytest.fixture
def plan(desk):
    """Five recordings and one that sounds like the first."""
    items = [desk.item(name) for name in NAMES]
    (desk.folder / "same.mp3").write_bytes(b"a.mp3")
    return manifest_of([*items, desk.item("same.mp3")])


def told(desk, plan, taken=idle, ledger="its own", notes=Kept()):  # noqa: B008 - frozen
    path = desk.folder / "m.yaml"
    write_manifest(path, plan.head, plan.items)
    kept = desk.ledger if ledger == "its own" else ledger
    with open_manifest(path) as opened:
        made = of_standing.report_of(opened, path, desk.output, kept, taken, NOW, notes)
        valid(json.loads(as_json.text(made)))
        return structs.replace(made, items=list(made.items))


def both(desk, plan, monkeypatch, taken=idle):
    """The small one's way and the large one's."""
    small = told(desk, plan, taken)
    monkeypatch.setattr(of_standing, "FROM", 0)
    large = told(desk, plan, taken)
    monkeypatch.undo()
    return small, large


def test_before_the_first_run_all_waits_at_the_plans_price(desk, plan, monkeypatch):
    small, large = both(desk, plan, monkeypatch)
    assert small == large
    assert (small.outcome, small.running, small.exit) == ("never run", False, 9)
    assert small.sentence == "6 items, never run; its cap is $0.12."
    assert [(each.fate, each.items, each.cents) for each in small.fates] == [("waiting", 6, 6)]
    assert [(each.name, each.items) for each in small.folders] == [(".", 3), ("s", 3)]
    assert told(desk, plan, ledger=None) == small


def test_a_run_that_has_just_begun_is_no_run_that_never_was(desk, plan, monkeypatch):
    small, large = both(desk, plan, monkeypatch, busy)
    assert small == large
    assert small.sentence == "A run is under way: 0 of 6 items done, $0.00 of $0.12 spent."


def test_after_a_run_it_has_what_the_run_said(desk, plan, monkeypatch):
    outcomes = {"b.mp3": Doubtful("lost"), "c.mp3": Rejected("not audio")}
    desk.api.outcome = lambda order, _nth: outcomes.get(order.path.name)
    run = desk.run(plan)
    small, large = both(desk, plan, monkeypatch)
    assert small == large
    mine = of_run(run, asked(), plan.head, NOW)
    assert list(mine.items) == small.items
    same = (
        "amounts",
        "besides",
        "fates",
        "services",
        "folders",
        "timeline",
        "drift",
        "exit",
        "also",
        "root",
        "id",
    )
    assert [getattr(mine, name) for name in same] == [getattr(small, name) for name in same]
    assert (small.made_by, small.effort, small.wallet) == ("report", None, None)
    assert "4 of 6 items done" in small.sentence
    assert "in doubt" in small.sentence
    billed = [each.charged for each in small.items if each.charged is not None]
    assert [(each.exit, each.outcome) for each in small.runs] == [(7, "in doubt")]
    assert small.runs[0].started <= small.runs[0].ended
    assert "exit 7: in doubt" in screen(small, Terminal())
    assert small.drift == ([Drift("transcription", sum(billed), sum(billed))] if billed else [])
    assert small.timeline[-1].done == 3  # the sixth is the first one's twin
    assert sum(each.expected for each in small.items) == sum(each.expected for each in small.services)
    assert [each.saved for each in small.items] == [0, 0, 0, 0, 0, 1]


def test_what_is_on_its_way_up_is_told_apart_while_a_run_is_under_way(desk, plan, monkeypatch):
    desk.api.outcome = lambda order, _nth: Doubtful("lost") if order.path.name == "b.mp3" else None
    desk.run(plan)
    for table in ("attempts", "parts"):
        desk.ledger.db.execute(f"UPDATE {table} SET state = 'sending' WHERE state = 'in doubt'")
    small, large = both(desk, plan, monkeypatch, busy)
    by_file = {each.file: each for each in large.items}
    assert {each.file: each for each in small.items} == by_file
    assert structs.replace(small, items=[]) == structs.replace(large, items=[])
    assert by_file["s/b.mp3"].fate == "sending"
    assert by_file["s/b.mp3"].held == small.fates[-1].held == 2
    assert (small.besides.charged, small.besides.held) == (0, 0)
    assert (small.fates[-1].fate, small.fates[-1].items) == ("sending", 1)
    assert (small.outcome, small.running) == ("running", True)
    assert small.sentence.startswith("A run is under way: 5 of 6 items done")
    assert small.next.path[0].command.startswith("earmark status ")


def test_what_another_manifest_bought_costs_nothing_here(desk, plan):
    desk.run(desk.manifest("a.mp3", id="other"))
    desk.run(plan)
    first = told(desk, plan).items[0]
    assert (first.paid_before, first.shared, first.expected, first.saved) == (True, True, 0, 1)


def test_what_the_plan_calls_paid_is_told_before_the_first_run(desk):
    def free(name, **rest) -> Item:
        return structs.replace(desk.item(name), cents=0, ceiling=0, paid=True, **rest)

    plan = manifest_of([free("a.mp3"), free("b.mp3", note="same audio as a.mp3"), desk.item("c.mp3")])
    items = told(desk, plan).items
    assert [each.paid_before for each in items] == [True, False, False]
    assert [each.shared for each in items] == [True, True, False]
    assert [each.saved for each in items] == [1, 1, 0]
    assert [each.ceiling for each in items] == [0, 0, 2]


def test_failed_items_lead_to_the_command_that_tries_again(desk, plan):
    desk.api.ends = JobStatus.FAILED
    desk.run(plan)
    made = told(desk, plan)
    assert (made.exit, made.outcome) == (1, "some failed")
    assert made.next.path[0].command.startswith("run ")


def test_what_planning_knew_is_passed_on(desk, plan):
    known = planned()
    assert told(desk, plan, notes=Kept(known)).planned == known
    assert told(desk, plan, notes=Kept(notes=("gone",))).notes == ["gone"]


@pytest.mark.parametrize("least", [0, 10_000])
def test_whoever_waits_for_its_end_can_stop_it(desk, plan, monkeypatch, least):
    monkeypatch.setattr(of_standing, "FROM", least)
    path, over = desk.folder / "m.yaml", threading.Event()
    write_manifest(path, plan.head, plan.items)

    def heed():
        if over.is_set():
            raise InterruptedError

    with open_manifest(path) as opened:
        made = of_standing.report_of(opened, path, desk.output, desk.ledger, idle, NOW, heed=heed)
        assert as_json.text(made)
        over.set()
        with pytest.raises(InterruptedError):
            of_standing.report_of(opened, path, desk.output, desk.ledger, idle, NOW, heed=heed)


def test_dollars_and_credits_have_a_sentence_each():
    account = Amounts(Cents(2000), Cents(660), Cents(0), Cents(330))
    found = Standing(report(item(), credits=account), busy=False, known=True)
    words = "$0.10 of $5.00 spent, 660 of 2,000 credits spent, 330 credits in doubt."
    assert of_standing._sentence(found, 1) == f"1 of 1 item done, {words}"
    alone = Standing(report(cap=0, credits=account), busy=False, known=True)
    assert "$" not in of_standing._sentence(alone, 1)
