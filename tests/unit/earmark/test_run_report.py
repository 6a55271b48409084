"""The JSON document of `run`: the screen's figures for machines."""

import json
from datetime import UTC, datetime

import msgspec
import pytest
from msgspec.structs import replace

from earmark.reports import around, as_json
from earmark.reports.of_run import report_of
from earmark.run_outcome import WORDS, also
from manifests.budget import Decision, Verdict
from manifests.exits import Exit
from manifests.money import Cents
from runner.engine.world import Stop
from runner.report import Before, Fate, Shortage
from support.reports import asked, balance, item, report
from support.valid import valid

NOW = datetime(2026, 11, 23, 5, tzinfo=UTC)


def document(told, **typed):
    return valid(json.loads(as_json.text(report_of(told, asked(**typed), None, NOW))))


def test_a_document_names_its_schema_and_says_how_it_ended():
    found = document(report(item("a.mp3", results=("/home/me/results/a.txt",), job_id="7")))
    assert (found["schema"], found["version"]) == ("earmark.report", 2)
    assert (found["outcome"], found["exit"], found["also"]) == ("done", 0, [])
    assert found["sentence"] == "DONE: 1 of 1 saved to results/, $0.10 charged, nothing in doubt."
    assert found["manifest"] == "/home/me/manifest.yaml"
    assert found["items"] == [
        {
            "file": "a.mp3",
            "file_bytes": None,
            "service": "transcription",
            "fate": "saved",
            "state": "saved",
            "reason": "",
            "ms": 60_000,
            "grade": "",
            "bytes": 0,
            "currency": "cents",
            "expected": 10,
            "ceiling": 11,
            "charged": 10,
            "held": 0,
            "shared": False,
            "paid_before": False,
            "saved": 0,
            "tries": 0,
            "job_id": "7",
            "since": None,
            "results": ["/home/me/results/a.txt"],
        }
    ]
    effort = found["effort"]
    assert found["wallet"] is effort["refused"] is effort["shortage"] is effort["signal"] is None
    assert found["next"] == {"path": [], "others": []}


def test_the_figures_add_up():
    told = report(
        item(), item(fate=Fate.RUNNING), item(fate=Fate.IN_DOUBT), item(fate=Fate.WAITING), beside=5
    )
    found = document(told)
    amounts, besides = found["amounts"], found["besides"]
    fates = {each["fate"]: each for each in found["fates"]}
    assert amounts["spent"] == sum(each["charged"] for each in fates.values()) + besides["charged"] == 15
    assert amounts["reserved"] + amounts["in_doubt"] == sum(each["held"] for each in fates.values()) == 22
    assert amounts["left"] == amounts["cap"] - 37
    assert fates["waiting"]["expected"] == fates["waiting"]["cents"] == 10


def test_a_stop_is_told_with_its_reasons_and_the_commands_that_go_on():
    told = report(
        item(fate=Fate.WAITING),
        item(fate=Fate.IN_DOUBT),
        item(service="stems:six", charged=Cents(11)),
        stops=((Stop.MONEY, "402: no money"),),
        balance=balance(0, 500, low=True),
        before=Before(balance(500), Cents(0)),
        shortage=Shortage(Cents(11), Cents(0)),
        refused=Decision(Verdict.OVER_BALANCE, Cents(11), Cents(0)),
        notes=("a note",),
    )
    found = document(told)
    effort = found["effort"]
    assert found["outcome"] == "refused"
    assert found["also"] == [{"exit": 4, "outcome": "out of money"}, {"exit": 7, "outcome": "in doubt"}]
    assert effort["stops"] == [{"stop": "money", "message": "402: no money"}]
    assert effort["shortage"] == {"required": 11, "available": 0}
    figures = {"verdict": "over the balance", "needed": 11, "available": 0, "short": 11}
    assert effort["refused"] == {**figures, "limit": None, "said_by": None}
    assert found["wallet"] == {
        "balance": 0,
        "total_spent": 500,
        "low": True,
        "went_elsewhere": {"least": 478, "most": 489},
    }
    assert found["drift"] == [{"service": "stems:six", "expected": 10, "charged": 11}]
    assert found["notes"] == ["a note"]
    assert found["next"]["path"] == [
        {"command": "earmark wallet topup --amount 1", "words": None},
        {"command": "run manifest.yaml", "words": None},
    ]
    assert found["next"]["others"][0]["words"] == "decide about lost answers by hand"


def test_names_that_are_no_text_are_kept_as_bytes_beside_what_is_shown():
    found = document(report(item("caf\udce9.mp3")))
    assert found["items"][0]["file_bytes"] == "636166e92e6d7033"
    assert found["items"][0]["file"].isprintable()


def test_an_error_before_the_run_is_a_document_of_the_same_schema():
    told = around.failed(int(Exit.MACHINE), "the disk is full", "run", NOW, "manifest.yaml")
    found = json.loads(as_json.text(told))
    assert list(found) == list(document(report()))
    assert (found["outcome"], found["exit"], found["sentence"]) == ("this machine", 10, "the disk is full")
    assert (found["manifest"], found["amounts"], found["items"]) == ("manifest.yaml", None, [])


def test_every_exit_code_has_a_word():
    assert set(WORDS) == set(Exit)
    assert len(set(WORDS.values())) == len(WORDS)


def test_what_one_exit_code_hides_is_told():
    both = report(item(fate=Fate.IN_DOUBT), item(fate=Fate.FAILED), item(fate=Fate.WAITING))
    assert both.exit is Exit.IN_DOUBT
    assert also(both) == [Exit.SOME_FAILED]


def test_jobs_that_run_on_after_an_interruption_do_not_make_the_service_look_down():
    signal = ((Stop.SIGNAL, ""),)
    running = item(fate=Fate.RUNNING)
    assert also(report(running, stops=signal, signal=2)) == []
    assert also(report(running, stops=((Stop.KEY, ""),))) == []
    assert also(report(item(fate=Fate.NOT_SAVED), stops=signal, signal=2)) == []
    down = (*signal, (Stop.UNREACHABLE, ""))
    assert also(report(running, stops=down, signal=2)) == [Exit.SERVICE_DOWN]
    assert also(report(running, item(fate=Fate.FAILED))) == [Exit.SOME_FAILED]


@pytest.mark.parametrize("count", [0, 1, 2, 3, 5])
def test_the_document_is_the_same_however_many_items_are_written_at_a_time(count, monkeypatch):
    monkeypatch.setattr(as_json, "TOGETHER", 2)
    told = report_of(
        report(*[item(f'"items": []{n}', reason="\n") for n in range(count)]), asked(), None, NOW
    )
    assert json.loads(as_json.text(told)) == msgspec.to_builtins(replace(told, items=list(told.items)))
    assert as_json.read(as_json.text(told).encode(), "it") == replace(told, items=list(told.items))
