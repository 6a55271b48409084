"""Who asks for a run: a person's own word first, then what a CI says, then user and machine."""

import getpass
import socket
from pathlib import Path

import pytest

from earmark.run_by import run_by

HERE = f"{getpass.getuser()}@{socket.gethostname()}"


@pytest.mark.parametrize(
    ("environ", "who"),
    [
        ({}, HERE),
        ({"EARMARK_WHO": " Anna, night shift "}, "Anna, night shift"),
        ({"EARMARK_WHO": "  "}, HERE),
        ({"GITHUB_ACTIONS": "true", "GITHUB_ACTOR": "anna"}, "anna"),
        ({"GITHUB_ACTOR": "anna"}, HERE),  # outside of its CI anybody could have set it
        ({"GITLAB_CI": "true", "GITLAB_USER_LOGIN": "ben"}, "ben"),
        ({"GITHUB_ACTIONS": "true", "GITHUB_ACTOR": " "}, HERE),
        ({"EARMARK_WHO": "me", "GITHUB_ACTIONS": "true", "GITHUB_ACTOR": "anna"}, "me"),
        ({"EARMARK_WHO": "caf\udce9"}, "caf\\udce9"),
        ({"EARMARK_WHO": "x" * 500}, "x" * 200),
    ],
)
def test_who_runs(environ, who):
    assert run_by(environ, Path("m.yaml"), "d").who == who


def test_a_user_without_a_name_is_a_number(monkeypatch):
    def nobody():
        raise OSError("no username set in the environment")

    monkeypatch.setattr(getpass, "getuser", nobody)
    assert run_by({}, Path("m.yaml"), "d").who.startswith("uid ")


@pytest.mark.parametrize(
    ("environ", "host"),
    [
        ({}, socket.gethostname()),
        ({"EARMARK_HOST": " nas-2 "}, "nas-2"),
        ({"EARMARK_HOST": ""}, socket.gethostname()),
    ],
)
def test_a_machine_is_called_as_it_was_told_or_by_its_own_name(environ, host):
    by = run_by(environ, Path("m.yaml"), "d")
    assert by.host == host
    assert by.who == f"{getpass.getuser()}@{host}"


def test_a_manifest_without_a_name_of_its_own_goes_by_its_file():
    assert run_by({}, Path("a/pods.yaml"), "d").name == "a/pods.yaml"
    assert run_by({}, Path("/pods.yaml"), "d").name == "pods.yaml"
    assert run_by({}, Path("a/pods.yaml"), "d", "pr-481").name == "pr-481"
