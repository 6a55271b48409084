import os
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.api import answers
from runner.api.answers import ErrorText, UnreadableError


def test_numbers_are_read_exactly_as_written():
    assert answers.json_value(b'{"a": 0.1, "b": 3, "c": 1e2}') == {
        "a": Decimal("0.1"),
        "b": 3,
        "c": Decimal("1e2"),
    }


@pytest.mark.parametrize("body", [b"", b"<html>", b"{", b"[" * 100_000, b'{"a": NaN}', b"\xff\xfe"])
def test_what_is_no_json_is_unreadable(body):
    with pytest.raises(UnreadableError, match="not JSON"):
        answers.json_value(body)


def test_half_a_pair_of_surrogates_makes_no_list_unreadable():
    """A name that another program cut within an emoji must not hide our own jobs."""
    body = rb'["\ud83d", "\ud83d\ude00", "\\ud800", "a\uDC80b"]'
    assert answers.json_value(body) == ["\ufffd", "\U0001f600", "\\ud800", "a\ufffdb"]


def test_an_answer_of_countless_values_is_none():
    with pytest.raises(UnreadableError, match="more than 2,000,000 values"):
        answers.json_value(b"[" + b"[]," * 1_000_001 + b"[]]")


def test_a_number_too_large_to_keep_does_not_hide_the_rest_of_an_answer():
    body = b'{"job_id": 41, "eta": 1e999999999999999999999, "least": -1e-999999999999999999999}'

    assert answers.json_value(body) == {"job_id": 41, "eta": None, "least": None}


def test_a_mapping_is_asked_for_by_name():
    assert answers.mapping({"a": 1}) == {"a": 1}
    with pytest.raises(UnreadableError, match="not list"):
        answers.mapping([])


@pytest.mark.parametrize(
    "value",
    [
        [{"id": 1}, {"id": 2}],
        {"items": [{"id": 1}, {"id": 2}], "total": 2},
        {"jobs": [{"id": 1}, {"id": 2}]},
        {"voices": [{"id": 1}, {"id": 2}]},
        {"items": None, "jobs": [{"id": 1}, "noise", {"id": 2}]},
        {"transcriptions": [{"id": 1}, {"id": 2}], "total": 2},
        {"jobs": [{"id": 1}, {"id": 2}], "warnings": [{"text": "old"}]},
    ],
)
def test_lists_are_arrays_or_stand_under_a_name(value):
    assert answers.entries(value) == [{"id": 1}, {"id": 2}]


def test_the_name_that_is_asked_for_comes_first():
    assert answers.entries({"items": [], "logs": [{"id": 1}]}, "logs") == [{"id": 1}]


def test_an_empty_list_may_have_any_name():
    assert answers.entries({"transcriptions": [], "total": 0}) == []


@pytest.mark.parametrize(
    "value",
    [
        None,
        "x",
        {},
        {"items": 3},
        {"items": None, "warnings": []},
        {"scopes": ["read"]},
        {"here": [{"id": 1}], "there": [{"id": 2}]},
    ],
)
def test_no_list_is_unreadable(value):
    with pytest.raises(UnreadableError, match="list"):
        answers.entries(value)


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (  # a
            b'{"error": "insufficient", "message": "Top up", "required_cents": 55, "available_cents": 0}',
            ErrorText("insufficient", "Top up", 55, 0),
        ),
        (  # b
            b'{"detail": {"code": "X", "message": "m", "required_usd": "$0.55", "available_usd": "$0.10"}}',
            ErrorText("X", "m", 55, 10),
        ),
        (b'{"detail": {"error_code": "X", "message": "m"}}', ErrorText("X", "m")),
        (b'{"detail": "Not found"}', ErrorText("", "Not found")),  # c
        (  # d
            b'{"detail": [{"loc": ["body", "mode"], "msg": "bad", "type": "enum"}, {"msg": "worse"}, 3]}',
            ErrorText("", "mode: bad; worse"),
        ),
        (
            b'{"error_code": "PROCESSING_FAILED", "message": "m", "details": {}}',
            ErrorText("PROCESSING_FAILED", "m"),
        ),
        (
            b'{"error_code": "X", "details": {"required_cents": 9, "available_usd": "$0.04"}}',
            ErrorText("X", "", 9, 4),
        ),
        (
            b'{"error": {"code": "c", "details": {"required_cents": 9, "available_cents": 0}}}',
            ErrorText("c", "", 9, 0),
        ),
        (b'{"error": {"code": "c", "message": "m"}}', ErrorText("c", "m")),  # f
        (b'{"error": {"type": "t", "message": "m", "required_cents": 3}}', ErrorText("t", "m", 3)),
        (
            b"<html><head><style>b {}</style></head><h1>502</h1> Bad\tGateway</html>",
            ErrorText("", "502 Bad Gateway"),
        ),
        (b"", ErrorText()),  # g
        (b'"just text"', ErrorText("", "just text")),
        (b"7", ErrorText()),
        (b'{"message": "", "detail": null, "error": 3}', ErrorText()),
    ],
)
def test_one_reader_for_all_error_bodies(body, found):
    assert answers.error_text(body) == found


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        (ErrorText("code", "text"), "text (code)"),
        (ErrorText("code", ""), "(code)"),
        (ErrorText("same", "same"), "same"),
        (ErrorText(), ""),
    ],
)
def test_errors_are_shown_with_their_code(error, shown):
    assert str(error) == shown


def test_foreign_texts_cannot_flood_or_paint_the_terminal():
    dirty = answers.clean("a\x1b[31m\n b\u202e" + "x" * 10_000)

    assert dirty.startswith("a[31m bx")
    assert len(dirty) == answers.TEXT_LENGTH


def test_paths_that_are_no_utf8_can_be_shown_and_kept():
    assert answers.shown_path(Path(os.fsdecode(b"/a/\xff.mp3"))) == "/a/\\udcff.mp3"


def test_a_huge_page_is_read_in_part():
    assert len(answers.error_text(b"<p>" + b"y" * 10**6).message) == answers.TEXT_LENGTH


def test_every_text_is_found_however_deep():
    value = {"a": "1", "b": [{"c": "2"}, ["3", 4, None, True]], "d": {"e": {"f": "5"}}}

    assert sorted(answers.texts(value)) == ["1", "2", "3", "5"]


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (7, "7"),
        (12345678901234567890, "12345678901234567890"),
        (Decimal("7.0"), "7"),
        (" abc-1 ", "abc-1"),
        ("", ""),
        ("..", ""),
        ("7\x1b[31m", ""),
        ("7" * 301, ""),
        (True, ""),
        (None, ""),
        (Decimal("7.5"), ""),
        ([], ""),
    ],
)
def test_ids_are_compared_as_text(value, name):
    assert answers.identifier(value) == name


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (3, 3),
        ("12", 12),
        (Decimal("12.0"), 12),
        (Decimal("12.5"), None),
        ("x", None),
        (False, None),
        (None, None),
        (Decimal("1e999999999"), None),
        (Decimal("0e999999999"), None),
        (Decimal("1e-999999999"), None),
        (Decimal("NaN"), None),
        (Decimal("Infinity"), None),
        ("9" * 16, None),
    ],
)
def test_whole_numbers_of_credible_size(value, number):
    assert answers.whole(value) == number


@pytest.mark.parametrize(
    ("fields", "amount"),
    [
        ({"balance_cents": 2500, "balance_usd": "$99.00"}, 2500),
        ({"balance_usd": "$25.00"}, 2500),
        ({"balance_usd": "1,234.5"}, 123450),
        ({"balance_usd": Decimal("0.55")}, 55),
        ({"balance_usd": 25}, 2500),
        ({"balance_usd": "-$0.55"}, -55),
        ({"balance_usd": "$-0.55"}, -55),
        ({"balance_usd": "$0.551"}, 56),
        ({"balance_usd": "$0.5500"}, 55),
        ({"balance_cents": None, "balance_usd": "free"}, None),
        ({}, None),
    ],
)
def test_money_is_cents_or_a_text_in_dollars(fields, amount):
    assert answers.cents(fields, "balance") == amount


@given(st.integers(0, 10**9))
def test_dollar_texts_come_back_to_the_cent(amount):
    assert answers.dollars(f"${amount // 100:,}.{amount % 100:02d}") == amount


@pytest.mark.parametrize(
    ("value", "ms"),
    [
        (Decimal("1847.5"), 1847500),
        (60, 60000),
        ("61", 61000),
        (0, None),
        (-3, None),
        (None, None),
        ("long", None),
    ],
)
def test_lengths_are_milliseconds(value, ms):
    assert answers.milliseconds(value) == ms


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("2025-12-11T12:39:37Z", "2025-12-11T12:39:37.000000Z"),
        ("2025-12-11T12:39:37.385561", "2025-12-11T12:39:37.385561Z"),
        ("2025-12-11T12:39:37+02:00", "2025-12-11T10:39:37.000000Z"),
        ("2025-12-11 12:39:37", "2025-12-11T12:39:37.000000Z"),
        ("0001-01-01T00:00:00+05:00", ""),
        ("yesterday", ""),
        (1700000000, ""),
        (None, ""),
    ],
)
def test_times_are_utc_and_sort_as_text(value, moment):
    assert answers.utc(value) == moment


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120.0),
        ("0", 0.0),
        ("1.5", 1.5),
        ("-3", 0.0),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 10.0),
        ("Wed, 21 Oct 2015 07:28:00 -0000", 10.0),
        ("Wed, 21 Oct 2015 07:27:00 GMT", 0.0),
        ("1e3", 1000.0),
        ("99999999", answers.LONGEST_RETRY),
        ("9" * 400, answers.LONGEST_RETRY),
        ("Mon, 01 Jan 9999 00:00:00 GMT", answers.LONGEST_RETRY),
        ("Mon, 01 Jan 99999999999999999999 00:00:00 GMT", None),
        ("Mon, 01 Jan 2030 00:00:00 +999999999999", None),
        ("Mon, 01 Jan 0001 00:00:00 +1400", 0.0),
        ("nan", None),
        ("inf", None),
        ("1e999999999999999999999", None),
        ("soon", None),
        (None, None),
    ],
)
def test_retry_after_is_seconds_or_a_date(header, seconds):
    assert answers.retry_after(header, now=1445412470.0) == seconds


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.decimals(),
    st.lists,
    max_leaves=5,
)


@given(json_values)
def test_no_value_breaks_a_reader(value):
    answers.identifier(value)
    answers.whole(value)
    answers.milliseconds(value)
    answers.utc(value)
    answers.dollars(value)
    answers.clean(value)


seconds_or_dates = r"-?[0-9.e+]{1,30}|Mon, [0-9]{1,30} Jan [0-9]{1,30} 00:00:00 [+-][0-9]{1,20}"


@given(st.text() | st.from_regex(seconds_or_dates, fullmatch=True))
def test_no_retry_after_breaks_its_reader(header):
    seconds = answers.retry_after(header, now=0.0)

    assert seconds is None or 0.0 <= seconds <= answers.LONGEST_RETRY


@given(st.binary(max_size=200))
def test_no_body_breaks_the_error_reader(body):
    assert len(answers.error_text(body).message) <= answers.TEXT_LENGTH
