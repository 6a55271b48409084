"""Typing errors: each is told with what was probably meant; nothing far-fetched is suggested."""

import os
import re

import pytest

from earmark import main, variables
from earmark.variables import misspelled
from manifests import errors
from manifests.errors import nearest_path
from support import pages


@pytest.fixture
def typed(capsys, tmp_path, monkeypatch):
    """What stderr says of a command line in a folder with some files."""
    for name in ("manifest.yaml", "rules.yaml", "podcasts/ep02.mp3", "urls.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))

    def typed(line):
        name, *words = line.split()
        command = main.group if name == "earmark" else main.load(name)
        assert main.through_the_door(name, lambda: command, words) == 2
        return capsys.readouterr().err

    return typed


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("earmark pln", "no such command 'pln'; did you mean 'plan'? (see earmark --help)"),
        ("earmark ledgr check", "no such command 'ledgr'; did you mean 'ledger'?"),
        ("earmark ledger chek", "no such command 'chek'; did you mean 'check'? (see earmark ledger --help)"),
        ("plan podcasts --servce x", "no such option --servce; did you mean '--service'? (see plan --help)"),
        ("run manifest.yaml --max-spent 3", "no such option --max-spent; did you mean '--max-spend'?"),
        ("plan podcasts --prefer newst --service stems", "; did you mean 'newest'?"),
        ("earmark report manifest.yaml --format htm", "; did you mean 'html'?"),
        ("earmark completion bsh", "; did you mean 'bash'?"),
        ("plan podcats --service stems", "no such path: podcats; did you mean 'podcasts'?"),
        (
            "plan podcasts/ep2.mp3 --service stems",
            "no such path: podcasts/ep2.mp3; did you mean 'podcasts/ep02.mp3'?",
        ),
        ("plan podcast/x/y --service stems", "no such path: podcast/x/y; did you mean 'podcasts'?"),
        (
            "plan podcasts --rules rules.yml",
            "No such file or directory; did you mean 'rules.yaml'?",
        ),
        ("plan --urls url.txt --service stems", "; did you mean 'urls.txt'?"),
        (
            "run manifst.yaml",
            "no such manifest; did you mean 'manifest.yaml'? Or write one with `plan",
        ),
        ("earmark status manifst.yaml", "did you mean 'manifest.yaml'?"),
        ("plan podcasts --service transcripton", "no service 'transcripton'; did you mean 'transcription'?"),
        ("plan podcasts --service stems:sx", "stems has no variant 'sx'; did you mean 'six'?"),
        ("plan podcasts --service transcription --set langage=en", "did you mean 'language'?"),
        ("plan podcasts --service transcription --set language=englis", "did you mean 'en' (English)?"),
    ],
)
def test_a_typing_error_is_told_with_what_was_probably_meant(typed, line, hint):
    assert hint in typed(line)


@pytest.mark.parametrize(
    "line",
    [
        "earmark xyzzy",
        "plan podcasts --xyzzy",
        "plan podcasts -x",
        "run elsewhere/xyzzy",
        "plan podcasts --prefer xyzzy",
        "run nothing.yaml",
    ],
)
def test_nothing_far_fetched_is_suggested(typed, line):
    assert "did you mean" not in typed(line)


def test_a_folder_full_of_files_is_not_searched(tmp_path, monkeypatch):
    (tmp_path / "podcasts").mkdir()
    assert nearest_path(f"{tmp_path}/podcats") == f"; did you mean '{tmp_path}/podcasts'?"
    monkeypatch.setattr(errors, "MANY", 1)
    assert nearest_path(f"{tmp_path}/podcats") == ""


@pytest.mark.parametrize("path", ["", "/", "no\0name", "/nowhere-at-all/x", "a" * 5000])
def test_an_odd_path_has_no_hint_and_no_fault(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert nearest_path(path) == ""


# -- variables


def test_a_variable_that_is_spelled_wrong_is_a_note(capsys, monkeypatch):
    monkeypatch.setenv("EARMARK_MAX_SPED", "3")
    assert main.through_the_door("earmark", lambda: main.group, ["--version"]) == 0
    told = capsys.readouterr()
    assert told.err == "earmark: note: nothing reads EARMARK_MAX_SPED; did you mean EARMARK_MAX_SPEND?\n"


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("AUDIOPOD_APIKEY", "AUDIOPOD_API_KEY"),
        ("AUDIOPOD_BASEURL", "AUDIOPOD_BASE_URL"),
        ("EARMARK_MAXSPEND", "EARMARK_MAX_SPEND"),
        ("EARMARK_LEGDER", "EARMARK_LEDGER"),
        ("EARMARK_max_spend", "EARMARK_MAX_SPEND"),
    ],
)
def test_what_was_meant_is_found(name, meant):
    assert list(misspelled({name: "x"})) == [(name, meant)]


@pytest.mark.parametrize(
    "name", [*variables.READ, "EARMARK_WHEEL", "EARMARK_HOME", "AUDIOPOD_X", "PATH", "EARMARK"]
)
def test_variables_of_others_are_nobodys_business(name):
    assert list(misspelled({name: "x"})) == []


def test_the_list_of_variables_is_the_manuals():
    rows = pages.rows(pages.sections("docs/commands.md")["Environment"])
    told = {word for row in rows for word in pages.words(row[0])}
    own = {name for name in told if re.match("(EARMARK|AUDIOPOD)_", name)}
    assert own == {*variables.READ, *variables.SET}


def test_a_name_that_would_move_the_cursor_is_shown_as_it_is(capsys, monkeypatch):
    monkeypatch.setitem(os.environ, "EARMARK_MAX_SPEND\x1b", "3")
    main.through_the_door("earmark", lambda: main.group, ["--version"])
    assert "\x1b" not in capsys.readouterr().err
