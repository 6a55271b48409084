"""What GitHub Actions is told, and what it is not."""

import pytest

from earmark import github_ends
from support.report_kinds import kinds

RUN = kinds()["run"]


def tell(**environ):
    github_ends.tell(lambda: RUN, {name: str(value) for name, value in environ.items()})


def never():
    pytest.fail("nobody is there to be told")


@pytest.mark.parametrize(
    "environ",
    [{}, {"GITHUB_ACTIONS": "false"}, {"GITHUB_ACTIONS": "true", "EARMARK_GITHUB": "0"}],
)
def test_elsewhere_nothing_is_made(environ, capsys):
    github_ends.tell(never, environ)
    assert capsys.readouterr() == ("", "")


def test_the_summary_is_added_to(tmp_path, capsys):
    summary = tmp_path / "summary"
    summary.write_text("before\n")
    tell(GITHUB_STEP_SUMMARY=summary)
    tell(GITHUB_STEP_SUMMARY=summary)
    text = summary.read_text()
    assert text.startswith("before\n### ENDED")
    assert text.count("### ENDED") == 2
    assert capsys.readouterr() == ("", "")


def test_annotations_leave_stdout_alone(capsys):
    tell(GITHUB_ACTIONS="true")
    out, err = capsys.readouterr()
    assert out == ""
    assert all(line.startswith("::") for line in err.splitlines())
    assert "::error file=" in err


def test_a_summary_that_cannot_be_written_is_a_note(tmp_path, capsys):
    tell(GITHUB_STEP_SUMMARY=tmp_path)
    assert "note: nothing was added to the step's summary" in capsys.readouterr().err


def test_a_summary_that_would_grow_too_long_is_left_as_it_is(tmp_path, capsys):
    summary = tmp_path / "summary"
    summary.write_bytes(b"x" * (github_ends.MOST - 10))
    tell(GITHUB_STEP_SUMMARY=summary)
    assert summary.stat().st_size == github_ends.MOST - 10
    assert "longer than" in capsys.readouterr().err
