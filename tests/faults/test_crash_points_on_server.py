"""SIGKILL at the durable steps of a run whose ledger is in a database: the next one makes it whole.

The one that dies works on what it offers, alone. Nobody waits here until its lease is over: the test lets it
be over as soon as the run is dead.
"""

import signal

import psycopg
import pytest

import simulator
from earmark.chaos import commands
from manifests.exits import Exit
from runner.points import Point
from simulator import Fault, Scenario
from support.bench import Bench

NTH = {Point.BEFORE_COMMIT: 8, Point.AFTER_COMMIT: 9, Point.RENAMED: 3}
"""Where the first time tells less: before shifts are offered, or with nothing else saved."""

TOLD_MOST = {Point.BEFORE_COMMIT, Point.ANSWERED}
"""Those that the quick suite has room for."""


@pytest.fixture
def place(tmp_path, migrated_database):
    """Two recordings and a short text, planned; the first answer may be lost."""
    lost = Fault(at="submit:transcription", do="drop", nth=1)
    scenario = Scenario(faults=(lost,), job_seconds=0.0, job_seconds_per_minute=0.0, longest_result_seconds=2)
    with simulator.serve(scenario, wallet_cents=5000) as sim:
        made = Bench(tmp_path, sim)
        made.environ["EARMARK_LEDGER"] = migrated_database
        made.record(2)
        (tmp_path / "media" / "book.txt").write_text("Seven copper lanterns hung over the quiet harbour. ")
        made.plan("media", "--service", "transcription", "--service", "tts", "--set", "tts.voice=aura")
        yield made


@pytest.fixture(scope="module")
def nursery(tmp_path_factory):
    """Forks a process for each command, through the front door of the program."""
    with commands.opened(tmp_path_factory.mktemp("nursery")) as made:
        yield made


def asked(place, statement):
    with psycopg.connect(place.environ["EARMARK_LEDGER"], autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def check_at_any_time(place):
    """What must hold right after the kill."""
    rows = asked(place, "SELECT cap, spent + reserved + in_doubt FROM manifests")
    assert place.books.paid_twice() == ()
    assert place.books.violations == ()
    assert all(committed <= cap for cap, committed in rows)
    assert place.books.spent_cents + place.books.holds_cents <= sum(committed for _, committed in rows)


POINTS = [each for each in Point if each not in (Point.BEFORE_JOIN, Point.AFTER_JOIN)]
"""Parts of a long text are joined on a disk alone, whatever the ledger: test_crash_points.py has these."""


@pytest.mark.parametrize(
    "point", [each if each in TOLD_MOST else pytest.param(each, marks=pytest.mark.long) for each in POINTS]
)
def test_killed_at_a_point_the_next_run_makes_it_whole(place, nursery, point):
    words = ("run", str(place.folder / "manifest.yaml"), "-y")
    crash = {"EARMARK_CRASH_AT": f"{point}:{NTH.get(point, 1)}"}
    assert nursery.start(words, {**place.environ, **crash}).end().code == -signal.SIGKILL
    check_at_any_time(place)
    asked(place, "UPDATE runs SET lease_until = 0 WHERE ended IS NULL")
    again = nursery.start(words, place.environ).end()
    check_at_any_time(place)
    assert again.code in (Exit.DONE, Exit.IN_DOUBT), again.err
    doubts = asked(place, "SELECT token FROM attempts WHERE state = 'in doubt' AND superseded = 0")
    if doubts:
        jobs = {job.order.token: job.id for job in place.books.jobs}
        told = [
            word
            for (token,) in doubts
            for word in (("--adopt", f"{token}={jobs[token]}") if token in jobs else ("--send-again", token))
        ]
        ended = place.do("earmark", "reconcile", "manifest.yaml", "--json", *told)
        assert ended.code == Exit.DONE, ended.err
        again = nursery.start((*words, "--max-spend", "10"), place.environ).end()
    assert again.code == Exit.DONE, again.err
    check_at_any_time(place)
    assert len(place.books.jobs) == 3
    ((spent, held),) = asked(place, "SELECT sum(spent), sum(reserved + in_doubt) FROM manifests")
    assert (spent - place.books.spent_cents) == 0 or held > 0
    there = {path.name for path in (place.folder / "results").iterdir() if not path.name.endswith(".part")}
    assert there == {"r1.json", "r1.txt", "r2.json", "r2.txt", "book.mp3"}
