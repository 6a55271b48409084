"""A run alone on a shared ledger: it goes on over every loss, or the next one does."""

import signal
import time

import pytest

from simulator import Fault
from support.waiting import until

COUNT = 16
SLOW = Fault(at="submit:*", do="slow", seconds=0.4)


@pytest.fixture
def site(fleet, request):
    """Opens a site whose run is under way: `site(own=False)` gives site and run."""

    def open_one(*, own=False):
        made = fleet(SLOW, own=own)
        made.planned(COUNT)
        run = made.run()
        until(lambda: len(made.books.jobs) >= 3, why="work is under way")
        return made, run

    return open_one


@pytest.mark.long
def test_connections_are_cut_again_and_again(site):
    made, run = site()
    for _ in range(4):
        made.cut_connections()
        time.sleep(0.5)
    made.see_through(run, COUNT)


@pytest.mark.parametrize("how", [pytest.param("killed", marks=pytest.mark.long), "restarted"])
def test_the_server_goes_in_the_middle_and_comes_back(site, how):
    made, run = site(own=True)
    made.server.kill() if how == "killed" else made.server.stop(signal.SIGINT)
    time.sleep(1.0)
    made.server.start()
    made.see_through(run, COUNT)


def test_it_is_killed_and_the_next_works_off_what_it_had_offered(site):
    made, run = site()
    run.kill()
    made.check_at_any_time()
    made.age("desk")
    made.see_through(made.run(), COUNT)
