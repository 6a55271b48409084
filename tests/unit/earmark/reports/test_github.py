"""Where annotations stand."""

from pathlib import Path

import pytest

from earmark.reports import github
from support import made_reports

FAILED = made_reports.item("talks/a.mp3", fate="failed", reason="no sound", charged=None)
UNSAVED = made_reports.item("talks/b.mp3", fate="not saved", state="finished")


@pytest.mark.parametrize(
    ("manifest", "root", "file"),
    [
        ("m.yaml", ".", "talks/a.mp3"),
        ("/jobs/plans/m.yaml", "../media", "media/talks/a.mp3"),
        ("/elsewhere/m.yaml", ".", "/elsewhere/talks/a.mp3"),
        ("m.yaml", "/media", "/media/talks/a.mp3"),
        (None, None, "talks/a.mp3"),
    ],
)
def test_a_file_is_named_as_the_checkout_has_it(manifest, root, file):
    report = made_reports.of([FAILED], manifest=manifest, root=root, planned=None)
    _, line = github.render(report, Path("/jobs"))
    assert line == f"::error file={file},title=failed::talks/a.mp3 (transcription, $0.10): no sound\n"


def test_what_can_be_fetched_again_is_a_warning():
    report = made_reports.of([UNSAVED], planned=None)
    assert [line.split(" ")[0] for line in github.render(report, Path("/jobs"))] == ["::notice", "::warning"]


@pytest.mark.parametrize(
    ("made_by", "exit_", "running", "kind"),
    [
        ("run", 3, False, "error"),
        ("run", 1, False, "notice"),
        ("run", 9, False, "notice"),
        ("run", 8, True, "notice"),
        ("report", 8, False, "notice"),
    ],
)
def test_the_sentence_is_an_error_where_the_command_is_at_fault(made_by, exit_, running, kind):
    report = made_reports.of([], made_by=made_by, exit=exit_, running=running, planned=None)
    (line,) = github.render(report, Path("/jobs"))
    assert line.startswith(f"::{kind} title=earmark {made_by}")
