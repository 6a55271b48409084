"""`run` on a ledger that hosts share: it reads as on one machine, and every promise is kept there, too."""

import json
import signal
import threading
from contextlib import ExitStack
from itertools import islice

import pytest

import simulator
from simulator import Scenario
from support.fleet_bench import FleetBench
from support.waiting import PATIENCE, until


@pytest.fixture
def fleet(tmp_path, database):
    """Opens a workplace: `fleet(count, *faults, **switches)`, with so many planned recordings."""
    with ExitStack() as stack:

        def open_one(count, *faults, wallet=5_000, **switches):
            switches = {"job_seconds": 0.0, "job_seconds_per_minute": 0.0, **switches}
            scenario = Scenario(faults=faults, **switches)
            sim = stack.enter_context(simulator.serve(scenario, wallet_cents=wallet))
            made = FleetBench(tmp_path, sim, dsn=database)
            stack.callback(made.close)
            made.migrated()
            made.record(count)
            made.plan("media", "--service", "transcription")
            return made

        yield open_one


def files(events, kind):
    return sorted(event["file"] for event in events if event["event"] == kind)


def test_one_run_and_two_workers_share_the_work_and_the_screen_and_the_report_say_so(fleet):
    made = fleet(24)
    made.worker("a")
    made.worker("b")
    ended = made.installed("run", "manifest.yaml", "--max-spend", "1", EARMARK_HOST="desk")
    assert ended.code == 0, ended.err + ended.out
    headline, *rest = ended.out.splitlines()
    assert headline == "DONE: 24 of 24 saved to results/, $0.24 charged, nothing in doubt."
    assert "             spent $0.24   reserved $0.00   in doubt $0.00   left $0.76" in rest
    (saved,) = [line for line in rest if line.startswith("  Saved by ")]
    shares = [part.rsplit(" ", 2) for part in saved.removeprefix("  Saved by ").split(", ")]
    assert {name for name, _, _ in shares} <= {"a", "b", "desk"}
    assert sum(int(items) for _, items, _ in shares) == 24
    assert len(made.results()) == 48
    made.check_books()

    again = made.installed("run", "manifest.yaml", "--max-spend", "1", "--json")
    found = json.loads(again.out)
    assert (again.code, found["effort"]["submitted"], found["amounts"]["spent"]) == (0, 0, 24)
    assert made.books.spent_cents == 24


def test_the_events_tell_of_every_item_once_whichever_host_bought_it(fleet):
    made = fleet(9)
    made.worker("a")
    ended = made.installed("run", "manifest.yaml", "--max-spend", "1", "--events", EARMARK_HOST="desk")
    events = [json.loads(line) for line in ended.out.splitlines()]
    assert ended.code == 0, ended.err
    wanted = sorted(f"r{number}.wav" for number in range(1, 10))
    for kind in ("submitted", "finished", "saved", "charged"):
        assert files(events, kind) == wanted
    assert [event["event"] for event in events[:2]] == ["opened", "started"]
    assert (events[-1]["event"], events[-1]["exit"]) == ("ended", 0)


def test_a_file_that_only_another_host_has_as_planned_waits_for_it_and_that_is_said(fleet, tmp_path):
    made = fleet(4)
    there = tmp_path / "there"
    there.mkdir()
    (made.folder / "media" / "r2.wav").rename(there / "r2.wav")
    (made.folder / "media" / "r2.wav").write_bytes(b"another recording of that name")
    made.worker("b", "--root", str(there), "--output", str(tmp_path / "b"))
    ended = made.installed("run", "manifest.yaml", "--max-spend", "1", "--json", EARMARK_HOST="desk")
    found = json.loads(ended.out)
    assert ended.code == 0, ended.err
    shares = {each["host"]: each["items"] for each in found["effort"]["hosts"]}
    assert shares == {"b": 1, "desk": 3}
    assert (tmp_path / "b" / "r2.txt").exists()
    made.check_books()


def test_a_file_that_no_living_host_has_is_named_with_each_hosts_reason(fleet, tmp_path):
    made = fleet(3)
    there = tmp_path / "there"
    there.mkdir()
    (there / "r2.wav").write_bytes(b"other bytes")
    (made.folder / "media" / "r2.wav").unlink()
    made.worker("b", "--root", str(there))
    ended = made.installed("run", "manifest.yaml", "--max-spend", "1", "--json", EARMARK_HOST="desk")
    found = json.loads(ended.out)
    assert ended.code == 6
    (item,) = [each for each in found["items"] if each["fate"] == "stale"]
    assert item["file"] == "r2.wav"
    assert "desk: " in item["reason"]
    assert "b: changed since planning" in item["reason"]
    assert found["amounts"]["spent"] == 2


def test_of_runs_with_different_caps_the_smallest_counts_and_each_says_so(fleet):
    made = fleet(2, job_seconds=600.0)
    runs = [made.start("run", "manifest.yaml", "--max-spend", "2", EARMARK_HOST="one")]
    until(lambda: made.ledger("SELECT 1 FROM attempts WHERE job_id IS NOT NULL"))
    runs.append(made.start("run", "manifest.yaml", "--max-spend", "3", EARMARK_HOST="two"))
    assert said(runs[1]) == "run: cap $2.00 of the run on host one counts, not $3.00\n"
    runs.append(made.start("run", "manifest.yaml", "--max-spend", "1", EARMARK_HOST="three"))
    assert said(runs[0]) == "run: cap $1.00 of the run on host three counts from now on, not $2.00\n"
    assert made.ledger("SELECT cap FROM manifests") == [(100,)]
    for process in runs:
        made.interrupt(process, signal.SIGINT)
    assert [made.end(process).code for process in runs] == [130] * 3


def said(process):
    """The next sentence about caps on a command's stderr; a log also has a line of progress now and then."""
    lines = []

    def read():
        lines.extend(islice((line for line in process.stderr if "cap " in line), 1))

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    reader.join(PATIENCE)
    return "".join(lines)


def test_ctrl_c_stops_the_other_hosts_too_and_the_same_command_goes_on(fleet):
    made = fleet(16, job_seconds=2.0)
    worker = made.worker("a", "--at-once", "1")
    process = made.start("run", "manifest.yaml", "--max-spend", "1", EARMARK_HOST="desk")
    until(lambda: made.ledger("SELECT 1 FROM attempts WHERE job_id IS NOT NULL"))
    made.interrupt(process, signal.SIGINT)
    ended = made.end(process)
    assert ended.code == 130, ended.err
    assert "Go on:" in ended.out
    until(made.over)
    assert worker.poll() is None
    bought = len(made.books.jobs)
    assert bought < 16 or made.shifts()
    again = made.installed("run", "manifest.yaml", "--max-spend", "1", EARMARK_HOST="desk")
    assert again.code == 0, again.err + again.out
    made.check_books()
    assert len(made.books.jobs) == 16
