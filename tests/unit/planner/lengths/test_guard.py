"""A library that hangs or crashes on a file takes nothing down, and nothing that it prints is seen."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from planner.containers.opening import opened
from planner.containers.source import Source
from planner.leftout import Reason, Unreadable
from planner.lengths import guard
from planner.lengths.guard import BOOT, Guard
from planner.lengths.registry import read_length

ECHO = """
import json, os, sys
for line in sys.stdin:
    path = json.loads(line)["with"][0]
    os.write(2, b"a library speaks")
    if path.endswith("crash"):
        os.kill(os.getpid(), 9)
    if path.endswith("hang"):
        sys.stdin.read()
    print(json.dumps({"found": {"path": path, "pid": os.getpid(), "names": sorted(os.environ)}}), flush=True)
"""


@pytest.fixture
def guards():
    """Make guards, and end what they started."""
    made = []

    def make(boot: str = ECHO, **how) -> Guard:
        made.append(Guard(boot=boot, **how))
        return made[-1]

    yield make
    for each in made:
        each.close()


def ask(one: Guard, path: str, **how) -> dict:
    return one.ask(Source(path, None, 100, **how), "media", "av")


def test_one_process_answers_for_all_files(guards, capfd):
    one = guards()
    first, second = ask(one, "/a"), ask(one, "/b\udcff")
    assert (first["path"], second["path"]) == ("/a", "/b\udcff")
    assert first["pid"] == second["pid"] != os.getpid()
    assert capfd.readouterr() == ("", "")


def test_a_crash_costs_one_file(guards):
    one = guards()
    before = ask(one, "/a")
    with pytest.raises(Unreadable, match="av, which reads this kind, crashed on it; ffmpeg") as caught:
        ask(one, "/crash")
    assert caught.value.reason is Reason.DAMAGED
    assert ask(one, "/b")["pid"] != before["pid"]


def test_a_file_that_hangs_costs_its_time_and_no_more(guards):
    with pytest.raises(Unreadable, match="took longer than 0 s to read") as caught:
        ask(guards(seconds=0.05), "/hang")
    assert caught.value.reason is Reason.DAMAGED


def test_an_interrupted_question_is_not_answered_to_the_next(guards, monkeypatch):
    one = guards()
    ask(one, "/a")
    with monkeypatch.context() as patch:
        patch.setattr(guard.os, "read", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            ask(one, "/b")
    assert ask(one, "/c")["path"] == "/c"


def test_the_key_is_not_for_those_who_read_foreign_bytes(guards, monkeypatch):
    monkeypatch.setenv("AUDIOPOD_API_KEY", "ap_made_up")
    assert not [name for name in ask(guards(), "/a")["names"] if name.startswith("AUDIOPOD")]


def test_it_ends_with_whoever_started_it(guards):
    one = guards(BOOT)
    process = one._start()
    process.stdin.close()
    assert process.wait(20) == 0


def test_a_missing_library_is_named_with_the_way_out(guards):
    boot = BOOT.replace("from planner", "sys.modules['av'] = None; from planner")
    with pytest.raises(Unreadable, match="pip install av") as caught:
        ask(guards(boot), "/a")
    assert caught.value.reason is Reason.NO_LENGTH


def test_distant_files_are_not_asked_about(guards):
    with pytest.raises(Unreadable, match="from files only"):
        ask(guards(), "a.mkv", local=False)


def test_modules_in_the_folder_at_hand_are_never_loaded(guards, monkeypatch, tmp_path, recording):
    path = recording("a.mkv", "flac")
    for name in ("av", "json", "planner", "selectors"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('taken in')")
    monkeypatch.chdir(tmp_path)
    with opened(path.name) as source:
        assert guards(BOOT).ask(source, "media", "av", "matroska", 0)["tracks"]


def test_a_forked_process_has_its_own(guards, recording):
    """In a process of its own, for forks are no friends of threads."""
    program = (
        "import os, sys; from planner.lengths.registry import read_length\n"
        "from planner.lengths.guard import GUARD\n"
        "read_length(sys.argv[1]); first = GUARD._process.pid; pid = os.fork()\n"
        "if not pid: read_length(sys.argv[1]); os._exit(GUARD._process.pid == first)\n"
        "assert os.waitpid(pid, 0)[1] == 0; read_length(sys.argv[1]); assert GUARD._process.pid == first\n"
    )
    path = str(recording("a.mkv", "flac"))
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program, path], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_made_up_file_that_crashes_nothing_is_read_through_the_real_one(recording):
    assert abs(read_length(str(recording("a.mkv", "flac"))).ms - 3000) < 50


def test_it_is_started_from_where_the_program_is():
    assert (Path(guard.__file__).parents[2] / "planner").is_dir()
