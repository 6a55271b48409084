"""The examples and the page about the manifest are true."""

import re
from importlib import resources
from pathlib import Path

import pytest

from manifests.length import Grade
from manifests.manifest import Head, Item, Total
from manifests.text import read_manifest, write_manifest

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "manifest.md").read_text(encoding="utf-8")
EXAMPLES = Path(str(resources.files("manifests").joinpath("examples")))
BLOCKS = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)


def rows(title):
    """The first cells of the table under a heading."""
    section = PAGE.split(f"## {title}\n")[1].split("\n## ")[0]
    return re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE)


@pytest.mark.parametrize("name", ["small.yaml", "every-field.yaml"])
def test_the_examples_are_what_the_program_writes(tmp_path, name):
    manifest = read_manifest(EXAMPLES / name)
    write_manifest(tmp_path / name, manifest.head, manifest.items)
    assert (tmp_path / name).read_bytes() == (EXAMPLES / name).read_bytes()


def test_one_example_has_every_field():
    text = (EXAMPLES / "every-field.yaml").read_text(encoding="utf-8")
    missing = [name for name in Item.__struct_fields__ if f'"{name}": ' not in text]
    assert missing == []
    grades = {item.grade for item in read_manifest(EXAMPLES / "every-field.yaml").items}
    assert grades == set(Grade) - {Grade.UNKNOWN}


def test_a_restyled_example_reads_like_a_written_one():
    manifest = read_manifest(EXAMPLES / "restyled.yaml")
    assert manifest.head.id == "0042"
    assert manifest.head.cap == 500
    assert [item.file for item in manifest.items] == ["talks/ep1.mp3", "2024", "talks/ep3.mp3"]
    assert [item.service for item in manifest.items] == ["transcription", "stems:two", "transcription"]
    assert list(manifest.lines) == [20, 40, 43]
    first = manifest.items[0]
    assert first.options == {"language": "no", "formats": ["json", "srt"]}
    assert first.note == "Ask Ida about the names.\n\n# this line belongs to the note\n"


@pytest.mark.parametrize("block", BLOCKS, ids=["written", "restyled"])
def test_the_pages_examples_are_read(tmp_path, block):
    path = tmp_path / "small.yaml"
    path.write_text(block, encoding="utf-8")
    assert read_manifest(path).items


def test_the_pages_first_example_is_the_one_in_the_folder():
    assert BLOCKS[0] == (EXAMPLES / "small.yaml").read_text(encoding="utf-8")


def test_the_page_has_each_field_of_an_item():
    assert sorted(rows("An item")) == sorted(Item.__struct_fields__)


def test_the_page_has_each_field_of_the_head():
    plain = set(Head.__struct_fields__) - {"catalogue", "rates", "total"}
    totals = {f"total.{name}" for name in Total.__struct_fields__}
    prices = {"prices.catalogue", "prices.cents_per_minute", "prices.credits_per_minute"}
    assert set(rows("The head")) == plain | totals | prices


def test_the_page_counts_as_the_program_does():
    item = read_manifest(EXAMPLES / "small.yaml").items[0]
    assert "1834.21 s of transcription are 1835 s, 30.58 cents, 31" in PAGE
    assert (item.seconds, item.cents) == (1834.21, 31)
