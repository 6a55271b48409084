"""Every file that a page shows is read by what it is meant for; a block that nothing reads is refused."""

import json

import pytest
import yaml

import simulator
from earmark.policy import text as policy_file
from manifests.catalogue import load
from manifests.text import read_manifest
from planner.prompts import prompts
from planner.rules_text import read_rules
from support import manual, pages, shelves

GUIDES = sorted((pages.ROOT / "docs" / "guides").iterdir())
MOST_NOT_TYPED = 7

DATA = ("yaml", "toml", "json", "jsonl")
WORKFLOWS = ("jobs", "steps", "stages", "on", True)
"""Keys of what other programs read (YAML 1.1 takes `on` for true)."""


def shown():
    for page in pages.PAGES:
        for block in manual.blocks(page.relative_to(pages.ROOT)):
            if block.kind in DATA and not block.skipped:
                yield pytest.param(block, id=f"{page.name}:{block.number}")


def reader_of(text):
    """What reads a block of YAML."""
    found = yaml.safe_load(text)
    if isinstance(found, list):
        return lambda path: prompts(path, load().service("music"))
    if "items" in found and "version" in found:
        return read_manifest
    if "rules" in found:
        return lambda path: read_rules(path, load())
    if found.keys() <= set(simulator.Scenario.__struct_fields__):
        return simulator.load_scenario
    assert any(key in found for key in WORKFLOWS) or any(
        isinstance(each, dict) and "script" in each for each in found.values()
    ), "nothing of ours reads this"
    return None


@pytest.mark.parametrize("block", list(shown()))
def test_what_a_page_shows_is_read(block, tmp_path):
    path = tmp_path / f"shown.{block.kind}"
    path.write_text(block.text, encoding="utf-8")
    if block.kind == "yaml":
        reader = reader_of(block.text)
        if reader is not None:
            reader(path if reader in (read_manifest, simulator.load_scenario) else str(path))
    elif block.kind == "toml":
        policy = tmp_path / "earmark.toml"
        policy.write_text(block.text, encoding="utf-8")
        policy_file.read(str(policy), load())
    elif block.kind == "json":
        json.loads(block.text)
    else:
        assert [json.loads(line) for line in block.text.splitlines()]


def test_a_block_that_nothing_reads_is_refused():
    with pytest.raises(AssertionError, match="nothing of ours"):
        reader_of("colour: red\n")


def test_what_is_not_typed_says_why_and_is_little():
    """README, tutorial and guides; the others show how a command is called, which is parsed."""
    taught = ["README.md", "docs/tutorial.md", *(f"docs/guides/{path.name}" for path in GUIDES)]
    left = [
        block for page in taught for block in manual.blocks(page) if block.kind == "console" and block.skipped
    ]
    assert all(len(block.mark) > len("not run: makes") for block in left)
    assert len(left) <= MOST_NOT_TYPED
    assert all(block.skipped for block in manual.blocks("README.md") if block.kind == "console")
    assert {page for page in taught if page != "README.md"} == {"docs/tutorial.md", *shelves.SHELVES}
