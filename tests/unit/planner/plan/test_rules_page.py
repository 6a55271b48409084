"""The page about rules files and their published schema say what the program reads."""

import json
import re
from importlib import resources
from pathlib import Path

import jsonschema
import pytest

from manifests import catalogue
from manifests.errors import UsageError
from manifests.text_yaml import Plain, load
from planner.rules_text import KEYS, TOP, read_rules
from planner.templates import PLACES

ROOT = Path(__file__).parents[4]
PAGE = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
MANIFESTS = Path(str(resources.files("manifests")))
SCHEMA = json.loads((MANIFESTS / "schema/rules.schema.json").read_text(encoding="utf-8"))
EXAMPLES = [
    path.read_text(encoding="utf-8") for path in sorted((MANIFESTS / "examples/rules").glob("*.yaml"))
]
BLOCKS = [*re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL), *EXAMPLES]


def cells(title):
    section = PAGE.split(f"## {title}\n")[1].split("\n## ")[0]
    return re.findall(r"^\| `([^`]+)`", section, re.MULTILINE)


def seen(text):
    """A text as an editor sees it: plain scalars are JSON where they can be."""

    def plain(value):
        match value:
            case Plain():
                try:
                    return json.loads(value)
                except ValueError:
                    return str(value)
            case list():
                return [plain(each) for each in value]
            case dict():
                return {key: plain(each) for key, each in value.items()}
        return value

    return plain(load(text.encode(), 1))


def read(text, tmp_path):
    (tmp_path / "r.yaml").write_text(text, encoding="utf-8")
    return read_rules(str(tmp_path / "r.yaml"), catalogue.load())


def test_the_page_describes_every_key_and_place_and_no_other():
    assert sorted(cells("At the top")) == sorted(TOP)
    assert sorted(cells("A rule")) == sorted(KEYS)
    assert cells("Names of results") == [f"{{{place}}}" for place in (*PLACES, "language")]


@pytest.mark.parametrize("block", BLOCKS)
def test_every_example_is_read_and_fits_the_schema(block, tmp_path):
    assert read(block, tmp_path).rules
    jsonschema.Draft202012Validator(SCHEMA).validate(seen(block))


def test_the_schema_is_a_schema_and_knows_the_same_keys():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert sorted(SCHEMA["properties"]) == sorted(TOP)
    assert sorted(SCHEMA["$defs"]["rule"]["properties"]) == sorted(KEYS)


@pytest.mark.parametrize(
    "text",
    [
        "apply: all\n",
        "rules: []\n",
        "rules: [x]\n",
        "apply: every\nrules: [{match: x, skip: true}]\n",
        "rules: [{match: x}]\n",
        "rules: [{service: stems}]\n",
        "rules: [{match: '', service: stems}]\n",
        "rules: [{match: x, service: []}]\n",
        "rules: [{match: x, service: stems, option: {}}]\n",
        "rules: [{match: x, service: stems, options: []}]\n",
        "rules: [{match: x, service: stems, options: {formats: {}}}]\n",
        "rules: [{match: x, service: stems, result: []}]\n",
        "rules: [{match: x, service: stems, skip: true}]\n",
        "rules: [{match: x, service: stems, skip: maybe}]\n",
    ],
)
def test_what_the_program_refuses_by_its_shape_does_not_fit_the_schema(text, tmp_path):
    with pytest.raises(UsageError):
        read(text, tmp_path)
    assert not jsonschema.Draft202012Validator(SCHEMA).is_valid(seen(text))
