"""Lines about items: what is done, at which price, and what became of it."""

import io
from contextlib import contextmanager, nullcontext
from pathlib import Path

import pytest

from earmark.item_lines import ItemLines
from manifests.states import State
from runner.told import Change, ItemTold, NoteTold, StopTold


def item(change, **changes):
    fields = {
        "change": change,
        "item": 7,
        "file": "talks/ep1.mp3",
        "service": "transcription",
        "state": State.SUBMITTED,
        "job_id": "1001",
        "reason": "",
        "currency": "cents",
        "expected": 31,
        "ceiling": 32,
        "charged": None,
        "shared": False,
        "results": (),
        "minutes": 31.0,
    }
    return ItemTold(**{**fields, **changes})


def lines(*told, verbose=1):
    stream = io.StringIO()
    paused = []

    @contextmanager
    def pause():
        paused.append(1)
        yield

    shown = ItemLines(pause, verbose, stream)
    for each in told:
        shown.watch(each)
    assert len(paused) == stream.getvalue().count("\n")
    return stream.getvalue()


@pytest.mark.parametrize(
    ("told", "line"),
    [
        (
            item(Change.SAVED, results=("/r/ep1.srt", "/r/ep1.json"), charged=31),
            "saved     talks/ep1.mp3  transcription  $0.31 charged  /r/ep1.srt and 1 more\n",
        ),
        (
            item(Change.SAVED, results=("/r/ep1.srt",)),
            "saved     talks/ep1.mp3  transcription  $0.31  /r/ep1.srt\n",
        ),
        (
            item(Change.SAVED, shared=True, expected=0),
            "saved     talks/ep1.mp3  transcription  paid by an equal item\n",
        ),
        (
            item(Change.REJECTED, reason="400: too short", charged=0),
            "rejected  talks/ep1.mp3  transcription  not charged  400: too short\n",
        ),
        (item(Change.IN_DOUBT, reason="504"), "in doubt  talks/ep1.mp3  transcription  $0.31  504\n"),
        (
            item(Change.CHARGED, charged=33),
            "charged   talks/ep1.mp3  transcription  $0.33 charged (2 c more than planned)\n",
        ),
        (item(Change.CHARGED, charged=31), ""),
        (item(Change.SUBMITTED), ""),
        (NoteTold("x"), ""),
        (StopTold("money", "402: the wallet is empty"), "stop      402: the wallet is empty\n"),
        (
            item(Change.LOST, file="\x1b[2J\n.mp3", reason="\x1b[31mred"),
            "lost      \\x1b[2J\\n.mp3  transcription  $0.31  \\x1b[31mred\n",
        ),
        (
            item(Change.SAVED, currency="credits", expected=660),
            "saved     talks/ep1.mp3  transcription  660 cr.\n",
        ),
    ],
)
def test_a_line_says_what_became_of_an_item(told, line):
    assert lines(told) == line


@pytest.mark.parametrize("change", Change)
def test_twice_verbose_tells_every_change(change):
    assert lines(item(change), verbose=2)


def test_a_submit_names_its_job():
    assert lines(item(Change.SUBMITTED), verbose=2) == (
        "submitted talks/ep1.mp3  transcription  $0.31  job 1001\n"
    )


def test_results_are_named_from_where_the_user_stands(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    told = item(Change.SAVED, results=(str(Path.cwd() / "results" / "ep1.srt"),))
    assert lines(told).endswith("  results/ep1.srt\n")


def test_a_narrow_window_wraps_between_words_and_a_log_does_not(monkeypatch):
    told = item(Change.SAVED, results=("/results/talks/ep1.srt",), charged=33)
    stream = io.StringIO()
    monkeypatch.setattr("earmark.item_lines.columns", lambda _stream: 40)
    ItemLines(nullcontext, 1, stream, wraps=True).watch(told)
    assert stream.getvalue() == (
        "saved\n"
        "    talks/ep1.mp3  transcription  $0.33\n"
        "    charged (2 c more than planned)\n"
        "    /results/talks/ep1.srt\n"
    )
    assert lines(told).count("\n") == 1
