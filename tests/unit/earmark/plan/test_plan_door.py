"""The one door: each way a command can end has its exit code and one line on stderr."""

import io
import sys

import click
import pytest

from earmark import main
from manifests.errors import MachineError, UsageError
from manifests.exits import Exit


def end(error=None, answer=None, arguments=()):
    """Walk through the door with a command that ends so; the exit code."""

    @click.command()
    @click.argument("extra", required=False)
    @click.pass_context
    def made(context, extra):
        if error is not None:
            raise error
        if answer is not None:
            context.exit(answer)

    return main.through_the_door("plan", lambda: made, list(arguments))


def test_a_command_that_ends_well_is_0_and_its_own_code_goes_through(capsys):
    assert end() == 0
    assert end(answer=3) == 3
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (UsageError("no such path: x"), Exit.USAGE, "plan: no such path: x"),
        (MachineError("the disk is full"), Exit.MACHINE, "plan: the disk is full"),
        (click.UsageError("No such option"), Exit.USAGE, "plan: No such option (see plan --help)"),
        (click.ClickException("no"), Exit.USAGE, "plan: no"),
        (KeyboardInterrupt(), Exit.INTERRUPTED, "plan: interrupted; the same command goes on"),
        (PermissionError(13, "Permission denied", "/x"), Exit.MACHINE, "plan: this machine says: [Errno 13]"),
        (SystemExit(7), 7, ""),
        (SystemExit("odd"), Exit.SOME_FAILED, ""),
    ],
)
def test_every_end_has_its_code_and_its_words(capsys, error, code, words):
    assert end(error) == code
    assert capsys.readouterr().err.strip().startswith(words)


def test_a_full_disk_behind_stderr_changes_no_exit_code(monkeypatch):
    class Full(io.StringIO):
        def flush(self):
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(sys, "stderr", Full())
    monkeypatch.setenv("EARMARK_MAX_SPEN", "5")  # a note, too
    assert end(UsageError("no such path: x")) == Exit.USAGE


def test_ctrl_c_while_a_module_is_imported_is_no_bug(capsys):
    """Python 3.11 gives a class in the making a RuntimeError for whatever ends it."""
    wrapped = RuntimeError("Error calling __set_name__")
    wrapped.__cause__ = KeyboardInterrupt()
    assert end(wrapped) == Exit.INTERRUPTED
    assert capsys.readouterr().err == "plan: interrupted; the same command goes on\n"


def test_an_argument_too_many_points_to_the_help(capsys):
    assert end(arguments=["a", "b"]) == Exit.USAGE
    assert "(see plan --help)" in capsys.readouterr().err


def test_a_bug_is_70_without_a_traceback(capsys):
    assert end(ZeroDivisionError("by zero")) == Exit.BUG
    err = capsys.readouterr().err
    assert err.startswith(
        "plan: a bug in Earmark, please report it: ZeroDivisionError: by zero at test_plan_door.py:"
    )
    assert err.count("\n") == 1


def test_a_bug_shows_its_traceback_on_demand(capsys, monkeypatch):
    monkeypatch.setenv("EARMARK_DEBUG", "1")
    assert end(ZeroDivisionError()) == Exit.BUG
    assert "Traceback (most recent call last)" in capsys.readouterr().err


def test_a_message_keeps_to_its_line_whatever_it_quotes(capsys):
    assert end(UsageError("no such path: a\nplan: all is well\x1b[2J\udcff")) == Exit.USAGE
    assert capsys.readouterr().err == "plan: no such path: a\\nplan: all is well\\x1b[2J\\xff\n"


def test_a_locale_that_cannot_name_a_file_is_the_machines_fault(capsys, monkeypatch):
    error = UnicodeEncodeError("ascii", "ü.mp3", 0, 1, "ordinal not in range(128)")
    assert end(error) == Exit.BUG
    monkeypatch.setattr(sys, "getfilesystemencoding", lambda: "ascii")
    assert end(error) == Exit.MACHINE
    told = capsys.readouterr().err.splitlines()[-1]
    assert told == (
        "plan: no file with ü in its name can be reached where names are ascii;"
        " set PYTHONUTF8=1, or LC_ALL=C.UTF-8, and do it again"
    )


def test_a_terminal_that_knows_ascii_only_gets_escapes(monkeypatch):
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stderr", stream)
    assert end(UsageError("no such path: é")) == Exit.USAGE
    assert stream.buffer.getvalue() == b"plan: no such path: \\xe9\n"


def test_the_group_lists_its_commands_without_importing_any(capsys, monkeypatch):
    monkeypatch.setattr(main, "load", lambda name: pytest.fail(f"imported {name}"))
    assert main.through_the_door("earmark", lambda: main.group, ["--help"]) == 0
    out = capsys.readouterr().out
    assert "plan" in out
    assert "Price the audio under some paths" in out


def test_the_group_runs_the_same_command(capsys):
    assert main.through_the_door("earmark", lambda: main.group, ["plan", "--help"]) == 0
    assert "Usage: earmark plan [OPTIONS] PATH..." in capsys.readouterr().out


@pytest.mark.parametrize("words", [[], ["wallet"]])
def test_a_group_alone_shows_its_help_as_a_page(capsys, words):
    assert main.through_the_door("earmark", lambda: main.group, words) == Exit.USAGE
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"Usage: {' '.join(['earmark', *words])} [OPTIONS] COMMAND")
    assert err.count("\n") > 10
    assert "\\n" not in err


def test_a_sentence_of_clicks_ends_once(capsys):
    assert main.through_the_door("plan", lambda: main.load("plan"), []) == Exit.USAGE
    assert capsys.readouterr().err == "plan: Missing argument 'PATH...' (see plan --help)\n"


def test_the_group_knows_no_other_words(capsys):
    assert main.through_the_door("earmark", lambda: main.group, ["plam"]) == Exit.USAGE
    assert "no such command 'plam'; did you mean 'plan'?" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["plan", "earmark"])
def test_the_console_scripts_end_with_the_commands_code(monkeypatch, capsys, name):
    monkeypatch.setattr(sys, "argv", [name, "--help"])
    with pytest.raises(SystemExit) as caught:
        getattr(main, name)()
    assert caught.value.code == 0
    assert f"Usage: {name}" in capsys.readouterr().out
