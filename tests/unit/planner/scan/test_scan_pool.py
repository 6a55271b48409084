import os
import signal

import pytest

from planner import pool, reader
from planner.leftout import Reason
from planner.pooled import Task, Whole, done
from planner.seen import Fault


@pytest.fixture
def at_once(monkeypatch):
    """Processes from the first job on."""
    monkeypatch.setattr(pool, "FEW", 1)
    monkeypatch.setattr(pool, "CHUNK", 2)


def steps(media, count=9):
    """Jobs with something else among them, each with its number."""
    paths = [os.fsencode(media / name) for name in ("a.opus", "notes.txt", "gone.mp3")]
    tasks = [Task(paths[number % 3]) if number % 4 else None for number in range(count)]
    return [(task, number) for number, task in enumerate(tasks)]


def expected(asked):
    return [(done(job) if job else None, about) for job, about in asked]


def test_several_processes_answer_in_the_order_of_the_files(media, at_once, jobs):
    asked = [*steps(media), (Whole(os.fsencode(media / "a.opus"), (media / "a.opus").stat().st_size), 9)]
    wanted = expected(asked)
    jobs.clear()
    assert list(pool.answers(asked, 2)) == wanted
    assert len(jobs) == 1, "the first is read while no process has started"


def test_a_few_files_are_read_without_any_process(media, monkeypatch):
    monkeypatch.setattr(pool, "_Busy", None)
    asked = steps(media)
    assert list(pool.answers(asked, 8)) == expected(asked)


def test_where_no_process_can_be_started_this_one_reads(media, at_once, monkeypatch):
    def refuse(*_args, **_options):
        raise BlockingIOError

    monkeypatch.setattr(reader.subprocess, "Popen", refuse)
    asked = steps(media)
    assert list(pool.answers(asked, 2)) == expected(asked)


def test_processes_that_end_as_they_start_cost_no_file(media, at_once, monkeypatch):
    monkeypatch.setattr(reader, "BOOT", "raise SystemExit(1)")
    asked = steps(media, 4)
    assert list(pool.answers(asked, 2)) == expected(asked)


CRASHING = """
import os, sys; sys.path[:] = sys.argv[1:]
from planner import pooled, survey
look = survey.verdict
def verdict(path):
    print("what a library prints", flush=True)
    return os.abort() if path.endswith("notes.txt") else look(path)
survey.verdict = verdict
pooled.main()
"""


def test_a_file_that_kills_its_reader_is_left_out_and_no_other(media, at_once, monkeypatch):
    monkeypatch.setattr(reader, "BOOT", CRASHING)
    asked = [(Task(os.fsencode(media / "a.opus")), -1), *steps(media, 6)]
    crashed = Fault(Reason.DAMAGED, "damaged: what reads it crashed; ffmpeg -i IN -vn OUT.wav may mend it")
    wanted = [
        (crashed if job and job.path.endswith(b"txt") else answer, about)
        for (answer, about), (job, _) in zip(expected(asked), asked, strict=True)
    ]
    assert list(pool.answers(asked, 2)) == wanted


def test_who_stops_asking_leaves_no_process_behind(media, at_once, monkeypatch):
    started = []
    popen = reader.subprocess.Popen
    monkeypatch.setattr(
        reader.subprocess, "Popen", lambda *a, **k: started.append(popen(*a, **k)) or started[-1]
    )
    answers = pool.answers(steps(media, 30), 2)
    for _ in range(3):
        next(answers)
    answers.close()
    assert [each.returncode for each in started] == [-signal.SIGKILL] * len(started)
    assert started


def test_readers_do_not_see_the_key(media, at_once, monkeypatch):
    monkeypatch.setenv("AUDIOPOD_API_KEY", "ap_secret")
    monkeypatch.setattr(
        reader,
        "BOOT",
        "import os, sys; sys.path[:] = sys.argv[1:]; from planner import pooled, survey\n"
        "survey.verdict = lambda path: sys.exit('AUDIOPOD_API_KEY' in os.environ)\npooled.main()",
    )
    environments = []
    popen = reader.subprocess.Popen
    monkeypatch.setattr(
        reader.subprocess, "Popen", lambda *a, **k: environments.append(k["env"]) or popen(*a, **k)
    )
    list(pool.answers(steps(media, 3), 2))
    assert environments
    assert not any("AUDIOPOD_API_KEY" in each for each in environments)


def test_there_is_at_least_one_core(monkeypatch):
    assert pool.cores() >= 1
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    assert pool.cores() >= 1
