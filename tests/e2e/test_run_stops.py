"""`run` that stops on the way: nothing is lost, nothing is paid twice, the same command goes on."""

import signal
import time

from simulator import Event, Fault, ManualClock
from support.waiting import until

SLOW = Fault(at="submit:*", do="slow", seconds=1.0)
"""Answers come a second after the jobs are made."""


def planned(made, count, *services, seconds=12):
    """So many recordings, planned."""
    made.record(count, seconds)
    chosen = [word for service in services or ("transcription",) for word in ("--service", service)]
    made.plan("media", *chosen)
    return made


def test_an_empty_wallet_stops_cleanly_and_names_the_top_up(bench):
    made = bench(SLOW, events=(Event(do="drain", cents=100, after_submits=4),), wallet=100)
    planned(made, 6, "stems:two")
    ended = made.run("--max-spend", "1")
    assert ended.code == 4
    assert "exit 4: the wallet ran dry at " in ended.err
    saved = len(made.books.jobs)
    assert 0 < saved < 6
    assert f" {saved} of 6 done, nothing lost, nothing paid twice." in " ".join(ended.out.split())
    assert f"  waiting {6 - saved:>9}" in ended.out
    assert "went to something else than this manifest   earmark wallet usage" in ended.out
    assert "1. earmark wallet topup --amount 1\n" in ended.out
    made.check_books()
    made.sim.top_up(100)
    assert made.do(*ended.go_on.split()).code == 0
    assert len(made.books.jobs) == 6
    made.check_books()


def test_the_second_run_of_a_manifest_is_turned_away_and_the_first_ends_well(bench):
    made = planned(bench(job_seconds=1.0, clock=ManualClock()), 2)
    first = made.start("run", "manifest.yaml", "--max-spend", "1")
    until(lambda: len(made.books.jobs) == 2)
    second = made.run("--max-spend", "1")
    assert second.code == 10
    assert "another run of this manifest is under way (process " in second.err
    made.sim.clock.advance(1.0)
    assert made.end(first).code == 0
    made.check_books()


def test_ctrl_c_during_uploads_leaves_nothing_in_between(bench):
    made = planned(bench(SLOW), 8)
    process = made.start("run", "manifest.yaml", "--max-spend", "1")
    until(lambda: made.books.jobs)
    made.interrupt(process)
    ended = made.end(process)
    assert ended.code == 130
    assert ended.out.startswith("INTERRUPTED, exit 130: a signal came at ")
    assert ended.go_on == "run manifest.yaml --max-spend 1"
    sent = len(made.books.jobs)
    assert 0 < sent < 8
    assert f"; {sent} job" in ended.err
    again = made.run("--max-spend", "1")
    assert again.code == 0
    assert len(made.books.jobs) == 8
    made.check_books()


def test_ctrl_c_is_heard_while_the_service_keeps_silent(bench):
    made = planned(bench(Fault(at="list:*", do="slow", seconds=60.0)), 1)
    process = made.start("run", "manifest.yaml", "--max-spend", "1")
    until(lambda: made.ledger("SELECT count(*) FROM items") == [(1,)])
    made.interrupt(process)
    ended = made.end(process)
    assert ended.code == 130, ended.err
    assert ended.go_on == "run manifest.yaml --max-spend 1"
    assert made.books.submits == ()


def test_a_second_ctrl_c_leaves_at_once_and_lost_answers_are_found_by_their_tokens(bench):
    made = planned(bench(Fault(at="submit:*", do="slow", seconds=60.0, nth=(1, 2, 3, 4))), 6)
    process = made.start("run", "manifest.yaml", "--max-spend", "1", "--json")
    until(lambda: len(made.books.jobs) == 4)
    made.interrupt(process)
    until(lambda: made.ledger("SELECT count(*) FROM attempts WHERE state = 'sending'") == [(4,)])
    time.sleep(0.3)  # signals closer together than 0.2 s are one
    made.interrupt(process)
    ended = made.end(process)
    assert ended.code == 130
    assert ended.json["also"] == [{"exit": 7, "outcome": "in doubt"}]
    assert ended.json["amounts"]["in_doubt"] == 4
    again = made.run("--max-spend", "1")
    assert again.code == 0, again.out
    assert len(made.books.jobs) == 6
    made.check_books()


def test_a_lost_answer_that_nothing_proves_stays_in_doubt_and_is_never_sent_again(bench):
    made = planned(bench(Fault(at="submit:*", do="slow", seconds=60.0, nth=1), names="strip"), 1)
    process = made.start("run", "manifest.yaml", "--max-spend", "1")
    until(lambda: made.books.jobs)
    made.interrupt(process)
    time.sleep(0.3)  # signals closer together than 0.2 s are one
    made.interrupt(process)
    assert made.end(process).code == 130
    ended = made.run("--max-spend", "1")
    assert ended.code == 7
    assert "exit 7: the answer to 1 submit was lost: perhaps paid, $0.01 stays set aside." in ended.err
    assert "$0.01 set aside, perhaps paid; r1.wav: left before the answer came at " in ended.out
    assert "or:  earmark reconcile manifest.yaml" in ended.out
    assert len(made.books.submits) == 1
    assert "in doubt $0.01" in ended.out


def test_a_termination_while_watching_leaves_the_jobs_to_the_next_run(bench):
    made = planned(bench(job_seconds=1.0, clock=ManualClock()), 3)
    process = made.start("run", "manifest.yaml", "--max-spend", "1")
    until(lambda: made.ledger("SELECT count(*) FROM attempts WHERE state = 'submitted'") == [(3,)])
    made.interrupt(process, signal.SIGTERM)
    ended = made.end(process)
    assert ended.code == 143
    assert "3 jobs went on at the service" in ended.err
    assert "$0.03 set aside, the service works on them" in ended.out
    made.sim.clock.advance(1.0)
    assert made.run("--max-spend", "1").code == 0
    assert len(made.books.jobs) == 3
    made.check_books()


SMALL_FILES = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (1_200_000, 1_200_000))"
"""No file of the process may pass 1.2 MB: as a full disk, for root too, and for large results alone."""


def test_a_full_disk_while_fetching_loses_nothing(bench):
    made = planned(bench(), 1, "stems:two", seconds=200)
    ended = made.installed("run", "manifest.yaml", "--max-spend", "1", first=SMALL_FILES)
    assert ended.code == 10
    assert "cannot be written" in ended.err
    assert "not saved       1" in ended.out
    assert "1. make room for results/" in ended.out
    assert not [path for path in (made.folder / "results").rglob("*") if path.is_file()]
    again = made.do(*ended.go_on.split())
    assert again.code == 0
    assert "nothing new was bought" in again.out
    assert (made.folder / "results/r1/vocals.wav").stat().st_size > 1_200_000
    assert len(made.books.jobs) == 1
    made.check_books()


def test_failures_are_told_apart_by_what_they_cost(bench):
    made = bench(
        Fault(at="submit:*", do="fail", nth=1, text="no speech found"),
        Fault(at="submit:*", do="fail_charged", nth=2),
        Fault(at="submit:*", do="bad_request", nth=3),
    )
    planned(made, 4)
    ended = made.run("--max-spend", "1", "--uploads", "1")
    assert ended.code == 1
    assert "ENDED, exit 1: 2 failed, 1 rejected." in ended.err
    assert "1 of 4 done, nothing lost" in ended.out
    assert "r1.wav: no speech found" in ended.out
    assert "not charged; r3.wav: " in ended.out
    assert "   or:  run manifest.yaml --max-spend 1 --uploads 1 --retry-failed" in ended.out
    assert "   or:  run manifest.yaml --max-spend 1 --uploads 1 --retry-charged" in ended.out
    assert made.books.spent_cents == 2
    made.check_books()


def test_what_is_lost_was_paid_and_is_never_bought_again_by_itself(bench):
    made = planned(bench(Fault(at="result:*", do="gone"), Fault(at="status:*", do="gone")), 1)
    ended = made.run("--max-spend", "1")
    assert ended.code == 1
    assert "1 lost" in ended.err
    assert "paid, and the service no longer has the result" in ended.out
    assert "`plan --pay-again` buys lost results again" in ended.out
    assert made.run("--max-spend", "1").code == 1
    assert len(made.books.jobs) == 1
    made.check_books()
