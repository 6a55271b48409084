"""docs/policy.md has every key and variable, and nothing else; its examples are read without a fault."""

import pytest

from earmark.policy import text
from earmark.policy.caps import VARIABLES
from manifests import catalogue
from manifests.limits import Scope
from support import pages

PAGE = "docs/policy.md"
SECTIONS = pages.sections(PAGE)


def keys(section):
    return [pages.words(row[0])[0] for row in pages.rows(SECTIONS[section])]


@pytest.mark.parametrize("table", text.TABLES)
def test_every_key_is_described_and_none_is_stale(table):
    assert sorted(keys(f"[{table}]")) == sorted(text.TABLES[table])
    assert all(all(row) for row in pages.rows(SECTIONS[f"[{table}]"]))


def test_every_limit_has_its_variable_in_the_table():
    told = {pages.words(row[0])[0]: pages.words(row[1]) for row in pages.rows(SECTIONS["[caps]"])}
    assert told == {scope.value: [name] for scope, name in VARIABLES.items()}
    assert {Scope.PLAN, *VARIABLES} == set(Scope)


@pytest.mark.parametrize("number", range(len(pages.blocks(PAGE, "toml"))))
def test_examples_are_read_without_a_fault(tmp_path, number):
    path = tmp_path / "earmark.toml"
    path.write_text(pages.blocks(PAGE, "toml")[number], encoding="utf-8")
    assert text.read(str(path), catalogue.load()).said


def test_each_word_that_is_never_read_is_told_why(tmp_path):
    assert "key" in SECTIONS["What it never says"]
    path = tmp_path / "earmark.toml"
    for why, words in text._NEVER.items():
        for word in words:
            path.write_text(f"{word} = 'x'\n", encoding="utf-8")
            with pytest.raises(Exception, match=f"has no `{word}`: ") as error:
                text.read(str(path), catalogue.load())
            assert str(error.value).endswith(why)
