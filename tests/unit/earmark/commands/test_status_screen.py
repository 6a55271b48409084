"""Where a manifest stands: rows that add up, what is on its way, what to type next."""

import json
from dataclasses import replace

import pytest
from msgspec import structs

from earmark.screens.status import asked_of, document, render
from earmark.standing import Standing, standing
from earmark.terminal import Terminal
from manifests.money import Cents
from manifests.states import State
from runner.api.interface import Doubtful
from runner.report import Fate
from support.reports import item, report
from support.small_run import manifest_of


def shown(*items, busy=False, known=True, sending=(), **rest):
    found = Standing(report(*items, **rest), busy=busy, known=known, under_way=list(sending))
    return render(found, asked_of(found, None), Terminal())


def test_rows_say_how_many_how_much_and_what_that_means():
    told = shown(item(), item("b", Fate.RUNNING), item("c", Fate.WAITING))
    assert told.splitlines()[0].endswith("1 of 3 items saved, no run is under way")
    assert "  saved           1      $0.10   on disk" in told
    assert "  running         1      $0.11   the service works on them" in told
    assert "  waiting         1      $0.10   not sent" in told
    assert "reserved $0.11" in told


def test_what_may_need_somebody_is_named_with_its_reason():
    doubts = [item(f"s03/ep{n}.mp3", Fate.IN_DOUBT, reason="answer lost") for n in range(5)]
    told = shown(*doubts)
    assert "    s03/ep0.mp3 (transcription): answer lost" in told
    assert "    and 2 more; all of them: --json" in told
    assert "earmark reconcile" in told


def test_all_done_needs_nothing_more():
    assert "Next:" not in shown(item(), item("b"))


def test_a_run_under_way_is_left_alone_and_shows_what_is_on_its_way():
    going_up = [item("up.mp3", Fate.IN_DOUBT, state=State.SENDING)]
    told = shown(item(), busy=True, sending=going_up)
    assert "1 of 2 items saved, a run is under way" in told
    assert "  sending         1      $0.11   on their way up" in told
    assert "in doubt        1" not in told
    assert told.splitlines()[-1].startswith("Next:  earmark status ")


def test_what_belongs_to_no_row_is_told_so_that_all_adds_up():
    assert "besides                $0.30" in shown(item(), beside=30)
    assert "besides" not in shown(item())


def test_what_is_paid_can_be_fetched_without_buying():
    told = shown(item("a", Fate.NOT_SAVED), item("b", Fate.WAITING))
    assert "  or:  earmark fetch " in told


def test_results_that_a_run_is_bringing_alarm_nobody():
    told = shown(item("a.mp3", Fate.NOT_SAVED), busy=True)
    assert "  not saved       1      $0.11   paid, the run brings what is missing on disk\n" in told
    assert "a.mp3" not in told


def test_a_manifest_that_was_never_run_says_how_to():
    told = shown(item("a", Fate.WAITING), known=False, cap=11)
    assert "1 item, never run" in told
    assert "Next:  run /home/me/manifest.yaml --max-spend 0.11" in told
    assert "1 item, a run is under way" in shown(item("a", Fate.WAITING), known=False, busy=True)


def test_the_document_has_every_item_and_the_same_figures():
    sending = [item("up.mp3", Fate.WAITING, state=State.UPLOADING)]
    odd = item(b"od\xff.mp3".decode("utf-8", "surrogateescape"))
    found = Standing(report(odd, item("b", Fate.RUNNING)), busy=True, known=True, under_way=sending)
    told = json.loads(document(found, asked_of(found, Cents(500)), "m1"))
    assert told["counts"] == {"saved": 1, "running": 1, "sending": 1}
    assert [each["state"] for each in told["items"]] == ["saved", "submitted", "uploading"]
    assert told["items"][0]["file_bytes"] == b"od\xff.mp3".hex()
    assert told["amounts"]["spent"] == 10
    assert (told["id"], told["running"], told["done"]) == ("m1", True, False)
    assert told["next"][0]["command"].startswith("earmark status ")


# From a real ledger


@pytest.fixture
def free():
    return lambda _manifest_id: False


def read(desk, manifest, taken, ledger="its own"):
    kept = desk.ledger if ledger == "its own" else ledger
    return standing(manifest, desk.folder / "m.yaml", desk.output, kept, taken)


def test_without_a_ledger_everything_waits_under_the_plans_own_cap(desk, free):
    plan = desk.manifest("a.mp3", "b.mp3")
    found = read(desk, plan, free, None)
    assert (found.known, found.items, found.report.count(Fate.WAITING)) == (False, 2, 2)
    assert found.report.amounts.cap == plan.ceiling
    assert read(desk, desk.manifest("a.mp3", cap=Cents(1)), free, None).report.amounts.cap == 1
    assert not read(desk, plan, free).known  # a ledger that never met it says the same


def test_what_the_plan_calls_paid_before_costs_nothing_before_the_first_run_either(desk, free):
    paid = structs.replace(desk.item("a.mp3"), cents=0, ceiling=0, paid=True)
    found = read(desk, manifest_of([paid, desk.item("b.mp3")]), free)
    assert [each.ceiling for each in found.report.items] == [0, 2]
    only = read(desk, manifest_of([paid]), free)
    assert "Next:  run m.yaml --max-spend 0" in render(
        only, replace(asked_of(only, None), manifest="m.yaml"), Terminal()
    )


def test_after_a_run_it_says_what_the_run_said(desk, free):
    desk.api.outcome = lambda order, _nth: Doubtful("lost") if order.path.name == "b.mp3" else None
    plan = desk.manifest("a.mp3", "b.mp3")
    ended = desk.run(plan, spend=50)
    found = read(desk, plan, free)
    assert found.known
    assert found.report.amounts == ended.amounts
    assert [(each.file, each.fate) for each in found.report.items] == [
        (each.file, each.fate) for each in ended.items
    ]
    assert [each.fate for each in found.sums] == [Fate.SAVED, Fate.IN_DOUBT]


def test_what_is_on_its_way_is_in_doubt_only_where_no_run_drives_it(desk, free):
    plan = desk.manifest("a.mp3")
    desk.api.outcome = lambda _order, _nth: Doubtful("lost")
    desk.run(plan)
    desk.ledger.db.execute("UPDATE attempts SET state = 'sending'")
    desk.ledger.db.execute("UPDATE parts SET state = 'sending'")
    driven = read(desk, plan, lambda manifest_id: manifest_id == "m1")
    assert (driven.busy, driven.items, len(driven.report.items)) == (True, 1, 0)
    assert driven.sending is not None
    assert [each.file for each in driven.under_way] == ["a.mp3"]
    left = read(desk, plan, free)
    assert left.sending is None
    assert left.report.count(Fate.IN_DOUBT) == 1


def test_a_folder_that_was_moved_is_as_complete_as_before(desk, free):
    plan = desk.manifest("a.mp3")
    desk.run(plan)
    moved = desk.folder / "elsewhere"
    desk.output.rename(moved)
    found = standing(plan, desk.folder / "m.yaml", moved, desk.ledger, free)
    assert [each.fate for each in found.report.items] == [Fate.SAVED]
    assert found.report.items[0].results == (str(moved / "a.json"), str(moved / "a.txt"))
    assert desk.run(plan, output=moved).exit == 0
    (moved / "a.json").unlink()
    assert read(desk, plan, free).report.count(Fate.NOT_SAVED) == 1


def test_an_empty_manifest_stands_nowhere(desk, free):
    assert read(desk, manifest_of([]), free).items == 0
