"""A command at the end: however it ended, without the key, and without a say in how it ended."""

import json
import os
import signal
import tempfile
import threading
import time
from pathlib import Path

import pytest

from earmark.main import load, through_the_door
from earmark.on_end import Over, at_the_end, perform
from manifests.errors import MachineError, UsageError


@pytest.fixture
def over():
    with tempfile.TemporaryFile() as document:
        made = Over("m.yaml", document)
        made.tell(4, "out of money", 'it "ended"; $(touch evil)\n', ["the ", "report"])
        yield made


def test_it_learns_how_it_ended_and_never_the_key(over, tmp_path, monkeypatch):
    monkeypatch.setenv("AUDIOPOD_API_KEY", "secret")
    monkeypatch.setenv("AUDIOPOD_API_KEY_FILE", "secret")
    monkeypatch.setenv("AUDIOPOD_SESSION_TOKEN", "secret")
    monkeypatch.chdir(tmp_path)
    perform('env > env.txt; printf %s "$EARMARK_SENTENCE" > sentence.txt', over)
    told = (tmp_path / "env.txt").read_text()
    assert "EARMARK_EXIT=4\n" in told
    assert "EARMARK_OUTCOME=out of money\n" in told
    assert "EARMARK_MANIFEST=m.yaml\n" in told
    assert "secret" not in told
    assert (tmp_path / "sentence.txt").read_text() == 'it "ended"; $(touch evil)\n'  # no shell read it
    assert not (tmp_path / "evil").exists()


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("true", ""),
        ("exit 3", "ended with 3;"),
        ("kill -9 $$", "was ended by signal 9;"),
        ("no-such-command-here 2> /dev/null", "ended with 127;"),
        ("echo \0", "could not be started: embedded null byte;"),
    ],
)
def test_what_goes_wrong_is_a_note(over, capsys, command, told):
    perform(command, over)
    err = capsys.readouterr().err
    assert told in err
    assert bool(err) is bool(told)


def test_the_report_is_on_its_stdin(over, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    perform("cat > stdin.txt", over)
    assert (tmp_path / "stdin.txt").read_text() == "the report"


def test_a_disk_that_takes_no_report_does_not_change_the_end_either(capsys):
    with open("/dev/full", "r+b", buffering=0) as document:  # noqa: PTH123
        over = Over("m.yaml", document)
        over.tell(0, "done", "DONE", ["x"])
        assert over.exit == 0
    assert "cannot get the report" in capsys.readouterr().err


def test_its_output_does_not_mix_with_the_documents_of_the_run(over, capfd):
    perform("echo hello", over)
    told = capfd.readouterr()
    assert (told.out, told.err) == ("", "hello\n")


def test_it_is_ended_with_all_that_it_started_once_its_time_is_over(over, capsys, tmp_path):
    began = time.monotonic()
    perform(f"sleep 30 & echo $! > {tmp_path}/pid; sleep 30", over, deadline=0.2, grace=1.0)
    assert time.monotonic() - began < 10
    assert "did not end within 0 s, and was ended" in capsys.readouterr().err
    pid = int((tmp_path / "pid").read_text())
    for _ in range(200):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().split()[2]
        except FileNotFoundError:
            return
        if state == "Z":
            return
        time.sleep(0.01)
    pytest.fail("it goes on")


def test_a_command_that_hears_no_signal_is_ended_all_the_same(over, capsys):
    perform("trap '' TERM; while :; do sleep 0.05; done", over, deadline=0.2, grace=0.2)
    assert "was ended" in capsys.readouterr().err


def test_a_signal_ends_the_command_and_not_the_exit_code(over, capsys):
    timer = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    perform("sleep 30", over, grace=0.5)
    timer.join()
    assert "was ended by a signal" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "code", "sentence"),
    [
        (UsageError("no such manifest"), "2", "no such manifest"),
        (MachineError("the disk is full"), "10", "the disk is full"),
        (KeyboardInterrupt(), "130", "interrupted; the same command goes on"),
        (SystemExit(143), "143", "terminated"),
        (ZeroDivisionError("x"), "70", "a bug in Earmark, please report it: ZeroDivisionError: x"),
    ],
)
def test_an_error_is_an_end_too(tmp_path, monkeypatch, error, code, sentence):
    monkeypatch.chdir(tmp_path)
    command = 'cat > stdin.json; echo "$EARMARK_EXIT $EARMARK_SENTENCE" > told.txt'
    with pytest.raises(type(error)), at_the_end(command, "m.yaml"):
        raise error
    assert (tmp_path / "told.txt").read_text().startswith(f"{code} {sentence}")
    document = json.loads((tmp_path / "stdin.json").read_text())
    assert (document["exit"], document["manifest"]) == (int(code), "m.yaml")


def test_nothing_is_done_where_nobody_asked():
    with at_the_end(None, "m.yaml") as over:
        assert over is None


def test_an_empty_command_is_refused_before_anything_is_done(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert through_the_door("run", lambda: load("run"), ["m.yaml", "--on-end", " "]) == 2
    assert "--on-end is empty" in capsys.readouterr().err


def test_no_file_and_no_variable_can_set_it():
    command = load("run")
    (option,) = [each for each in command.params if each.name == "on_end"]
    assert option.envvar is None
    assert command.context_settings.get("auto_envvar_prefix") is None
