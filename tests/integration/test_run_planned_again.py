"""The same batch planned again under its name: files that changed, options that changed, lines that went."""

import pytest

import simulator
from manifests.exits import Exit
from runner.engine.timing import Patience
from runner.report import Fate
from simulator import Scenario
from support.rehearsal import Rehearsal

HURRIED = Patience(job=0.3, settle=0.1, first_look=0.05, longest_look=0.1)


@pytest.fixture
def stage(tmp_path):
    """Opens a rehearsal whose jobs take so many seconds."""
    opened = []

    def open_one(job_seconds=0.0):
        scenario = Scenario(job_seconds=job_seconds, job_seconds_per_minute=0.0)
        server = simulator.serve(scenario, wallet_cents=5000)
        opened.append(server)
        return Rehearsal(tmp_path, server.__enter__())

    yield open_one
    for server in opened:
        server.__exit__(None, None, None)


def plan(it, *words):
    it.plan("--name", "batch", "--force", *words)


def text(it, name):
    return (it.folder / "results" / name).read_bytes()


def check(it, report, jobs):
    assert len(it.sim.books.jobs) == jobs
    assert report.amounts.reserved == report.amounts.in_doubt == 0
    assert report.amounts.spent == it.sim.books.spent_cents
    assert it.sim.books.paid_twice() == ()


def test_a_file_that_changed_is_bought_and_its_results_take_the_place_of_the_old_ones(stage):
    it = stage()
    it.record("a.wav", "b.wav")
    plan(it)
    it.run()
    before, kept = text(it, "a.json"), text(it, "b.json")
    it.record("a.wav", seconds=100)
    plan(it)
    for _ in range(2):
        report = it.run(spend=50)
        assert report.exit is Exit.DONE
        assert text(it, "a.json") != before
        assert text(it, "b.json") == kept
        check(it, report, jobs=3)


def test_until_it_is_bought_a_changed_file_is_not_called_saved(stage):
    it = stage()
    it.record("a.wav", "b.wav")
    plan(it)
    it.run()
    it.record("a.wav", seconds=100)
    plan(it)
    for report in (it.run(one_look=True), it.run(spend=0)):
        assert (report.count(Fate.SAVED), report.count(Fate.WAITING)) == (1, 1)


def test_a_job_whose_file_changed_while_it_ran_is_seen_to_its_end(stage):
    it = stage(job_seconds=2.0)
    it.record("a.wav", "b.wav")
    plan(it)
    assert it.run(patience=HURRIED).exit is Exit.SERVICE_DOWN
    it.record("b.wav", seconds=13)
    plan(it)
    report = it.run(spend=3)
    assert report.exit is Exit.DONE
    check(it, report, jobs=3)


def test_another_option_is_bought_beside_and_keeps_its_results(stage):
    it = stage()
    it.record("a.wav", seconds=100)
    plan(it, "--set", "language=de")
    it.run()
    german = text(it, "a.json")
    plan(it, "--set", "language=en")
    it.run(spend=50)
    english = text(it, "a.json")
    assert english != german
    report = it.run(spend=50)
    assert text(it, "a.json") == english
    check(it, report, jobs=2)


def test_what_a_line_that_went_had_bought_is_still_brought(stage):
    it = stage(job_seconds=1.0)
    it.record("a.wav", "b.wav")
    plan(it)
    it.run(patience=HURRIED)
    (it.folder / "media" / "a.wav").unlink()
    plan(it)
    report = it.run(spend=50)
    assert report.exit is Exit.DONE
    assert text(it, "a.json")
    check(it, report, jobs=2)
