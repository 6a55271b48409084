"""Noise reduction against the simulator: paid by credits, opened by a session, in books of their own."""

from contextlib import ExitStack

import pytest

import simulator
from manifests.exits import Exit
from manifests.states import State
from runner.engine.world import Stop
from runner.report import Fate
from simulator import Event, Fault, Scenario
from support.rehearsal import Rehearsal

SUBMIT = "submit:denoise"
BOTH = ("--service", "transcription", "--service", "denoise:studio")
STUDIO = 264  # credits for 12 s, at most 287 by the plan


@pytest.fixture
def stage(tmp_path):
    """Opens a rehearsal with credits: `stage(*faults, events=..., credits=..., **switches)`."""
    with ExitStack() as stack:

        def open_one(*faults, **switches):
            switches = {"job_seconds": 0.0, "job_seconds_per_minute": 0.0, "credits": 9000, **switches}
            scenario = Scenario(faults=faults, **switches)
            return Rehearsal(tmp_path, stack.enter_context(simulator.serve(scenario)))

        yield open_one


def planned(it, *words):
    it.record("a.wav", "b.wav")
    it.plan(*(words or BOTH))
    return it


def test_each_purse_pays_its_own_and_the_books_agree(stage):
    it = planned(stage())
    report = it.run(max_credits=2000)
    books = it.sim.books
    assert (report.exit, report.stops) == (Exit.DONE, ())
    assert report.credits.spent == books.credits_spent == 2 * STUDIO
    assert report.amounts.spent == books.spent_cents == 2
    assert report.credits_left == books.credits == 9000 - 2 * STUDIO
    assert sorted(each.name for each in (it.folder / "results" / "a").iterdir())
    again = it.run()
    assert (again.exit, again.submitted) == (Exit.DONE, 0)
    it.check_books(again)


def test_without_credits_allowed_or_without_a_login_nothing_is_submitted(stage):
    it = planned(stage())
    refused = it.run()
    assert (refused.exit, refused.credits_refused.available) == (Exit.REFUSED, 0)
    strange = it.run(max_credits=2000, logged_in=False)
    assert strange.exit is Exit.KEY
    assert it.sim.books.jobs == ()


def test_what_the_account_lacks_is_found_before_anything_is_sent(stage):
    it = planned(stage(credits=STUDIO))
    report = it.run(max_credits=2000)
    assert report.exit is Exit.REFUSED
    assert it.sim.books.jobs == ()


def test_credits_that_somebody_else_takes_stop_the_run_beside_its_own(stage):
    it = planned(stage(events=(Event(do="credits", after_submits=1, credits=-750),)))
    report = it.run(max_credits=2000)
    assert report.exit is Exit.OUT_OF_MONEY
    assert "more than the jobs of this ledger explain" in dict(report.stops)[Stop.CREDITS]
    assert report.credits.spent == it.sim.books.credits_spent


def test_a_lost_answer_is_found_by_its_token_and_taken_from_the_credits_once(stage):
    it = planned(stage(Fault(at=SUBMIT, do="drop", nth=1)), "--service", "denoise:studio")
    report = it.run(max_credits=2000)
    assert (report.exit, report.stops) == (Exit.DONE, ())
    assert report.credits.spent == it.sim.books.credits_spent == 2 * STUDIO
    it.check_books(report)


def test_a_failed_job_keeps_no_credits_and_is_bought_again_by_the_next_run(stage):
    it = planned(stage(Fault(at=SUBMIT, do="fail", nth=1)), "--service", "denoise:studio")
    first = it.run(max_credits=2000)
    assert first.exit is Exit.SOME_FAILED
    assert first.credits.spent == STUDIO
    assert first.credits.reserved in (287, 0)  # held until its row would have come, by this run or the next
    second = it.run(max_credits=2000)
    assert (second.exit, second.count(Fate.SAVED)) == (Exit.DONE, 2)
    assert (second.credits.spent, second.credits.reserved) == (2 * STUDIO, 0)
    assert it.sim.books.credits_spent == 2 * STUDIO


def test_a_failed_job_that_took_credits_is_not_bought_again_by_itself(stage):
    it = planned(stage(Fault(at=SUBMIT, do="fail_charged", nth=1)), "--service", "denoise:studio")
    it.run(max_credits=2000)
    second = it.run(max_credits=2000)
    assert State.FAILED_CHARGED in [item.state for item in second.items]
    assert second.credits.spent == it.sim.books.credits_spent == 2 * STUDIO
    assert second.submitted == 0
