"""`--json` makes stdout one JSON document, also where a command fails; stderr still tells people."""

import io
import json
import sys

import click
import pytest

from earmark import main
from earmark.terminal import write_out
from manifests.errors import MachineError, UsageError
from manifests.exits import Exit


@pytest.fixture
def door(capsys, monkeypatch, tmp_path):
    """Run `earmark` with these words in an empty folder; exit code, stdout, stderr."""
    monkeypatch.chdir(tmp_path)

    def walk(*words):
        code = main.through_the_door("earmark", lambda: main.group, words)
        out, err = capsys.readouterr()
        return code, out, err

    return walk


def end(error, *arguments, written=""):
    """Walk through the door with a command that writes this and ends so."""

    @click.command()
    @click.option("--json", "as_json", is_flag=True)
    @click.argument("files", nargs=-1)
    def made(as_json, files):
        assert as_json or files
        if written:
            write_out(written)
        raise error

    return main.through_the_door("plan", lambda: made, arguments or ["--json"])


PLAN = ("plan", ".", "--service", "transcription")


@pytest.mark.parametrize(
    "words",
    [
        ("plan", "nope", "--service", "transcription"),
        ("plan", "", "--service", "transcription"),
        ("plan", "."),
        ("plan", ".", "--service", "nope"),
        ("plan", ".", "--service", "transcription:nope"),
        (*PLAN, "--set", "nope=1"),
        (*PLAN, "--set", "formats=nope"),
        (*PLAN, "--max-spend", "20.000"),
        (*PLAN, "--fit"),
        (*PLAN, "-o", ""),
        (*PLAN, "--bogus"),
        ("run", "nope.yaml"),
        ("run", "nope.yaml", "--bogus"),
        ("status", "nope"),
        ("status",),
        ("fetch", "nope"),
        ("reconcile", "nope"),
        ("services", "--bogus"),
        ("wallet", "balance", "--bogus"),
        ("wallet", "usage", "--csv"),
        ("plam",),
    ],
)
def test_wrong_usage_of_any_command_is_a_document_with_the_words_of_stderr(door, words):
    code, out, err = door(*words, "--json")
    document = json.loads(out)
    assert code == document["exit"] == Exit.USAGE
    assert document["outcome"] == "wrong usage"
    assert document["version"] == (2 if words[0] in ("plan", "run") else 1)
    assert err == f"earmark: {document['sentence']}\n"


def test_a_bad_amount_in_the_environment_is_a_document_too(door, monkeypatch):
    monkeypatch.setenv("EARMARK_MAX_SPEND", "1.234")
    code, out, _ = door(*PLAN, "--json")
    assert code == json.loads(out)["exit"] == Exit.USAGE
    assert "EARMARK_MAX_SPEND" in json.loads(out)["sentence"]


def test_a_wallet_without_a_key_is_a_document_too(door):
    code, out, _ = door("wallet", "balance", "--json")
    assert code == json.loads(out)["exit"] == Exit.KEY
    assert json.loads(out)["outcome"] == "key refused"


def test_without_the_option_nothing_is_written_on_stdout(door):
    assert door("status", "nope")[:2] == (Exit.USAGE, "")


@pytest.mark.parametrize(
    ("error", "code", "outcome"),
    [
        (MachineError("the disk is full"), Exit.MACHINE, "this machine"),
        (PermissionError(13, "Permission denied", "/x"), Exit.MACHINE, "this machine"),
        (ZeroDivisionError("by zero"), Exit.BUG, "a bug"),
        (KeyboardInterrupt(), Exit.INTERRUPTED, "interrupted"),
        (SystemExit(143), Exit.TERMINATED, "terminated"),
    ],
)
def test_every_other_end_is_a_document_with_its_word(capsys, error, code, outcome):
    assert end(error) == code
    document = json.loads(capsys.readouterr().out)
    assert (document["exit"], document["outcome"]) == (code, outcome)
    assert document["sentence"]


def test_an_exit_code_that_is_not_ours_has_no_word(capsys):
    assert end(SystemExit(77)) == 77
    assert json.loads(capsys.readouterr().out)["outcome"] == ""


def test_a_command_that_wrote_its_own_document_keeps_it(capsys):
    assert end(UsageError("late"), written='{"mine": 1}\n') == Exit.USAGE
    assert json.loads(capsys.readouterr().out) == {"mine": 1}


def test_a_name_that_is_no_text_is_shown_and_does_not_break_the_document(capsys):
    end(UsageError("no such path: a\n\udcff"))
    assert json.loads(capsys.readouterr().out)["sentence"] == "no such path: a\\n\\xff"


def test_a_file_that_is_called_like_the_option_asks_for_nothing(capsys):
    assert end(UsageError("no"), "--", "--json") == Exit.USAGE
    assert capsys.readouterr().out == ""


class FullDisk(io.StringIO):
    """A stdout that takes nothing."""

    def write(self, _text):
        raise OSError(28, "No space left on device")


@pytest.mark.parametrize("written", ["", "{}\n"])
def test_a_stdout_that_takes_nothing_changes_no_exit_code(capsys, monkeypatch, written):
    monkeypatch.setattr(sys, "stdout", FullDisk())
    code = end(UsageError("no"), written=written)
    assert code == (Exit.MACHINE if written else Exit.USAGE)
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("stdout", [None, io.StringIO("")])
def test_a_stdout_that_is_closed_changes_no_exit_code_either(monkeypatch, stdout):
    if stdout is not None:
        stdout.close()
    monkeypatch.setattr(sys, "stdout", stdout)
    assert main.through_the_door("earmark", lambda: main.group, ["plam", "--json"]) == Exit.USAGE


def test_stdout_is_the_same_stream_afterwards(capsys):
    before = sys.stdout
    end(UsageError("no"))
    assert sys.stdout is before
    assert capsys.readouterr().out
