"""The reports of a run: while it lasts, at its end, and never in its way."""

import errno
import json
import os
import threading

import pytest

from earmark.report_choice import chosen
from earmark.reports.formats import FORMATS
from earmark.run_reports import EVERY, RunReports, reporting
from manifests.errors import MachineError, UsageError
from manifests.exits import Exit
from manifests.text import read_manifest, write_manifest
from support.reports import asked


@pytest.fixture
def place(desk, monkeypatch):
    """A manifest of two recordings, and a folder for reports."""
    plan = desk.manifest("a.mp3", "b.mp3")
    write_manifest(desk.folder / "m.yaml", plan.head, plan.items)
    (desk.folder / "out").mkdir()
    monkeypatch.setenv("EARMARK_LEDGER", str(desk.folder / "state" / "ledger.db"))
    return desk


def environ(desk):
    return {"EARMARK_LEDGER": str(desk.folder / "state" / "ledger.db")}


def reports(desk, *names, told=None, **rest):
    files = chosen([str(desk.folder / "out" / name) for name in names])
    tell = [].append if told is None else told.append
    return RunReports(files, desk.folder / "m.yaml", desk.output, environ(desk), tell, **rest)


def read(desk, name="r.json"):
    return json.loads((desk.folder / "out" / name).read_text())


class Waits:
    """Lets so many reports be made, and remembers how long each next one was waited for."""

    def __init__(self, count):
        self.count, self.pauses, self.done = count, [], threading.Event()

    def __call__(self, pause):
        self.pauses.append(pause)
        over = len(self.pauses) > self.count
        if over:
            self.done.set()
        return over


def test_a_report_is_there_as_the_run_begins_and_follows_it(place):
    waits = Waits(1)
    with reports(place, "r.json", "r.txt", wait=waits).during():
        assert waits.done.wait(10)
        found = read(place)
        assert (found["made_by"], found["outcome"], len(found["items"])) == ("run", "never run", 2)
        assert "never run" in (place.folder / "out" / "r.txt").read_text()
    place.run(read_manifest(place.folder / "m.yaml"))
    again = Waits(1)
    with reports(place, "r.json", wait=again).during():
        assert again.done.wait(10)
        assert [each["fate"] for each in read(place)["items"]] == ["saved", "saved"]


def test_reports_take_a_tenth_of_the_time_at_most(place):
    times = iter([0.0, 0.5, 100.0, 110.0, 200.0, 201.0])
    waits = Waits(3)
    with reports(place, "r.csv", wait=waits, clock=lambda: next(times)).during():
        assert waits.done.wait(10)
    assert waits.pauses == [0.0, EVERY, 90.0, EVERY]


def test_without_files_or_with_a_piped_manifest_no_thread_is_started(place):
    before = threading.active_count()
    with reports(place).during():
        assert threading.active_count() == before
    piped = reports(place, "r.csv")
    (place.folder / "m.yaml").unlink()
    os.mkfifo(place.folder / "m.yaml")
    with piped.during():
        assert threading.active_count() == before


def test_the_end_of_the_run_does_not_wait_for_a_report_that_is_being_made(place, monkeypatch):
    made, over = threading.Event(), threading.Event()
    row = type(FORMATS["csv"])("as_csv", (".csv",))

    def slow(report, _place):
        for item in report.items:
            made.set()
            over.wait(10)
            yield item.file

    monkeypatch.setattr("earmark.reports.of_standing.FROM", 0)
    monkeypatch.setattr(type(row), "render", property(lambda _self: slow))
    target = reports(place, "r.csv")
    with target.during():
        assert made.wait(10)
        threading.Timer(0.05, over.set).start()
    assert not (place.folder / "out" / "r.csv").exists()
    assert list((place.folder / "out").iterdir()) == []


def test_a_full_disk_is_one_note_and_nothing_else(place, monkeypatch):
    told, waits = [], Waits(3)

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("earmark.run_reports.write", full)
    with reports(place, "r.csv", told=told, wait=waits).during():
        assert waits.done.wait(10)
    assert len(told) == 1
    assert "No space left on device" in told[0]


def test_whatever_goes_wrong_with_a_report_is_a_note(place):
    told, waits = [], Waits(2)
    (place.folder / "m.yaml").write_text("no manifest")
    with reports(place, "r.csv", told=told, wait=waits).during():
        assert waits.done.wait(10)
    assert len(told) == 1
    assert "no report was made" in told[0]


def test_a_view_with_a_bug_changes_nothing_of_how_the_run_ends(place, monkeypatch):
    def broken(_self):
        raise KeyError("a bug")

    monkeypatch.setattr(type(FORMATS["csv"]), "render", property(broken))
    plan = read_manifest(place.folder / "m.yaml")
    run, told = place.run(plan), []
    last = reports(place, "r.csv", told=told)
    with last.during():
        pass
    last.ended(last.made(run, asked(), plan.head))
    reports(place, "r.csv", told=told).failed(Exit.MACHINE, "the disk is full")
    assert set(told) == {"no report was made: KeyError: 'a bug'"}


def test_a_disk_that_does_not_answer_keeps_its_older_report(place, monkeypatch):
    monkeypatch.setattr("earmark.run_reports.PATIENCE", 0.01)
    begun, answers = threading.Event(), threading.Event()

    def slow(*_):
        begun.set()
        answers.wait(10)

    monkeypatch.setattr("earmark.run_reports.write", slow)
    told = []
    last = reports(place, "r.csv", told=told)
    with last.during():
        assert begun.wait(10)
    last.failed(Exit.MACHINE, "the disk is full")
    answers.set()
    assert told == ["the last report was not written: the disk does not take the one before"]


def test_a_ledger_that_cannot_be_named_is_for_the_run_to_tell(place):
    told = {"EARMARK_LEDGER": "postgresql://example.org/x"}
    target = str(place.folder / "out" / "r.json")
    with pytest.raises(MachineError), reporting([target], str(place.folder / "m.yaml"), None, told):
        raise MachineError("EARMARK_LEDGER names a server")
    assert read(place)["sentence"] == "EARMARK_LEDGER names a server"


def test_the_last_report_is_what_the_run_came_to(place):
    plan = read_manifest(place.folder / "m.yaml")
    run = place.run(plan)
    last = reports(place, "r.json")
    last.ended(last.made(run, asked(), plan.head))
    found = read(place)
    assert (found["outcome"], found["exit"], found["running"]) == ("done", 0, False)
    assert found["effort"]["submitted"] == 2
    last.failed(Exit.BUG, "too late")
    assert read(place)["outcome"] == "done"


def test_an_error_leaves_where_all_stands_with_its_sentence(place):
    place.run(read_manifest(place.folder / "m.yaml"))
    reports(place, "r.json").failed(Exit.MACHINE, "the disk is full")
    found = read(place)
    assert (found["exit"], found["outcome"], found["sentence"]) == (10, "this machine", "the disk is full")
    assert (found["made_by"], found["running"], len(found["items"])) == ("run", False, 2)


def test_an_error_before_there_is_a_manifest_leaves_its_sentence(place):
    (place.folder / "m.yaml").unlink()
    reports(place, "r.json", "r.xml").failed(Exit.USAGE, "there is no such manifest")
    found = read(place)
    assert (found["exit"], found["sentence"], found["items"]) == (2, "there is no such manifest", [])
    assert 'errors="1"' in (place.folder / "out" / "r.xml").read_text()


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (MachineError("full"), 10),
        (KeyboardInterrupt(), 130),
        (SystemExit(143), 143),
        (ZeroDivisionError(), 70),
    ],
)
def test_whatever_ends_the_block_is_reported_and_passed_on(place, error, code):
    target = str(place.folder / "out" / "r.json")
    with (
        pytest.raises(type(error)),
        reporting([target], str(place.folder / "m.yaml"), None, environ(place)),
    ):
        raise error
    assert read(place)["exit"] == code


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("out/r.pdf", "write one of"),
        ("out/r", "write one of"),
        ("nowhere/r.md", "a folder that exists"),
        ("m.json", "what the report is made of"),
        ("other.json", "a manifest"),
        ("m.yaml.receipts.jsonl", "write one of"),
        ("results/a.txt", "a result"),
        ("state/ledger.txt", "the ledger's"),
        ("state/locks/r.txt", "the ledger's"),
    ],
)
def test_a_place_that_is_not_free_or_has_no_view_is_refused_before_anything(place, name, words):
    run = place.run(read_manifest(place.folder / "m.yaml"))
    assert run.exit is Exit.DONE
    (place.folder / "m.yaml").rename(place.folder / "m.json")
    (place.folder / "other.json").symlink_to("other.yaml")
    (place.folder / "other.yaml").write_bytes((place.folder / "m.json").read_bytes())
    files = (path for path in place.folder.rglob("*") if path.is_file() and path.suffix != ".db-shm")
    before = {path: path.read_bytes() for path in files}
    with (
        pytest.raises(UsageError, match=words),
        reporting([str(place.folder / name)], str(place.folder / "m.json"), None, environ(place)),
    ):
        pytest.fail("nothing may begin")
    assert {path: path.read_bytes() for path in before} == before


def test_one_file_twice_is_refused(place):
    with pytest.raises(UsageError, match="twice"):
        chosen([str(place.folder / "r.md"), str(place.folder / "out" / ".." / "r.md")])
