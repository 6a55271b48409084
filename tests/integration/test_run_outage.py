"""A service that goes down in the middle of a run: stopped early, and nothing in doubt but what was out."""

from collections import Counter

import pytest

import simulator
from manifests.exits import Exit
from runner.engine import timing
from runner.engine.world import Stop
from runner.report import Fate
from simulator import Fault, Scenario
from support.hurry import HURRIED, hurry
from support.rehearsal import Rehearsal

SUBMIT = "submit:transcription"
UPLOADS = 4
ITEMS = 16
DOWN_AFTER = 5


@pytest.fixture
def stage(tmp_path, monkeypatch):
    """Opens a rehearsal of some recordings: `stage(*faults)`."""
    hurry(monkeypatch)
    opened = []

    def open_one(*faults):
        scenario = Scenario(faults=faults, job_seconds=0.0, job_seconds_per_minute=0.0)
        opened.append(simulator.serve(scenario, wallet_cents=5000))
        it = Rehearsal(tmp_path, opened[-1].__enter__(), patience=HURRIED)
        it.record(*(f"{number:02}.wav" for number in range(ITEMS)))
        it.plan()
        return it

    yield open_one
    for server in opened:
        server.__exit__(None, None, None)


def from_then_on(do, **fields):
    """A fault of every submit after the first ones."""
    return Fault(at=SUBMIT, do=do, nth=tuple(range(DOWN_AFTER + 1, 500)), **fields)


def check_whole_later(it):
    """The same command, once the service is back."""
    it.sim.clear_faults()
    report = it.run()
    assert report.exit is Exit.DONE
    assert report.count(Fate.SAVED) == len(it.sim.books.jobs) == ITEMS
    assert report.amounts.spent == it.sim.books.spent_cents == ITEMS
    it.check_books(report)


def test_submits_that_are_answered_5xx_before_their_end_stop_the_run_early(stage):
    it = stage(from_then_on("unavailable", early=True))
    report = it.run(uploads=UPLOADS)
    assert report.exit is Exit.SERVICE_DOWN
    assert Stop.DOWN in dict(report.stops)
    assert report.amounts.in_doubt <= UPLOADS  # whose last chunk went out as the answer came
    assert len(it.sim.books.submits) <= DOWN_AFTER + timing.FAILURES_TO_STOP + timing.DOUBTS_TO_STOP + UPLOADS
    assert len(it.sim.books.jobs) == DOWN_AFTER
    it.check_books(report)


@pytest.mark.parametrize("how", ["gateway", "unavailable", "reset"])
def test_lost_answers_stop_it_after_what_was_in_flight(stage, how):
    """Each of them may have cost money: no more than those that were out are risked."""
    it = stage(from_then_on(how))
    report = it.run(uploads=UPLOADS)
    assert report.exit is Exit.SERVICE_DOWN
    doubts = report.count(Fate.IN_DOUBT) + max(0, len(it.sim.books.jobs) - DOWN_AFTER)
    assert doubts <= timing.DOUBTS_TO_STOP + UPLOADS
    assert len(it.sim.books.submits) <= DOWN_AFTER + timing.DOUBTS_TO_STOP + UPLOADS
    assert report.amounts.in_doubt == report.count(Fate.IN_DOUBT)
    assert it.sim.books.paid_twice() == ()


def test_a_server_that_refuses_connections_stops_the_run_early(stage):
    it = stage()
    client_of = it.ends

    class Down:
        """The same service; after some submits nothing listens where the others go."""

        def __init__(self, api, dead):
            self._api, self._dead, self._sent = api, dead, Counter()

        def __getattr__(self, name):
            return getattr(self._api, name)

        def submit(self, order, last_chunk):
            self._sent["submit"] += 1
            return (self._api if self._sent["submit"] <= DOWN_AFTER else self._dead).submit(order, last_chunk)

    ledger, locks = it.open()
    api = client_of(ledger, locks).api()
    ledger.close()
    down = Down(api, type(api)("http://127.0.0.1:9", it.sim.key))
    report = it.run(api=lambda: down, uploads=UPLOADS)
    assert report.exit is Exit.SERVICE_DOWN
    assert "did not get through" in dict(report.stops)[Stop.DOWN]
    assert report.count(Fate.SAVED) == len(it.sim.books.jobs) == DOWN_AFTER
    assert (report.amounts.reserved, report.amounts.in_doubt) == (0, 0)
    check_whole_later(it)


def test_a_service_that_no_longer_answers_reads_ends_the_run_with_its_holds(stage):
    it = stage(Fault(at="list:*", do="unavailable"), Fault(at="status:*", do="unavailable"))
    report = it.run(uploads=UPLOADS)
    assert report.exit is Exit.SERVICE_DOWN
    assert Stop.UNREACHABLE in dict(report.stops)
    assert report.amounts.committed >= it.sim.books.spent_cents
    check_whole_later(it)
