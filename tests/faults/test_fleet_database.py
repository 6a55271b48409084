"""The database of a fleet is killed, or lost by some: all wait or let go, and nothing is paid twice."""

import time

import pytest

from simulator import Fault
from support import netns
from support.waiting import until

COUNT = 16
SLOW = Fault(at="submit:*", do="slow", seconds=0.5)
NO_NETWORK = netns.missing()

network = pytest.mark.skipif(bool(NO_NETWORK), reason=NO_NETWORK)


def begun(site):
    until(lambda: len(site.books.jobs) >= 3, why="work is under way")


def test_connections_that_are_cut_again_and_again(fleet):
    site = fleet(SLOW)
    site.planned(COUNT)
    worker, run = site.worker("a"), site.run()
    begun(site)
    for _ in range(4):
        site.cut_connections()
        time.sleep(0.5)
    site.see_through(run, COUNT)
    assert worker.alive, worker.said


def test_the_server_is_killed_in_the_middle_and_comes_back(fleet):
    site = fleet(SLOW, own=True)
    site.planned(COUNT)
    worker, run = site.worker("a"), site.run()
    begun(site)
    site.server.kill()
    time.sleep(1.0)
    site.server.start()
    site.see_through(run, COUNT)
    assert worker.alive, worker.said


@network
def test_a_host_that_has_lost_the_ledger_and_not_the_service_buys_nothing_more(fleet, tmp_path):
    with netns.lines(1) as (line,):
        site = fleet(SLOW, own=True)
        site.server.reach(line.here)
        site.server.stop()
        site.server.start()
        site.lines["a"] = line
        site.planned(COUNT)
        with netns.relayed(line, site.port, tmp_path):
            cut, _ = site.worker("a"), site.worker("b")
            run = site.run()
            until(lambda: site.held_by("a", "sending"), why="a is at work")
            line.cut()
            site.age("a")
            site.see_through(run, COUNT)
            line.mend()
            assert cut.alive, cut.said
