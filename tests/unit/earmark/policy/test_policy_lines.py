"""On which line each key of a TOML text stands."""

import string
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earmark.policy.lines import Lines

TEXT = '''# a comment with [brackets] = and "quotes"
[plan]
services = [ "a", # of two
  "b]", 'c#' ]
include = """
[caps]
run = "no key"
"""
set.transcription.language = 'en'

[caps]   # another
run = "1"
service = { stems = "2", "stems:six" = "3" }
"month" = "4"

[[rules]]
match = QQQx
[[rules]]
QQQ
[rules.options]
language = "de"
[[ rules ]]
skip = true
'''.replace("QQQ", "'''")


def test_each_key_is_found_where_it_stands():
    found = Lines(TEXT).found
    assert tomllib.loads(TEXT)
    expected = {
        ("plan",): 2,
        ("plan", "services"): 3,
        ("plan", "include"): 5,
        ("plan", "set"): 9,
        ("plan", "set", "transcription", "language"): 9,
        ("caps",): 11,
        ("caps", "run"): 12,
        ("caps", "service"): 13,
        ("caps", "month"): 14,
        ("rules",): 16,
        ("rules", 0): 16,
        ("rules", 0, "match"): 17,
        ("rules", 0, "options"): 20,
        ("rules", 0, "options", "language"): 21,
        ("rules", 1): 22,
        ("rules", 1, "skip"): 23,
    }
    assert {path: found.get(path) for path in expected} == expected


def test_what_stands_inside_a_value_is_on_the_line_of_its_key():
    lines = Lines(TEXT)
    assert lines.of(("caps", "service", "stems")) == 13
    assert lines.of(("nowhere",)) == 1


@pytest.mark.parametrize("text", ["", "\n\n", "# only words", "a=1", "a = 1\r\n\r\n[b]\r\nc = 2\r\n"])
def test_short_texts_and_other_line_ends(text):
    found = Lines(text).found
    assert len(found) == {"": 0, "\n\n": 0, "# only words": 0, "a=1": 1}.get(text, 3)
    assert found.get(("b", "c"), 4) == 4


NAMES = st.text(string.ascii_letters + string.digits + "_-", min_size=1, max_size=6) | st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=4
)
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=12)
SCALARS = st.integers(-5, 5) | st.booleans() | WORDS
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3), max_leaves=5)
TABLES = st.dictionaries(NAMES, st.dictionaries(NAMES, VALUES, max_size=4), max_size=4)


def quoted(text):
    escaped = "".join(f"\\U{ord(each):08x}" if not each.isalnum() else each for each in text)
    return f'"{escaped}"'


def written(value, spread):
    """A value, on several lines where that is allowed."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, list):
        gap = "\n # [x] = 'y\n" if spread else " "
        return "[" + gap.join(f"{written(each, spread)},{gap}" for each in value) + "]"
    return str(value)


@given(TABLES, st.booleans())
def test_the_lines_of_any_text_hold_their_keys(tables, spread):
    rows, expected = [], {}
    for table, keys in tables.items():
        expected[table,] = sum(row.count("\n") for row in rows) + 1
        rows.append(f"[{quoted(table)}] # ]\n")
        for key, value in keys.items():
            expected[table, key] = sum(row.count("\n") for row in rows) + 1
            rows.append(f" {quoted(key)} = {written(value, spread)}\n")
    text = "".join(rows)
    assert tomllib.loads(text) == tables
    assert Lines(text).found == expected
