"""The command in this process, on manifests that `plan` wrote of small real files."""

import json
import shutil

import pytest

from earmark import main
from support.bench import wav


@pytest.fixture
def typed(tmp_path, monkeypatch, capsys):
    """Type `earmark diff` in a folder of its own: exit code, stdout, stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")

    def do(*words, program="diff"):
        code = main.through_the_door(f"earmark {program}", lambda: main.load(program), list(words))
        out, err = capsys.readouterr()
        return code, out, err

    return do


@pytest.fixture
def plans(tmp_path, typed):
    """A plan of two recordings, and one of one more of ten minutes."""
    for number in (1, 2):
        wav(tmp_path / "talks" / f"ep{number}.wav", 90)
    assert typed("talks", "--service", "transcription", "-o", "old.yaml", "-q", program="plan")[0] == 0
    wav(tmp_path / "talks" / "ep3.wav", 600)
    shutil.move(tmp_path / "talks" / "ep2.wav", tmp_path / "talks" / "second.wav")
    assert typed("talks", "--service", "transcription", "-o", "new.yaml", "-q", program="plan")[0] == 0
    return tmp_path


def test_two_manifests_are_compared(plans, typed):
    code, out, err = typed("old.yaml", "new.yaml")
    assert (code, err) == (0, "")
    assert "1 added, 1 renamed, 1 as before" in out
    assert "This change costs $0.10, at most $0.11." in out
    assert "was ep2.wav, costs nothing" in out
    assert not (plans / ".earmark" / "diff").exists()


def test_a_threshold_refuses_and_names_both_amounts(plans, typed):
    code, out, err = typed("old.yaml", "new.yaml", "--fail-above", "0.1", "-q")
    assert code == 3
    assert err == "diff: this change costs up to $0.11 more, above --fail-above $0.10\n"
    assert "ABOVE" in out
    assert typed("old.yaml", "new.yaml", "--fail-above", "0.11", "-q") == (0, "", "")


def test_json_and_markdown_tell_the_same(plans, typed):
    code, out, _ = typed("old.yaml", "new.yaml", "--json")
    found = json.loads(out)
    assert (code, found["to_pay"]["cents"], found["base"]["name"]) == (0, 10, "old.yaml")
    assert typed("old.yaml", "new.yaml", "--format", "json")[1] == out
    comment = typed("old.yaml", "new.yaml", "--format", "markdown", "--name", "talks")[1]
    assert comment.startswith("<!-- earmark:diff:talks -->\n### This change costs $0.10, at most $0.11\n")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "name two manifests, OLD and NEW"),
        (("old.yaml",), "name two manifests, OLD and NEW"),
        (("old.yaml", "missing.yaml"), "missing.yaml"),
        (("old.yaml", "talks"), "talks"),
        (("old.yaml", "talks/ep1.wav"), "talks/ep1.wav"),
        (("old.yaml", "new.yaml", "--name", "a-->b"), "--name"),
        (("old.yaml", "new.yaml", "--name", "x" * 100), "--name"),
        (("old.yaml", "new.yaml", "--fail-above", "much"), "--fail-above: 'much' is not an amount"),
        (("old.yaml", "new.yaml", "--format", "xml"), "xml"),
    ],
)
def test_what_cannot_be_compared_is_told(plans, typed, words, told):
    code, out, err = typed(*words)
    assert (code, out) == (2, "")
    assert told in err


def test_a_failure_with_json_is_a_document(plans, typed):
    code, out, _ = typed("old.yaml", "missing.yaml", "--json")
    assert (code, json.loads(out)["exit"]) == (2, 2)
