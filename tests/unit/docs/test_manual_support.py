"""The harness that types what the manual shows would see what differs."""

from contextlib import ExitStack

import pytest

from support import manual


@pytest.mark.parametrize(
    ("wanted", "printed", "fit"),
    [
        ([], [], True),
        ([], ["a"], False),
        (["a"], ["a"], True),
        (["a"], ["a", "b"], False),
        (["..."], [], True),
        (["...", "b"], ["a", "b"], True),
        (["a", "...", "c", "..."], ["a", "b", "b", "c", "d"], True),
        (["a", "..."], ["b"], False),
        (["...", "b"], ["b", "c"], False),
    ],
)
def test_lines_of_dots_stand_for_any_lines(wanted, printed, fit):
    assert manual.fits(wanted, printed) is fit


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("id: 7c0e5a41d2f94b6b", "id: 0123456789abcdef"),
        ("created: 2026-11-23T05:00:00Z", "created: 2027-01-02T03:04:05Z"),
        ("  3 s, 8 jobs bought", "  1 min 10 s, 8 jobs bought"),
        ("at http://127.0.0.1:8077/x", "at http://127.0.0.1:40001/x"),
        ("a signal came at 15:12;", "a signal came at 03:01;"),
    ],
)
def test_what_differs_each_time_is_the_same(one, other):
    assert manual.same(one) == manual.same(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("spent $0.18", "spent $0.19"),
        ("8 of 8 saved", "7 of 8 saved"),
        ("prices of 2026-05-22", "prices of 2026-05-23"),
    ],
)
def test_amounts_counts_and_days_of_prices_are_not(one, other):
    assert manual.same(one) != manual.same(other)


def page(tmp_path, monkeypatch, text):
    (tmp_path / "page.md").write_text(text, encoding="utf-8")
    monkeypatch.setattr(manual, "text_of", lambda name: (tmp_path / name).read_text(encoding="utf-8"))
    with ExitStack() as stack:
        reader = manual.Reader(tmp_path, "page.md", stack)
        reader.work()
    return reader


def test_another_output_is_a_fault_and_can_be_renewed(tmp_path, monkeypatch):
    text = "# A page\n\n```console\n$ echo one\none\n\n$ echo two\nzwei\n```\n"
    reader = page(tmp_path, monkeypatch, text)
    assert [fault.split("\n")[0] for fault in reader.faults] == ["page.md:7: $ echo two"]
    assert manual.renewed(text, reader.lines) == text.replace("zwei", "two")


def test_lines_of_dots_stay_where_they_fit(tmp_path, monkeypatch):
    text = "```console\n$ seq 9\n1\n...\n9\n\n$ echo two\nzwei\n```\n"
    assert manual.renewed(text, page(tmp_path, monkeypatch, text).lines) == text.replace("zwei", "two")


def test_a_line_that_prints_nothing_stays_beside_the_next():
    text = "```console\n$ true\n$ echo two\nzwei\n```\n"
    assert manual.renewed(text, {2: [], 3: ["two"]}) == text.replace("zwei", "two")


def test_what_is_pressed_stays_when_a_page_is_renewed():
    text = "```console\n$ run a.yaml\n^C\nold\n```\n"
    assert manual.renewed(text, {2: ["new"]}) == text.replace("old", "new")


def test_an_exit_code_that_the_page_hides_is_a_fault(tmp_path, monkeypatch):
    told = "```console\n$ exit 3\n$ echo $?\n3\n```\n"
    assert page(tmp_path, monkeypatch, told).faults == []
    hidden = "```console\n$ exit 3\n$ echo on\non\n```\n"
    assert page(tmp_path, monkeypatch, hidden).faults == ["page.md:3: what was typed before ended with 3"]
    last = "```console\n$ exit 3\n```\n"
    assert page(tmp_path, monkeypatch, last).faults == ["page.md: the last line ended with 3"]


def test_a_block_that_says_why_is_not_typed(tmp_path, monkeypatch):
    text = "<!-- not run: needs an account -->\n```console\n$ false\n```\n"
    assert page(tmp_path, monkeypatch, text).faults == []


def test_files_that_a_page_shows_are_there(tmp_path, monkeypatch):
    text = "```yaml\n# a.yaml\nseed: 1\n```\n\n```console\n$ tail -1 a.yaml\nseed: 1\n```\n"
    assert page(tmp_path, monkeypatch, text).faults == []
