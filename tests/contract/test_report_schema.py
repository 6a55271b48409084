"""The published schema, the types and the manual say the same of a report."""

import json
import os
from importlib import resources
from pathlib import Path

import jsonschema
import pytest

from earmark.main import through_the_door
from earmark.reports.schema import ID, schema
from support import pages

FILE = Path(str(resources.files("manifests"))) / "schema" / "report.schema.json"
WRITE = os.environ.get("EARMARK_GOLDEN") == "write"  # now: tests see nobody's environment
TYPES = schema()["$defs"]


def test_the_schema_in_the_program_is_that_of_the_types():
    text = json.dumps(schema(), indent=2) + "\n"
    if WRITE:
        FILE.write_text(text, encoding="utf-8")
    assert FILE.read_text(encoding="utf-8") == text


def test_the_schema_is_a_schema_and_names_itself():
    jsonschema.Draft202012Validator.check_schema(schema())
    assert schema()["$id"] == ID
    assert all(set(each["required"]) == set(each["properties"]) for each in TYPES.values())


@pytest.mark.parametrize("name", TYPES)
def test_the_manual_describes_every_field(name):
    rows = pages.rows(pages.sections("docs/report.md")[name])
    assert [pages.words(field)[0] for field, _, _ in rows] == list(TYPES[name]["properties"])
    assert all(meaning for _, _, meaning in rows)


@pytest.mark.parametrize(
    "words",
    [
        ("plan", "nope", "--service", "transcription", "--json"),
        ("plan", "--json"),
        ("run", "nope.yaml", "--json"),
        ("run", "--bogus", "--json"),
        ("report", "nope.yaml", "--json"),
    ],
)
def test_a_command_that_fails_writes_a_valid_document(words, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code = through_the_door("earmark", lambda: __import__("earmark.main", fromlist=["group"]).group, words)
    found = json.loads(capsys.readouterr().out)
    jsonschema.Draft202012Validator(schema()).validate(found)
    assert found["exit"] == code == 2
    assert (found["made_by"], found["items"]) == (words[0], [])
