"""kill -9 for the real `run`, at any instant: the same command goes on, nothing is lost or paid twice."""

import os
import random
import signal
import time
from contextlib import ExitStack

import pytest

import simulator
from simulator import Fault, Scenario
from support.bench import Bench, wav
from support.waiting import until

ITEMS = 6
CAP = "0.20"
RUN = ("run", "manifest.yaml", "--max-spend", CAP)
LONGEST = 2.0
"""Seconds in which such a run has ended even on a slow machine, or nearly so."""

DONE, IN_DOUBT = 0, 7


@pytest.fixture
def planned(tmp_path):
    """Opens a workplace with a plan for a few recordings: `planned(*faults, **switches)`."""
    with ExitStack() as stack:

        def open_one(*faults, **switches):
            scenario = Scenario(
                faults=faults, **{"job_seconds": 0.3, "job_seconds_per_minute": 0.0, **switches}
            )
            made = Bench(tmp_path, stack.enter_context(simulator.serve(scenario, wallet_cents=5000)))
            made.record(ITEMS)
            made.plan("media", "--service", "transcription")
            return made

        yield open_one


def resume(made):
    """The same command again, seen to its end: lost answers are searched for during 40 seconds.

    In the test's own process: what it finds is on the disk and at the service, whoever looks.
    """
    return made.do(*RUN)


def kill(process):
    """SIGKILL: no handler, no `finally`, no goodbye."""
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()


def check_at_any_time(made):
    """What must hold right after a kill, before anything is repaired."""
    books = made.books
    assert books.paid_twice() == ()
    committed = made.ledger("SELECT cap, spent + reserved + in_doubt FROM manifests")
    assert all(amount <= cap for cap, amount in committed)
    assert books.spent_cents + books.holds_cents <= sum(amount for _, amount in committed)


def see_through(made):
    """Resume until it ends; check both accounts, and the folder, against each other."""
    ended = resume(made)
    assert ended.code in (DONE, IN_DOUBT), ended.err + ended.out
    made.check_books()
    check_at_any_time(made)
    states = dict(
        made.ledger("SELECT i.file, t.state FROM items i JOIN parts t ON t.purchase_id = i.purchase_id")
    )
    assert len(states) == ITEMS
    assert set(states.values()) <= {"saved", "in doubt"}
    assert ("in doubt" in states.values()) == (ended.code == IN_DOUBT)
    jobs = {job.order.token for job in made.books.jobs}
    for (token,) in made.ledger("SELECT token FROM attempts WHERE state = 'in doubt'"):
        assert token not in jobs  # what the service has is found
    saved = {os.fsdecode(file) for file, state in states.items() if state == "saved"}
    there = {path.stem for path in (made.folder / "results").glob("*.txt")}
    assert {name.removesuffix(".wav") for name in saved} == there
    assert len(made.books.jobs) == len(there)
    assert resume(made).code == ended.code
    assert len(made.books.jobs) == len(there)


def killed_at_random(made, seed, kills):
    """Start and kill, so many times."""
    rng = random.Random(seed)
    for _ in range(kills):
        process = made.start(*RUN)
        time.sleep(rng.uniform(0.2, LONGEST))
        kill(process)
        check_at_any_time(made)


@pytest.mark.parametrize("state", ["uploading", "sending", "submitted"])
def test_killed_in_any_state(planned, state):
    made = planned(Fault(at="submit:*", do="slow", seconds=0.4, every=2))
    process = made.start(*RUN)
    until(lambda: made.ledger(f"SELECT 1 FROM history WHERE state = '{state}'"))
    kill(process)
    check_at_any_time(made)
    see_through(made)


@pytest.mark.parametrize("seed", range(2))
def test_killed_at_random_instants(planned, seed):
    made = planned(Fault(at="submit:*", do="slow", seconds=0.3, probability=0.5))
    killed_at_random(made, seed, kills=3)
    see_through(made)


def test_another_manifest_takes_over_what_a_killed_run_left(planned):
    made = planned(job_seconds=2.0)
    wav(made.folder / "elsewhere" / "mine.wav", mark="r1.wav")  # sounds like r1.wav
    made.plan("elsewhere", "--service", "transcription", "-o", "second.yaml")
    first = made.start(*RUN)
    until(lambda: len(made.books.jobs) == ITEMS)
    second = made.start("run", "second.yaml", "--max-spend", CAP, "--output", "mine")
    until(lambda: len(made.ledger("SELECT 1 FROM manifests")) == 2)
    kill(first)
    ended = made.end(second)
    assert ended.code == DONE, ended.err
    assert (made.folder / "mine" / "mine.txt").is_file()
    assert resume(made).code == DONE
    assert len(made.books.jobs) == ITEMS
    check_at_any_time(made)
    made.check_books()


@pytest.mark.long
@pytest.mark.parametrize("seed", range(100, 160))
def test_killed_at_random_instants_on_bad_days(planned, seed):
    made = planned(
        Fault(at="submit:*", do="slow", seconds=0.5, probability=0.3),
        Fault(at="submit:*", do="drop", probability=0.15),
        Fault(at="submit:*", do="gateway", probability=0.1),
        Fault(at="submit:*", do="cut_upload", probability=0.1),
        Fault(at="list:*", do="unavailable", probability=0.2),
        Fault(at="result:*", do="unavailable", probability=0.2),
        Fault(at="wallet:usage", do="unavailable", probability=0.2),
        seed=seed,
    )
    killed_at_random(made, seed, kills=6)
    for _ in range(4):  # three lost answers in a row end a run early, as designed
        if resume(made).code in (DONE, IN_DOUBT):
            break
    see_through(made)
