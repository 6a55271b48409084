"""The published schema says what the program reads, no more and no less."""

import json
from importlib import resources
from pathlib import Path

import jsonschema
import pytest

from manifests import catalogue
from manifests.length import Basis, Grade
from manifests.manifest import VERSION, Head, Item, Total
from manifests.text_head import SCHEMA
from manifests.text_items import item_line
from manifests.text_yaml import Plain, load

TEXT = resources.files("manifests").joinpath("schema/manifest.schema.json").read_text(encoding="utf-8")
EXAMPLES = sorted(Path(str(resources.files("manifests").joinpath("examples"))).glob("*.yaml"))


@pytest.fixture(scope="module")
def schema():
    return json.loads(TEXT)


@pytest.fixture(scope="module")
def validator(schema):
    return jsonschema.Draft202012Validator(schema)


def as_editors_see_it(value):
    """Plain scalars as JSON where they are JSON, as editors' YAML 1.2 has it."""
    match value:
        case Plain():
            try:
                return json.loads(value) if value else None
            except ValueError:
                return None if value == "~" else str(value)
        case list():
            return [as_editors_see_it(each) for each in value]
        case dict():
            return {key: as_editors_see_it(each) for key, each in value.items()}
    return value


def seen(text):
    return as_editors_see_it(load(text if isinstance(text, bytes) else text.encode(), 1))


def required(struct):
    return set(struct.__struct_fields__[: len(struct.__struct_fields__) - len(struct.__struct_defaults__)])


def test_the_schema_is_a_schema_and_names_itself(schema):
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$id"] == SCHEMA
    assert schema["$id"].endswith(f":{VERSION}")
    assert schema["properties"]["version"]["const"] == VERSION
    assert "http" not in TEXT.replace(schema["$schema"], "")


def test_an_items_fields_are_those_of_the_program(schema):
    item = schema["$defs"]["item"]
    assert list(item["properties"]) == list(Item.__struct_fields__)
    assert set(item["required"]) == required(Item)


def test_the_heads_fields_are_those_of_the_program(schema):
    fields = (set(Head.__struct_fields__) - {"catalogue", "rates"}) | {"prices", "items"}
    assert set(schema["properties"]) == fields
    assert set(schema["required"]) == fields - {"cap", "name"}
    assert list(schema["properties"]["total"]["properties"]) == list(Total.__struct_fields__)
    assert set(schema["properties"]["total"]["required"]) == required(Total)


def test_the_words_are_those_of_the_program(schema):
    item = schema["$defs"]["item"]["properties"]
    assert item["basis"]["enum"] == [basis.value for basis in Basis]
    assert item["grade"]["enum"] == [grade.value for grade in Grade if grade is not Grade.UNKNOWN]


def test_every_field_is_described(schema):
    tables = [schema, schema["$defs"]["item"], schema["properties"]["total"], schema["properties"]["prices"]]
    assert all("description" in field for table in tables for field in table["properties"].values())


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_the_examples_fit(validator, path):
    validator.validate(seen(path.read_bytes()))


def test_every_product_fits(validator, head_text, item):
    for service in catalogue.load().services:
        for variant in service.variants:
            name = f"{service.name}:{variant.name}" if variant.name else service.name
            validator.validate(seen(head_text.encode() + item_line(item("a.mp3", name))))


@pytest.mark.parametrize(
    "name", ["caf\udce9.mp3", "a\u0085\u2028\ufeffb.mp3", "🎙/a.mp3", "/srv/a..b/c.mp3", "-", ".x/..y"]
)
def test_odd_names_fit(validator, head_text, item, name):
    validator.validate(seen(head_text.encode() + item_line(item(name))))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("version: 1", "version: 2"),
        ("version: 1\n", ""),
        ("id: 7c0e5a41d2f94b6b", "id: 12"),
        ("root: .", "root: .\ncap: 5.5"),
        ("root: .", "root: .\ncap: 5 dollars"),
        ("root: .", "root: .\nowner: me"),
        ("2026-11-23T05:00:00Z", "yesterday"),
        ('"stems:six": 10', '"stems:six": 0'),
        ('"cents": 31', '"cents": 31.5'),
        ('"cents": 31', '"cents": 0'),
        ('"cents": 31', '"cents": 31, "paid": true'),
        ('"exact"', '"unknown"'),
        ('"file"', '"flie"'),
        ("talks/ep1.mp3", "../ep1.mp3"),
        ("talks/ep1.mp3", "talks//ep1.mp3"),
        ('"size": 29347560', '"size": 0'),
        ('"seconds": 1834.21', '"seconds": 0'),
        ('"print": "9f2c41d07ab3"', '"print": "9F"'),
        ('"options": {', '"result": "../x", "options": {'),
        ('"options": {', '"result": "/x", "options": {'),
        ('"formats": ["json", "srt"]', '"formats": []'),
        ('"formats": ["json", "srt"]', '"formats": {"a": 1}'),
    ],
)
def test_what_the_program_refuses_the_schema_refuses(validator, head_text, line, old, new):
    whole = head_text + line
    assert old in whole
    validator.validate(seen(whole))
    assert not validator.is_valid(seen(whole.replace(old, new, 1)))


def test_a_manifest_without_items_does_not_fit(validator, head_text):
    assert not validator.is_valid(seen(head_text))
