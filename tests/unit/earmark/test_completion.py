"""What Tab offers, as each shell asks for it; the script itself in a real bash."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest

from earmark import completion, completion_command, main
from earmark.completion import joined
from manifests import catalogue

BIN = Path(sys.executable).parent


def offered(monkeypatch, capsysbinary, shell, words, position=None):
    """What a shell is answered: a list of lines."""
    typed = words if isinstance(words, list) else [*words.split(" ")]
    name = typed[0]
    separator = " " if shell == "fish" else "\n"
    position = len(typed) - 1 if position is None else position
    monkeypatch.setenv("COMP_WORDS", separator.join(typed))
    monkeypatch.setenv("COMP_CWORD", typed[-1] if shell == "fish" else str(position))
    monkeypatch.setenv(f"_{name.upper()}_COMPLETE", f"{shell}_complete")
    command = main.group if name == "earmark" else main.load(name)
    assert main.through_the_door(name, lambda: command, []) == 0
    return capsysbinary.readouterr().out.decode().splitlines()


@pytest.fixture
def bash(monkeypatch, capsysbinary):
    """The answers to bash, by kind."""

    def ask(words, position=None):
        lines = offered(monkeypatch, capsysbinary, "bash", words, position)
        return [line.partition(",")[::2] for line in lines if line]

    return ask


def plain(found):
    return [value for kind, value in found if kind == "plain"]


def test_services_are_offered_by_their_names_and_variants_once_the_service_is_typed(bash):
    assert plain(bash("plan --service tr")) == ["transcription"]
    assert bash("plan --service stem") == [("plain", "stems"), ("part", "stems:")]
    every = [service.name for service in catalogue.load().services]
    assert plain(bash(["plan", "--service", ""])) == every


def test_bash_splits_at_colons_and_gets_the_last_part_alone(bash):
    variants = [each.name for each in catalogue.load().service("stems").variants]
    assert plain(bash(["plan", "--service", "stems", ":"])) == variants
    assert plain(bash(["plan", "--service", "stems", ":", "si"])) == ["single", "six", "single_stem"]
    assert plain(bash(["plan", "--service", "stems", ":", "six", "--service", "music", ":", "x"])) == ["xl"]


def test_a_bash_that_does_not_split_gets_whole_words(bash, monkeypatch):
    monkeypatch.setenv("COMP_BREAKS", " \t\n")
    assert plain(bash("plan --service stems:six")) == ["stems:six"]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("plan --service transcription --set lang", [("part", "language=")]),
        ("plan --service transcription --set transcription.lang", [("part", "transcription.language=")]),
        ("plan --service stems:six --service tts --set tts.sp", [("part", "tts.speed=")]),
        ("plan --service stems:six --service tts --set sp", []),
        ("plan --set transcription.lang", [("part", "transcription.language=")]),
    ],
)
def test_options_of_the_services_that_are_typed_are_offered(bash, words, found):
    assert bash(words) == found


def test_values_of_options_are_offered(bash):
    languages = plain(bash(["plan", "--service", "transcription", "--set", "language", "=", "e"]))
    assert "en" in languages
    assert all(each.startswith("e") for each in languages)
    words = ["plan", "--service", "transcription", "--set", "transcription.enable_speaker_diarization", "="]
    assert plain(bash(words)) == ["true", "false"]
    (quality,) = [each for each in catalogue.load().service("convert").options if each.name == "quality"]
    assert plain(bash(["plan", "--service", "convert", "--set", "quality", "="])) == list(quality.choices)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("earmark stat", [("plain", "status")]),
        ("earmark wallet us", [("plain", "usage")]),
        ("plan --pref", [("plain", "--prefer")]),
        ("earmark plan --prefer li", [("plain", "listed")]),
        ("run man", [("glob", "*.yaml")]),
        ("earmark status man", [("glob", "*.yaml")]),
        ("earmark report m.yaml --format js", [("plain", "json")]),
        ("plan pod", [("file", "")]),
        ("run m.yaml --output re", [("dir", "")]),
        ("earmark completion z", [("plain", "zsh")]),
        ("plan --no-such-option --pref", [("plain", "--prefer")]),
    ],
)
def test_commands_options_and_files_are_offered(bash, words, found):
    assert bash(words) == found


def test_all_commands_are_offered_without_importing_one(bash, monkeypatch):
    monkeypatch.setattr(main, "load", lambda name: pytest.fail(f"{name} was imported"))
    assert plain(bash(["earmark", ""])) == list(main.COMMANDS)


@pytest.mark.parametrize(
    ("words", "whole"),
    [
        (["plan", "stems", ":", "six"], ["plan", "stems:six"]),
        (["plan", "stems", ":"], ["plan", "stems:"]),
        (["plan", "stems", ":", ""], ["plan", "stems:", ""]),
        (["plan", "voice", "=", "clone", ":", "a/b.wav", "x"], ["plan", "voice=clone:a/b.wav", "x"]),
        (["plan", "--set", "="], ["plan", "--set="]),
        (["plan", "a", ":=", "b"], ["plan", "a:=b"]),
        (["plan", ""], ["plan", ""]),
    ],
)
def test_what_bash_split_is_put_together_again(words, whole):
    assert joined(words) == whole


def test_zsh_gets_three_lines_each_with_the_price(monkeypatch, capsysbinary):
    lines = offered(monkeypatch, capsysbinary, "zsh", "plan --service stems:two")
    assert lines == ["plain", r"stems\:two", "10 c/min, vocals, no_vocals"]
    assert offered(monkeypatch, capsysbinary, "zsh", "plan --service stem")[3:] == ["part", "stems:", "_"]


def test_fish_gets_a_line_each_with_the_price(monkeypatch, capsysbinary):
    lines = offered(monkeypatch, capsysbinary, "fish", "plan --service stems:tw")
    assert lines == ["plain,stems:two\t10 c/min, vocals, no_vocals"]


@pytest.mark.parametrize("shell", completion.SHELLS)
def test_a_script_is_for_all_three_commands_and_its_own_shell_takes_it(shell):
    text = completion.script(shell)
    for name in completion.COMMANDS:
        assert f"_{name.upper()}_COMPLETE={shell}_complete" in text
    if shutil.which(shell):
        checked = subprocess.run([shell, "-n", "/dev/stdin"], input=text, text=True, check=False)
        assert checked.returncode == 0


def test_a_real_bash_completes(tmp_path):
    for name in ("manifest.yaml", "notes.txt"):
        (tmp_path / name).touch()
    (tmp_path / "my songs").mkdir()
    script = """
        eval "$(earmark completion bash)"
        tab() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
            "_$1_completion" "$1"; printf '%s|' "${COMPREPLY[@]}"; echo; }
        tab plan --service stems : si
        tab run m
        tab run ''
        complete -p plan run earmark
    """
    ended = subprocess.run(
        ["bash", "--norc", "-c", script],
        cwd=tmp_path,
        env={**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ended.stdout.splitlines()[:3] == [
        "single|six|single_stem|",
        "my songs|manifest.yaml|",
        "my songs|manifest.yaml|",
    ]
    assert ended.stdout.count("-F _") == 3


@pytest.mark.parametrize("shell", ["tcsh", "ksh", "PowerShell"])
def test_another_shell_is_not_taken_for_a_misspelled_one(shell):
    with pytest.raises(click.BadParameter, match=f"there is no script for {shell}"):
        completion_command.completion.make_context("completion", [shell])
