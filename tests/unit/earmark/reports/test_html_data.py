"""The columns that the page's table reads: as small as they can be, and all of what there is."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earmark.reports.document import Moment
from earmark.reports.html_data import (
    REASON,
    alike,
    clipped,
    coded,
    columns,
    inert,
    listed,
    moments,
    seconds,
    sums,
    without,
)
from support.made_reports import item, made, of

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)


def unfolded(column: dict) -> list[str]:
    """What the page's script does, in units of UTF-16."""
    before, found = b"", []
    for same, rest in zip(column["same"], column["rest"], strict=True):
        before = before[: 2 * same] + rest.encode("utf-16-le")
        found.append(before.decode("utf-16-le"))
    return found


@given(st.lists(TEXT))
def test_texts_that_begin_alike_come_back(texts):
    assert unfolded(alike(texts)) == texts


@given(st.lists(st.tuples(st.sampled_from(["a/\N{PARTY POPPER}", "a/\N{PARTY POPPER}b", ""]), TEXT)))
def test_no_character_is_cut_in_two(pairs):
    texts = [head + tail for head, tail in pairs]
    assert unfolded(alike(texts)) == texts


@given(st.lists(TEXT))
def test_words_that_repeat_come_back(texts):
    column = coded(texts)
    assert [column["words"][at] for at in column["at"]] == texts
    assert len(set(column["words"])) == len(column["words"])


@given(st.recursive(TEXT, lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner)))
def test_json_is_the_same_and_ends_no_element(value):
    text = inert(value)
    assert json.loads(text) == value
    assert not set(text) & set("<\u2028\u2029")


def test_what_should_be_looked_at_comes_first_and_else_the_order_is_the_manifests():
    fates = ["saved", "waiting", "in doubt", "saved", "failed", "unheard of", "failed", "lost"]
    lines = [item(f"{number}.mp3", fate=fate) for number, fate in enumerate(fates)]
    assert [each.file[0] for each in listed(lines, 99)] == ["7", "4", "6", "2", "5", "1", "0", "3"]
    assert [each.file[0] for each in listed(iter(lines), 2)] == ["7", "4"]


def test_a_result_repeats_nothing_of_its_items_path():
    assert without("results/talks/ep1.srt", "talks/ep1.mp3") == "results/\0.srt"
    assert without("results/talks/ep1/vocals.wav", "talks/ep1.mp3") == "results/\0/vocals.wav"
    assert without("results/own.srt", "talks/ep1.mp3") == "results/own.srt"
    assert without("r/a\x07.srt", "a\x07.mp3") == "r/a\x07.srt"  # the page has the name as it is shown


def test_columns_tell_all_of_an_item():
    one = item(
        "talks/a.mp3", fate="in doubt", state="in_doubt", reason="lost\nat 7", charged=None, held=11, tries=2,
        saved=3, currency="credits", shared=True, paid_before=True, results=["/r/talks/a.srt"],
        job_id="", since=None,
    )  # fmt: skip
    told = columns([item("talks/a b.mp3"), one], Path("/r"))
    assert unfolded(told["file"]) == ["talks/a b.mp3", "talks/a.mp3"]
    assert unfolded(told["job"]) == ["4711", ""]
    assert told["fate"] == {"words": ["saved", "in doubt"], "at": [0, 1]}
    assert told["reason"]["words"] == ["", "lost at 7"]
    assert told["charged"] == [10, None]
    assert told["since"] == {"first": seconds("2026-11-30T07:10:00Z"), "after": [0, None]}
    assert {name: told[name] for name in ("held", "tries", "saved", "credits", "shared", "paid")} == {
        "held": {"of": [1], "is": [11]},
        "tries": {"of": [1], "is": [2]},
        "saved": {"of": [1], "is": [3]},
        "credits": {"of": [1], "is": [1]},
        "shared": {"of": [1], "is": [1]},
        "paid": {"of": [1], "is": [1]},
    }
    assert (told["results"], unfolded(told["path"]), told["label"]["words"]) == ([0, 1], ["\0.srt"], ["srt"])


def test_sums_and_times_are_plain_figures():
    report = made(60)
    assert sums(report.services)[0][:2] == [report.services[0].name, report.services[0].expected]
    times = moments(report.timeline)
    assert [each[1:] for each in times] == [[each.done, each.cents] for each in report.timeline]
    assert times[-1][0] - times[0][0] > 60


@pytest.mark.parametrize("at", ["yesterday", "", "9999-99-99T00:00:00Z"])
def test_a_time_that_is_none_is_left_out(at):
    assert seconds(at) is None
    assert moments([Moment(at=at, done=1, cents=1)]) == []
    assert columns([item(since=at)], Path())["since"] == {"first": 0, "after": [None]}


def test_a_page_of_nothing_has_columns_of_nothing():
    told = columns(listed(of([]).items, 9), Path())
    assert told["file"] == {"same": [], "rest": []}
    assert told["since"] == {"first": 0, "after": []}


def test_a_long_reason_is_clipped():
    assert len(clipped("x" * 5000)) == REASON
    assert clipped("a\n\tb\x1b[31m") == "a b\\x1b[31m"
