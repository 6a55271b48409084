"""SIGKILL at every durable step of `run`: the next one makes it whole, nothing is paid twice.

The run that dies is a process of its own, forked (`earmark.chaos.nursery`), which waits less than in
earnest; the next one happens in the test's process. One is the installed command, as it is typed.
"""

import signal
import sqlite3
from contextlib import closing

import pytest

import simulator
from earmark.chaos import commands
from manifests.exits import Exit
from runner.engine import timing
from runner.points import Point
from runner.report import Fate
from simulator import Fault, Scenario
from support.bench import Bench
from support.rehearsal import Rehearsal

SENTENCE = "Seven copper lanterns hung over the quiet harbour. "
LONG = SENTENCE * 420
"""A text of two parts."""

NTH = {Point.BEFORE_COMMIT: 3, Point.AFTER_COMMIT: 4, Point.RENAMED: 3}
"""Where the first time tells less: before the lines are known, or with nothing else saved."""


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch):
    """The waits of the next run that no option shortens."""
    monkeypatch.setattr(timing, "USAGE_GAPS", (0.02, 0.05, 0.1))
    monkeypatch.setattr(timing, "USAGE_WHILE_BUSY", 0.1)
    monkeypatch.setattr(timing, "OLD_DOUBT_LOOKS", (0.0, 0.1))


@pytest.fixture
def place(tmp_path):
    """A workplace with two recordings and a text of two parts, planned; the first answer may be lost."""
    lost = Fault(at="submit:transcription", do="drop", nth=1)
    scenario = Scenario(faults=(lost,), job_seconds=0.0, job_seconds_per_minute=0.0, longest_result_seconds=2)
    with simulator.serve(scenario, wallet_cents=5000) as sim:
        made = Bench(tmp_path, sim)
        made.environ["EARMARK_LEDGER"] = str(tmp_path / "ledger.db")
        made.record(2)
        (tmp_path / "media" / "book.txt").write_text(LONG)
        made.plan("media", "--service", "transcription", "--service", "tts", "--set", "tts.voice=aura")
        yield made


@pytest.fixture(scope="module")
def nursery(tmp_path_factory):
    """Forks a process for each command, through the front door of the program."""
    with commands.opened(tmp_path_factory.mktemp("nursery")) as made:
        yield made


def killed(made, nursery, point):
    """A run that kills itself at a point: its exit code, and what it said."""
    crash = {"EARMARK_CRASH_AT": f"{point}:{NTH.get(point, 1)}"}
    words = ("run", str(made.folder / "manifest.yaml"), "-y")
    return nursery.start(words, {**made.environ, **crash}).end()


def ledger(made):
    """The amounts of the manifest: cap, and all that counts against it."""
    with closing(sqlite3.connect(made.folder / "ledger.db")) as db:
        rows = db.execute("SELECT cap, spent + reserved + in_doubt, spent FROM manifests").fetchall()
        doubts = db.execute(
            "SELECT token FROM attempts WHERE state = 'in doubt' AND superseded = 0"
        ).fetchall()
    return rows, [token for (token,) in doubts]


def check_at_any_time(made):
    """What must hold right after the kill."""
    books, (rows, _) = made.books, ledger(made)
    assert books.paid_twice() == ()
    assert books.violations == ()
    assert all(committed <= cap for cap, committed, _ in rows)
    assert books.spent_cents + books.holds_cents <= sum(committed for _, committed, _ in rows)


def decided(made, tokens):
    """What a person types who looks into the account: the job that was made, or that there is none."""
    jobs = {job.order.token: job.id for job in made.books.jobs}
    for token in tokens:
        yield from ("--adopt", f"{token}={jobs[token]}") if token in jobs else ("--send-again", token)


@pytest.mark.parametrize("point", Point)
def test_killed_at_a_point_the_next_run_makes_it_whole(place, nursery, point):
    assert killed(place, nursery, point).code == -signal.SIGKILL
    see_it_through(place)


def test_the_installed_command_kills_itself_as_well(place):
    ended = place.installed("run", "manifest.yaml", "-y", EARMARK_CRASH_AT="answered:2")
    assert ended.code == -signal.SIGKILL
    see_it_through(place)


def see_it_through(place):
    """The next run, and what a person decides where nothing can prove it."""
    check_at_any_time(place)
    again = Rehearsal(place.folder, place.sim, ledger_path=place.folder / "ledger.db")
    report = again.run()
    check_at_any_time(place)
    assert report.exit in (Exit.DONE, Exit.IN_DOUBT)
    assert {item.fate for item in report.items} <= {Fate.SAVED, Fate.IN_DOUBT}
    _, doubts = ledger(place)
    assert bool(doubts) is (report.exit is Exit.IN_DOUBT)
    if doubts:
        ended = place.do("earmark", "reconcile", "manifest.yaml", "--json", *decided(place, doubts))
        assert ended.code == Exit.DONE, ended.err
        report = again.run(spend=1000)  # what was sent again keeps its money, which the cap had no room for
    check_whole(place, report)


def check_whole(made, report):
    """Everything is bought once, saved, and paid for as the ledger says."""
    books = made.books
    assert report.exit is Exit.DONE
    assert {item.fate for item in report.items} == {Fate.SAVED}
    assert len(books.jobs) == 4
    assert report.amounts.spent == books.spent_cents
    there = {path.name for path in (made.folder / "results").iterdir() if not path.name.endswith(".part")}
    parts = {"book.mp3", "book.part-1-of-2.mp3", "book.part-2-of-2.mp3"}
    assert there == {f"r{n}.{kind}" for n in (1, 2) for kind in ("json", "txt")} | parts
    whole = sum((made.folder / "results" / name).stat().st_size for name in parts - {"book.mp3"})
    assert 0 < (made.folder / "results" / "book.mp3").stat().st_size <= whole
