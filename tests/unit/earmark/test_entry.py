"""Going through the door while a signal comes."""

import sys

import pytest

from earmark import main
from earmark.entry import enter


@pytest.fixture
def importing(monkeypatch):
    """Has the import of the front door end with an error."""

    class Finder:
        error: BaseException

        def find_spec(self, name, *_rest):
            if name == "earmark.main":
                raise self.error

    finder = Finder()
    monkeypatch.delitem(sys.modules, "earmark.main", raising=False)
    monkeypatch.setattr(sys, "meta_path", [finder, *sys.meta_path])

    def ends_with(error):
        finder.error = error

    return ends_with


def wrapped(cause):
    error = RuntimeError("while a class was made")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize("error", [KeyboardInterrupt(), wrapped(KeyboardInterrupt())])
def test_ctrl_c_while_the_program_is_imported_is_no_traceback(importing, capsys, error):
    importing(error)
    with pytest.raises(SystemExit) as ended:
        enter("run")
    assert ended.value.code == 130
    assert capsys.readouterr().err == "run: interrupted; the same command goes on\n"


def test_another_error_is_not_hidden(importing):
    importing(wrapped(ValueError("a bug")))
    with pytest.raises(RuntimeError, match="while a class"):
        enter("run")


def test_ctrl_c_before_a_command_has_begun_is_no_traceback(monkeypatch, capsys):
    def interrupted(_name, _typed):
        raise KeyboardInterrupt

    monkeypatch.setattr(main, "promised", interrupted)
    assert main.through_the_door("run", lambda: main.load("run"), ["m.yaml"]) == 130
    assert capsys.readouterr().err == "run: interrupted; the same command goes on\n"
