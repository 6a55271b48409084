"""`earmark worker`: hosts that share what a ledger offers, as installed commands on a real database."""

import signal
import time
from contextlib import ExitStack

import pytest

import simulator
from simulator import Fault, Scenario
from support.fleet_bench import FleetBench
from support.waiting import until


@pytest.fixture
def fleet(tmp_path, database):
    """Opens a workplace: `fleet(*faults, **switches)`."""
    with ExitStack() as stack:

        def open_one(*faults, migrated=True, **switches):
            switches = {"job_seconds": 0.0, "job_seconds_per_minute": 0.0, **switches}
            sim = stack.enter_context(
                simulator.serve(Scenario(faults=faults, **switches), wallet_cents=5_000)
            )
            made = FleetBench(tmp_path, sim, dsn=database)
            stack.callback(made.close)
            return made.migrated() if migrated else made

        yield open_one


def planned(made, count):
    made.record(count)
    made.plan("media", "--service", "transcription")
    return made


# What it needs


def refused(made, *words, **environ):
    ended = made.installed("earmark", "worker", *words, **environ)
    assert ended.out == ""
    assert "Traceback" not in ended.err
    return ended.code, ended.err


def test_a_worker_before_migrate_says_what_to_type(fleet):
    code, said = refused(fleet(migrated=False))
    assert code == 10
    assert "earmark ledger migrate" in said


def test_a_worker_without_a_key_says_which_variable(fleet):
    code, said = refused(fleet(), AUDIOPOD_API_KEY="")
    assert code == 5
    assert "AUDIOPOD_API_KEY" in said


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("postgresql://earmark:hushhush@127.0.0.1:1/ledger", "nothing is lost"),
        ("mysql://earmark@127.0.0.1/ledger", "postgresql://user@host:5432/database"),
    ],
)
def test_a_worker_with_a_wrong_address_says_how_to_mend_it_and_no_password(fleet, address, words):
    code, said = refused(fleet(), EARMARK_LEDGER=address)
    assert code == 10
    assert words in said
    assert "hushhush" not in said


def test_a_worker_on_a_database_that_is_not_there_says_how_to_make_it(fleet):
    made = fleet()
    code, said = refused(made, EARMARK_LEDGER=f"{made.dsn}x")
    assert code == 10
    assert "createdb" in said


@pytest.mark.parametrize("place", ["", "ledger.db"])
def test_a_worker_needs_a_ledger_that_hosts_share(fleet, place):
    code, said = refused(fleet(), EARMARK_LEDGER=place)
    assert code == 2
    assert "set EARMARK_LEDGER to its address" in said


def test_a_root_that_is_not_there_is_refused_with_the_nearest(fleet):
    made = fleet()
    made.record(1)
    code, said = refused(made, "--root", "medai")
    assert code == 2
    assert "--root medai: no such folder; did you mean 'media'?" in said


def test_results_that_cannot_be_written_are_refused_at_once(fleet):
    made = fleet()
    (made.folder / "taken").write_text("a file")
    code, said = refused(made, "--output", "taken/results")
    assert code == 10
    assert "taken" in said


# Shifts


@pytest.mark.long
def test_two_hosts_share_the_work_and_a_folder(fleet):
    made = planned(fleet(job_seconds=0.3), 8)
    one, two = made.worker("a", "--at-once", "1"), made.worker("b", "--at-once", "1")
    made.offer(size=2)
    until(made.over)
    assert set(made.shifts()) == {"done"}
    assert len(made.results()) == 2 * 8
    assert len(made.books.jobs) == 8
    made.check_books()
    told = made.do("earmark", "status", "manifest.yaml", "--json").json
    assert {each["host"] for each in told["hosts"]} == {"a", "b"}
    assert all(each["alive"] for each in told["hosts"])
    assert told["counts"] == {"saved": 8}
    for process in (one, two):
        made.interrupt(process, signal.SIGTERM)
    ends = [made.end(process) for process in (one, two)]
    assert [ended.code for ended in ends] == [143, 143]
    for ended in ends:
        assert " ended: 2 saved" in ended.err
        assert ended.out == ""
    assert made.do("earmark", "status", "manifest.yaml", "--json").json["hosts"] == []


def test_hosts_with_disks_of_their_own_send_what_each_has(fleet):
    made = planned(fleet(), 4)
    for name, files in (("a", "12"), ("b", "34")):
        for number in files:
            file = made.folder / "media" / f"r{number}.wav"
            (made.folder / name).mkdir(exist_ok=True)
            file.rename(made.folder / name / file.name)
    made.worker("a", "--root", "a", "--output", "results-a")
    made.worker("b", "--root", "b", "--output", "results-b")
    made.offer(size=4)
    until(made.over)
    assert len(made.results("results-a")) == len(made.results("results-b")) == 4
    assert len(made.books.jobs) == 4
    made.check_books()


def test_what_no_host_has_waits_and_status_says_why(fleet):
    made = planned(fleet(), 2)
    (made.folder / "media" / "r1.wav").write_bytes(b"RIFF other bytes")
    made.worker("a")
    made.offer()
    until(lambda: made.shifts() == ["done", "waiting"])
    told = made.do("earmark", "status", "manifest.yaml", "--json").json
    (waits,) = told["elsewhere"]
    assert waits["file"] == "r1.wav"
    (reason,) = waits["reasons"]
    assert reason["host"] == "a"
    assert "changed" in reason["reason"]
    shown = made.do("earmark", "status", "manifest.yaml").out
    assert "1 item waits for another host" in shown
    assert len(made.books.jobs) == 1


@pytest.mark.long
def test_sigterm_amid_a_shift_leaves_the_rest_to_others(fleet):
    made = planned(fleet(Fault(at="submit:*", do="slow", seconds=0.5)), 12)
    first = made.worker("a", "--uploads", "1", "--at-once", "1")
    made.offer(size=12)
    until(lambda: made.books.jobs)
    made.interrupt(first, signal.SIGTERM)
    ended = made.end(first)
    assert ended.code == 143
    sent = len(made.books.jobs)
    assert 0 < sent < 12
    made.worker("b")
    until(made.over)
    assert len(made.books.jobs) == 12
    assert len(made.results()) == 2 * 12
    made.check_books()


def test_a_second_signal_leaves_at_once(fleet):
    made = planned(fleet(Fault(at="submit:*", do="slow", seconds=60.0)), 2)
    process = made.worker("a")
    made.offer()
    until(lambda: made.ledger("SELECT 1 FROM attempts WHERE state = 'sending'"))
    made.interrupt(process, signal.SIGTERM)
    time.sleep(0.5)
    made.interrupt(process, signal.SIGTERM)
    began = time.monotonic()
    assert made.end(process).code == 143
    assert time.monotonic() - began < 8


def test_what_a_killed_host_had_goes_on_elsewhere_once_its_lease_is_over(fleet):
    made = planned(fleet(Fault(at="submit:*", do="slow", seconds=1.0)), 8)
    first = made.worker("a", "--uploads", "2", "--at-once", "1")
    made.offer(size=8)
    until(lambda: made.books.jobs)
    first.kill()
    made.end(first)
    made.change("UPDATE runs SET lease_until = 0 WHERE host = 'a'")  # half a minute later
    second = made.worker("b")
    until(made.over)
    assert len(made.results()) == 2 * 8
    assert made.books.paid_twice() == ()
    made.check_books()
    made.interrupt(second)
    assert "host a gave no sign of life: its shift 1 waits again" in made.end(second).err


# Its end


def test_it_ends_when_no_run_offers_anything(fleet):
    made = planned(fleet(), 3)
    dispatch = made.offer(size=1)
    process = made.start("earmark", "worker", "--until-idle", "-v", EARMARK_HOST="a")
    made.workers.append(process)
    until(made.over)
    made.change(f"UPDATE dispatches SET ended = 1 WHERE id = {dispatch}")
    ended = made.end(process)
    assert ended.code == 0
    assert ended.err.splitlines()[-1] == "worker: no run offers anything any more"
    assert "saved     r1.wav" in ended.err


def test_it_ends_at_once_where_nothing_is_offered(fleet):
    ended = fleet().installed("earmark", "worker", "--until-idle")
    assert ended.code == 0


def test_a_key_that_the_service_does_not_take_ends_it(fleet):
    made = planned(fleet(), 1)
    made.offer()
    made.change("DELETE FROM meta")
    ended = made.installed("earmark", "worker", AUDIOPOD_API_KEY="ap_ffffffffffffffffffffffffffffffff")
    assert ended.code == 5
    assert made.books.jobs == ()


# With a run


def test_a_run_and_two_workers_share_a_folder_while_one_of_them_is_told_to_leave(fleet):
    made = planned(fleet(Fault(at="submit:*", do="slow", seconds=0.3)), 24)
    leaves = made.worker("a", "--at-once", "2", "--uploads", "2")
    stays = made.worker("b", "--until-idle")
    run = made.start("run", "manifest.yaml", "--yes", EARMARK_HOST="desk")
    until(lambda: made.ledger("SELECT 1 FROM attempts a JOIN runs r ON r.id = a.driver WHERE r.host = 'a'"))
    made.interrupt(leaves, signal.SIGTERM)
    assert made.end(leaves).code == 143
    ended = made.end(run)
    assert ended.code == 0, ended.err
    assert "24 of 24 saved" in ended.out
    assert made.end(stays).code == 0
    assert len(made.books.jobs) == 24
    assert len(made.results()) == 2 * 24
    made.check_books()


def test_a_run_whose_files_are_all_elsewhere_waits_for_the_host_that_has_them(fleet):
    made = planned(fleet(), 3)
    (made.folder / "media").rename(made.folder / "archive")
    made.worker("a", "--root", "archive", "--output", "results")
    ended = made.installed("run", "manifest.yaml", "--yes", EARMARK_HOST="desk")
    assert ended.code == 0, ended.err
    assert len(made.results()) == 2 * 3
    made.check_books()
