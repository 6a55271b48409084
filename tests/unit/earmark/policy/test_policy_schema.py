"""The published schema of earmark.toml knows the program's keys, and the shape of every value."""

import json
import tomllib
from importlib import resources

import jsonschema
import pytest

from earmark.policy import text
from manifests.limits import Scope
from planner.fitting import Prefer
from planner.rules_text import KEYS
from support import pages

TEXT = resources.files("manifests").joinpath("schema/policy.schema.json").read_text(encoding="utf-8")
SCHEMA = json.loads(TEXT)
VALID = jsonschema.Draft202012Validator(SCHEMA)


def test_it_is_a_schema_that_fetches_nothing():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert "http" not in TEXT.replace(SCHEMA["$schema"], "")


def test_its_keys_are_the_programs():
    tables = SCHEMA["properties"]
    assert {*tables} == {*text.TABLES, text.RULES}
    for name, keys in text.TABLES.items():
        assert sorted(tables[name]["properties"]) == sorted(keys)
    assert {*tables["caps"]["properties"]} == {scope.value for scope in Scope} - {Scope.PLAN.value}
    assert sorted(SCHEMA["$defs"]["rule"]["properties"]) == sorted(KEYS)
    assert tables["plan"]["properties"]["prefer"]["enum"] == [each.value for each in Prefer]


@pytest.mark.parametrize("example", pages.blocks("docs/policy.md", "toml"))
def test_the_examples_of_the_manual_are_valid(example):
    VALID.validate(tomllib.loads(example))


@pytest.mark.parametrize(
    "wrong",
    [
        "key = 'x'",
        "[caps]\nrun = 20.5",
        "[caps]\nrun = '0.005'",
        "[caps]\nfile = -1",
        "[caps]\nservice = '3'",
        "[plan]\nservices = []",
        "[plan]\noutput = '../x.yaml'",
        "[plan]\noutput = '/x.yaml'",
        "[plan]\nrules = 'a/../../r.yaml'",
        "[plan]\nprefer = 'dearest'",
        "[plan]\nset = {transcription = 'en'}",
        "[thresholds]\nwarning = '1'",
        "[[rules]]\nservice = 'tts'",
        "[[rules]]\nmatch = '*'",
        "[[rules]]\nmatch = '*'\nskip = true\nservice = 'tts'",
        "rules = []",
    ],
)
def test_what_the_program_refuses_by_its_shape_is_invalid(wrong):
    assert not VALID.is_valid(tomllib.loads(wrong))


@pytest.mark.parametrize(
    "right", ["", "[caps]\nmonth = '$1,000.5'\nrun = 0", "[plan]\noutput = 'a..b/c.yaml'"]
)
def test_what_it_reads_is_valid(right):
    VALID.validate(tomllib.loads(right))
