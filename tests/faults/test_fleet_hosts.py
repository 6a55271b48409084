"""Hosts of a fleet that are killed, paused or lost: nothing is paid twice, and others go on."""

import random
import signal
import time

import pytest

from simulator import Fault
from support.waiting import until

COUNT = 20
RESUMED = 60.0
"""Seconds after which what a lost host held is anybody's."""


def slow(seconds=1.5):
    """Submits whose answers take a while, so that there is time to strike."""
    return Fault(at="submit:*", do="slow", seconds=seconds)


def under_way(site, host, state):
    until(lambda: site.held_by(host, state), why=f"{host} has something {state}")


@pytest.mark.long
def test_what_a_killed_worker_had_bought_is_watched_and_fetched_elsewhere(fleet):
    site = fleet(slow(0.3), job_seconds=3.0)
    site.planned(COUNT)
    lost, _ = site.worker("a"), site.worker("b")
    run = site.run()
    under_way(site, "a", "submitted")
    lost.kill()
    site.check_at_any_time()
    site.age("a")
    site.see_through(run, COUNT)
    assert site.ask("SELECT 1 FROM runs WHERE host = 'a' AND fenced IS NOT NULL")


def test_an_answer_that_a_killed_worker_waited_for_is_in_doubt_until_the_service_shows_the_job(fleet):
    site = fleet(slow(2.0))
    site.planned(COUNT)
    lost, _ = site.worker("a"), site.worker("b")
    run = site.run()
    under_way(site, "a", "sending")
    lost.kill()
    site.age("a")
    doubts = site.see_through(run, COUNT)
    doubted = site.ask(
        "SELECT a.token, a.state FROM attempts a JOIN history h ON h.attempt_id = a.id"
        " WHERE h.state = 'in doubt' AND h.reason LIKE '%host a was lost%'"
    )
    assert doubted
    assert doubts == sum(state == "in doubt" for _, state in doubted)
    bought = {job.order.token for job in site.books.jobs}
    for token, state in doubted:  # what arrived is taken over; the rest is never sent again by itself
        assert state == ("saved" if token in bought else "in doubt")


@pytest.mark.long
def test_a_killed_run_leaves_what_it_offered_to_the_others(fleet):
    site = fleet(slow(0.5))
    site.planned(COUNT)
    site.worker("a")
    run = site.run()
    under_way(site, "a", "sending")
    run.kill()
    site.age("desk")
    until(lambda: site.all_saved(COUNT), why="the worker sees it all through")
    again = site.run()
    site.see_through(again, COUNT)


def test_a_paused_worker_that_wakes_late_sends_nothing_more(fleet):
    site = fleet(slow(0.5))
    site.planned(COUNT)
    paused, _ = site.worker("a"), site.worker("b")
    run = site.run()
    under_way(site, "a", "sending")
    paused.signal(signal.SIGSTOP)
    site.age("a")
    until(lambda: site.ask("SELECT 1 FROM runs WHERE host = 'a' AND fenced IS NOT NULL"))
    paused.signal(signal.SIGCONT)
    site.see_through(run, COUNT)
    assert paused.alive, paused.said


def test_all_workers_and_the_run_are_killed_and_the_next_run_finds_everything(fleet):
    site = fleet(slow(0.5))
    site.planned(COUNT)
    all_ = [site.worker("a"), site.worker("b"), site.run()]
    under_way(site, "a", "sending")
    for each in all_:
        each.kill()
    for host in ("a", "b", "desk"):
        site.age(host)
    site.check_at_any_time()
    site.see_through(site.run(), COUNT)


@pytest.mark.long
def test_the_cap_holds_whoever_is_lost(fleet):
    site = fleet(slow(0.5), Fault(at="submit:*", do="drop", every=5))
    site.planned(COUNT)
    lost, _ = site.worker("a"), site.worker("b")
    run = site.run("desk", "--max-spend", "0.10", "--fit")
    under_way(site, "a", "sending")
    lost.kill()
    site.age("a")
    ended = site.watch(run)
    assert ended.code in (3, 7, 8, 9), ended.out
    assert site.books.spent_cents + site.books.holds_cents <= 10
    site.see_through(site.run(), COUNT)


def test_a_killed_and_a_paused_host_are_replaced_within_a_minute(fleet):
    site = fleet(slow(0.3))
    site.planned(COUNT)
    killed, paused = site.worker("a"), site.worker("b")
    run = site.run()
    under_way(site, "a", "sending"), under_way(site, "b", "sending")
    killed.kill(), paused.signal(signal.SIGSTOP)
    held = site.shifts_of("a", "b")
    assert held
    until(lambda: not site.shifts_of("a", "b"), RESUMED, "what they had is taken from them")
    until(lambda: held <= site.shifts_of("desk") | site.shifts_over(), why="others go on with it")
    paused.signal(signal.SIGCONT)
    site.see_through(run, COUNT)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(12))
def test_hosts_are_killed_and_paused_at_random(fleet, seed):
    rng = random.Random(seed)
    site = fleet(
        Fault(at="submit:*", do="slow", seconds=0.6, probability=0.5),
        Fault(at="submit:*", do="drop", probability=0.05),
        Fault(at="list:*", do="unavailable", probability=0.1),
        seed=seed,
    )
    site.planned(60)
    run, workers = site.run(), {name: site.worker(name) for name in "abc"}
    for turn in range(6):
        time.sleep(rng.uniform(0.5, 3.0))
        name = rng.choice("abc")
        if rng.random() < 0.6:
            workers[name].kill()
            workers[name] = site.worker(f"{name}{turn}")
        else:
            workers[name].signal(signal.SIGSTOP)
            site.age(name)
            time.sleep(rng.uniform(0.0, 8.0))
            workers[name].signal(signal.SIGCONT)
    ended = site.watch(run, 240.0)
    for _ in range(3):  # lost answers in a row may end a run early, as designed
        if ended.code == 0:
            break
        ended = site.watch(site.run())
    assert ended.code == 0, ended.out
    site.check_at_the_end(60)
