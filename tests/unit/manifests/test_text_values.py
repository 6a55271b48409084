from fractions import Fraction

import msgspec
import pytest
import yaml

from manifests import text_values
from manifests.text_lines import Faulty
from manifests.text_yaml import load


def table(text):
    return load(text.encode(), 1)


def refused(read, text):
    with pytest.raises(Faulty) as caught:
        read(table(text), "x")
    return caught.value.message


@pytest.mark.parametrize("written", ["no", "0042", "2026-11-23", "~", "'1'", "true"])
def test_a_text_is_what_is_written(written):
    value = text_values.text(table(f"x: {written}"), "x")
    assert value == written.strip("'")
    assert type(value) is str


@pytest.mark.parametrize(("written", "value"), [("0", 0), ("31", 31), ("-5", -5), ("9" * 18, int("9" * 18))])
def test_whole_numbers(written, value):
    assert text_values.whole(table(f"x: {written}"), "x") == value


@pytest.mark.parametrize(
    "written",
    ["31.0", "1e3", "'31'", "031", "0x1f", "1_000", "1:30", "+1", "yes", "[1]", "{a: 1}", "9" * 19, ""],
)
def test_what_is_no_whole_number(written):
    assert "`x` is a whole number, not " in refused(text_values.whole, f"x: {written}")


@pytest.mark.parametrize(
    ("written", "value"), [("0", 0.0), ("1834.21", 1834.21), ("1e3", 1000.0), ("60", 60.0)]
)
def test_numbers_of_seconds(written, value):
    found = text_values.number(table(f"x: {written}"), "x")
    assert found == value
    assert type(found) is float


@pytest.mark.parametrize("written", ["'1.5'", ".inf", "nan", "1e999", "1:30", "1.", ".5", "one"])
def test_what_is_no_number_of_seconds(written):
    assert "`x` is a number of seconds, not " in refused(text_values.number, f"x: {written}")


def test_only_true_and_false_are_true_or_false():
    assert text_values.flag(table("x: true"), "x") is True
    assert text_values.flag(table("x: false"), "x") is False
    for written in ("yes", "no", "True", "'true'", "1", "~"):
        assert "`x` is true or false, not " in refused(text_values.flag, f"x: {written}")


@pytest.mark.parametrize(
    ("written", "value"), [("10", Fraction(10)), ("1.5", Fraction(3, 2)), ("0.1", Fraction(1, 10))]
)
def test_rates_are_exact(written, value):
    assert text_values.rate(table(f"x: {written}"), "x") == value


@pytest.mark.parametrize("written", ["-1", "1e1", "'1'", "1/3", ".5", "free", "[1]"])
def test_what_is_no_rate(written):
    assert "`x` is a price in cents a minute, such as 10 or 1.5, not " in refused(
        text_values.rate, f"x: {written}"
    )


def test_a_mapping_inside():
    assert text_values.inner(table("x: {a: 1}"), "x") == {"a": "1"}
    assert "`x` is a mapping, such as {a: 1}, not '5'" in refused(text_values.inner, "x: 5")


def test_messages_show_what_was_found_and_not_too_much_of_it():
    assert refused(text_values.text, "x: [a]").endswith("is a text, not a list")
    assert refused(text_values.text, "x: {a: 1}").endswith("is a text, not a mapping")
    assert refused(text_values.whole, "x:").endswith("not empty")
    assert len(refused(text_values.whole, f"x: {'y' * 500}")) < 130


def test_a_message_knows_the_line():
    with pytest.raises(Faulty) as caught:
        text_values.whole(table("a: 1\nx: b"), "x")
    assert caught.value.line == 2


def test_unknown_and_missing_fields_are_named():
    with pytest.raises(Faulty) as caught:
        text_values.known_fields(table("file: 1\nfiel: 2"), ["file", "size"], "an item")
    assert caught.value.message == "an item has no field `fiel`; did you mean 'file'?"
    assert caught.value.line == 2
    with pytest.raises(Faulty, match="a manifest has no fields of your own, `note` is free text"):
        text_values.known_fields(table("zzz: 1"), ["file"], "an item")
    with pytest.raises(Faulty, match="an item lacks `size`"):
        text_values.field(table("file: 1"), "size", "an item")
    assert text_values.field(table("file: 1"), "file", "an item") == "1"


@pytest.mark.parametrize(
    ("written", "empty"),
    [("", True), ("~", True), ("null", True), ("'~'", False), ("''", False), ("0", False), ("[]", False)],
)
def test_nothing_is_told_from_something(written, empty):
    assert text_values.is_empty(table(f"x: {written}")["x"]) is empty


RISKY = [0x7F, *range(0x80, 0xA0), 0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF]


@pytest.mark.parametrize("code", RISKY, ids=hex)
def test_characters_that_yaml_trips_over_are_escaped(code):
    written = text_values.quoted(f"a{chr(code)}b")
    assert written == f'"a\\u{code:04x}b"'
    assert msgspec.json.decode(written) == f"a{chr(code)}b"


@pytest.mark.parametrize(
    "code",
    [
        0x20,
        0x7E,
        0xA0,
        0xE9,
        0x2027,
        0x202A,
        0xD7FF,
        0xE000,
        0xFEFE,
        0xFFFD,
        0x10000,
        0x1FFFE,
        0x1F399,
        0x10FFFF,
    ],
    ids=hex,
)
def test_all_else_stays_raw(code):
    assert text_values.quoted(f"a{chr(code)}b") == f'"a{chr(code)}b"'


def test_ascii_is_passed_through():
    assert text_values.escaped(b"plain") == b"plain"
    assert text_values.escaped(b"a\x7f") == b"a\\u007f"


@pytest.mark.parametrize("value", ["7c0e5a41d2f94b6b", "pr-481", "talks/ep1.mp3", "a", "weekly.2026"])
def test_words_that_no_reader_takes_for_anything_else_need_no_quotes(value):
    assert text_values.bare(value) == value
    assert yaml.safe_load(value) == value


@pytest.mark.parametrize(
    "value",
    [
        "",
        "1234",
        "1e5",
        "12e34567",
        "0x1f",
        "0b1",
        "0o17",
        "2026-11-23",
        "2026-11-23T05:00:00Z",
        "no",
        "Yes",
        "TRUE",
        "null",
        "y",
        "-a",
        ".",
        "a b",
        "a: b",
        "#a",
        "é",
        "~",
    ],
)
def test_all_other_words_are_quoted(value):
    assert text_values.bare(value) == text_values.quoted(value)
    assert yaml.safe_load(text_values.bare(value)) == value


@pytest.mark.parametrize(
    ("rate", "written"),
    [("1", "1"), ("15", "15"), ("3/2", "1.5"), ("1/8", "0.125"), ("1/1000", "0.001"), ("201/20", "10.05")],
)
def test_rates_are_written_as_exact_decimals(rate, written):
    assert text_values.decimal(Fraction(rate)) == written
    assert Fraction(written) == Fraction(rate)


def test_a_rate_that_has_no_end_cannot_be_written():
    with pytest.raises(ValueError, match="1/3 cents a minute cannot be written as a decimal"):
        text_values.decimal(Fraction(1, 3))
