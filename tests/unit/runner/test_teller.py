"""What a run tells while it goes on: each change of an item once, after the ledger has it, small or large."""

from dataclasses import replace

import pytest

from manifests.states import State
from manifests.text import open_manifest, write_manifest
from runner import large, large_collecting, pieces
from runner.api.interface import Doubtful, JobStatus, Rejected
from runner.report import Fate
from runner.told import Began, Change, GateTold, ItemTold, NoteTold, StopTold
from support.small_run import BILLED, QUICK


def told_of(heard, file=None):
    """What was told of items, as words."""
    items = [each for each in heard if isinstance(each, ItemTold)]
    return [each.change.value for each in items if file in (None, each.file)]


def only(heard, kind):
    return [each for each in heard if isinstance(each, kind)]


def test_a_good_run_tells_each_item_from_its_submit_to_its_bill(desk):
    heard = []
    desk.run(desk.manifest("a.mp3", "b.mp3"), watch=heard.append, patience=BILLED)
    for file in ("a.mp3", "b.mp3"):
        words = told_of(heard, file)
        assert sorted(words) == ["charged", "finished", "saved", "submitted"]
        assert words[0] == "submitted"
        assert words.index("finished") < words.index("saved")
    (began,) = only(heard, Began)
    assert (began.manifest_id, began.items, began.amounts.cap) == ("m1", 2, 4)
    (gate,) = only(heard, GateTold)
    assert (gate.items, gate.expected, gate.ceiling, gate.balance, gate.minutes) == (2, 2, 4, 1000, 2.0)
    assert gate.decision.passes
    assert heard.index(gate) < heard.index(only(heard, ItemTold)[0])


def test_what_was_saved_is_told_with_its_files_and_what_was_charged_with_the_amount(desk):
    heard = []
    desk.run(desk.manifest("a.mp3"), watch=heard.append, patience=BILLED)
    saved = next(each for each in only(heard, ItemTold) if each.change is Change.SAVED)
    assert [str(desk.output / name) for name in ("a.json", "a.txt")] == list(saved.results)
    charged = next(each for each in only(heard, ItemTold) if each.change is Change.CHARGED)
    assert (charged.charged, charged.expected, charged.ceiling, charged.job_id) == (1, 1, 2, "1")


def test_the_ledger_has_it_before_it_is_told(desk):
    lagging = []

    def watch(told):
        if isinstance(told, ItemTold) and told.change in (Change.SUBMITTED, Change.SAVED):
            (row,) = [each for each in desk.ledger.items("m1") if each.item_id == told.item]
            if told.change is Change.SUBMITTED and row.attempt.job_id != told.job_id:
                lagging.append(told)
            if told.change is Change.SAVED and row.state is not State.SAVED:
                lagging.append(told)

    desk.run(desk.manifest("a.mp3", "b.mp3", "c.mp3"), watch=watch)
    assert lagging == []


def test_items_that_share_a_purchase_are_told_each_and_pay_once(desk):
    plan = desk.manifest("a.mp3", "twin.mp3")
    for name in ("a.mp3", "twin.mp3"):
        (desk.folder / name).write_bytes(b"the same sound")
    plan = desk.manifest("a.mp3", "twin.mp3")
    heard = []
    desk.run(plan, watch=heard.append, patience=BILLED)
    charged = [each for each in only(heard, ItemTold) if each.change is Change.CHARGED]
    assert [(each.charged, each.shared) for each in charged] == [(1, False), (0, True)]
    assert len({each.item for each in charged}) == 2
    assert sum(each.minutes for each in charged) == 1.0


def test_what_another_manifest_paid_for_costs_this_one_nothing(desk):
    plan, heard = desk.manifest("a.mp3"), []
    desk.api.ends = JobStatus.RUNNING
    desk.run(plan, patience=replace(QUICK, job=0.1))
    job = desk.api.lists["transcription"][0]
    desk.api.lists["transcription"][0] = replace(job, status=JobStatus.COMPLETED)
    report = desk.run(desk.manifest("a.mp3", id="m2"), watch=heard.append, patience=BILLED)
    assert report.amounts.spent == 0
    items = only(heard, ItemTold)
    assert {"carried", "saved"} <= {each.change.value for each in items}
    assert {(each.shared, each.expected, each.ceiling) for each in items} == {(True, 0, 0)}
    assert {each.charged for each in items} <= {None, 0}
    assert {each.minutes for each in items} == {1.0}


@pytest.mark.parametrize(
    ("prepare", "words", "reason"),
    [
        (lambda api: setattr(api, "outcome", lambda *_: Rejected("400: short")), ["rejected"], "400: short"),
        (lambda api: setattr(api, "outcome", lambda *_: Doubtful("504")), ["in_doubt"], "504"),
    ],
)
def test_what_goes_wrong_at_the_submit_is_told_with_its_reason(desk, prepare, words, reason):
    prepare(desk.api)
    heard = []
    desk.run(desk.manifest("a.mp3"), watch=heard.append)
    assert told_of(heard) == words
    assert only(heard, ItemTold)[0].reason == reason
    assert only(heard, ItemTold)[0].charged in (0, None)


def test_a_job_that_fails_is_told_and_released_once_nothing_was_charged(desk):
    plan = desk.manifest("a.mp3")
    desk.api.ends = JobStatus.FAILED
    first, second = [], []
    desk.run(plan, watch=first.append, max_tries=1)
    desk.run(plan, watch=second.append, max_tries=1)
    assert told_of(first) == ["submitted", "failed"]
    assert told_of(second) == ["carried", "released"]
    assert [each.charged for each in only([*first, *second], ItemTold)] == [None, None, None, 0]


def test_what_an_earlier_run_bought_is_carried(desk):
    plan = desk.manifest("a.mp3")
    desk.api.ends = JobStatus.RUNNING
    assert desk.run(plan, patience=replace(QUICK, job=0.1)).count(Fate.RUNNING) == 1
    job = desk.api.lists["transcription"][0]
    desk.api.lists["transcription"][0] = replace(job, status=JobStatus.COMPLETED)
    heard = []
    desk.run(plan, watch=heard.append)
    assert told_of(heard)[0] == "carried"
    assert "saved" in told_of(heard)
    assert "submitted" not in told_of(heard)
    assert not only(heard, GateTold)


def test_a_gate_that_refuses_is_told_with_its_figures(desk):
    heard = []
    desk.run(desk.manifest("a.mp3", "b.mp3"), watch=heard.append, spend=1)
    (gate,) = only(heard, GateTold)
    assert not gate.decision.passes
    assert (gate.items, gate.decision.needed, gate.decision.available) == (0, 4, 1)
    assert told_of(heard) == []


def test_stops_and_notes_are_told_once(desk):
    desk.api.live["transcription"] = desk.api.live["transcription"] * 2
    heard = []
    desk.run(desk.manifest("a.mp3"), watch=heard.append)
    (stop,) = only(heard, StopTold)
    assert stop.stop == "prices"
    assert len(only(heard, NoteTold)) == len({each.text for each in only(heard, NoteTold)})


def test_a_bill_that_was_read_twice_is_told_once(desk):
    heard = []
    desk.run(desk.manifest("a.mp3", "b.mp3", "c.mp3", "d.mp3"), watch=heard.append, patience=BILLED)
    words = told_of(heard)
    assert words.count("charged") == 4


def test_a_large_run_tells_the_same_and_remembers_none_of_it(desk, monkeypatch):
    plan = desk.manifest(*(f"{number}.mp3" for number in range(7)))
    write_manifest(desk.folder / "m.yaml", plan.head, plan.items)
    for module, name, value in (
        (large, "FROM", 0),
        (large, "BATCH", 2),
        (large, "LOW", 1),
        (pieces, "PIECE", 2),
        (large_collecting, "TOGETHER", 2),
    ):
        monkeypatch.setattr(module, name, value)
    heard, tellers = [], []
    kept = large.LargeRun.go
    monkeypatch.setattr(large.LargeRun, "go", lambda run: tellers.append(run._teller) or kept(run))
    with open_manifest(desk.folder / "m.yaml") as manifest:
        desk.run(manifest, watch=heard.append, patience=BILLED)
    for number in range(7):
        assert sorted(told_of(heard, f"{number}.mp3")) == ["charged", "finished", "saved", "submitted"]
    assert sum(gate.items for gate in only(heard, GateTold)) == 7
    assert len(tellers[0]._tasks) <= 2
    assert len(tellers[0]._charged) <= 2
