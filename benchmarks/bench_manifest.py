"""A million lines planned, written, read and checked, beside bare loops of the libraries that do it."""

import sys
from collections.abc import Callable, Iterator
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from benchmarks import manifest_steps as steps
from benchmarks.programs import measured
from manifests.manifest import Item, total
from manifests.text import open_manifest, read_manifest, write_manifest
from planner.stock import Stock

MANY = 1_000_000
DIFFERENT = 10_000
"""Items that are made for the row of writing; they come again and again."""

YAML_SHARE = 100
"""PyYAML reads so many times fewer lines: it takes minutes for a million, and nine gigabytes."""

GOAL = "at most 10 s for 1,000,000, and 600 MB"
PLAN = "{:,} lines priced, added up, compared and written"
WRITE = "{:,} lines written"
OPEN = "{:,} lines read and checked, left in their file"
READ = "{:,} lines read and checked, kept in memory"


@pytest.fixture(scope="module")
def many(scaled) -> int:
    """How many lines."""
    return scaled(MANY)


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    """Where manifests go."""
    return tmp_path_factory.mktemp("manifests")


@pytest.fixture(scope="module")
def peaks(many, place) -> dict[str, int]:
    """The memory of each step in megabytes, in a process of its own, before this one has grown."""
    path = place / "peaks.yaml"
    return {
        step: measured([sys.executable, "-m", steps.__name__, step, str(many), str(path)]).peak_mb
        for step in steps.STEPS
    }


@pytest.fixture(scope="module")
def manifest(many, place) -> Path:
    """A manifest of so many lines."""
    path = place / "manifest.yaml"
    steps.planned(Stock(steps.recordings(many)), path)
    return path


@pytest.fixture(scope="module")
def mappings(manifest) -> list[dict[str, Any]]:
    """Some items of it as mappings."""
    return [msgspec.to_builtins(item) for item in _items(manifest)]


def _items(path: Path) -> list[Item]:
    with open_manifest(path) as opened:
        return list(opened.between(0, DIFFERENT).items)


def _once(benchmark, run: Callable[[], object], group: str, count: int, **told: object) -> None:
    benchmark.group = group
    benchmark.extra_info.update(count=count, **told)
    benchmark.pedantic(run, rounds=2, iterations=1)


def test_plan(benchmark, many, place, peaks):
    inputs = Stock(steps.recordings(many))
    told = {
        "who": "earmark",
        "goal": GOAL,
        "limit": "an object or two a line, made and let go",
        "peak_mb": peaks["plan"],
    }
    _once(benchmark, lambda: steps.planned(inputs, place / "p.yaml"), PLAN.format(many), many, **told)


def test_plan_beside_msgspec(benchmark, many, place, mappings):
    _once(benchmark, lambda: _encoded(mappings, many, place), PLAN.format(many), many, who=ENCODING)


def test_write(benchmark, many, place, manifest):
    items = _items(manifest)
    head = steps.head(steps.bought(), total(list(islice(cycle(items), many))))
    told = {"who": "earmark", "goal": GOAL, "limit": "the JSON encoder, and the disk at the end"}
    _once(
        benchmark,
        lambda: write_manifest(place / "w.yaml", head, islice(cycle(items), many)),
        WRITE.format(many),
        many,
        **told,
    )


def test_write_beside_msgspec(benchmark, many, place, mappings):
    _once(benchmark, lambda: _encoded(mappings, many, place), WRITE.format(many), many, who=ENCODING)


ENCODING = "a loop of msgspec.json.encode over mappings"
DECODING = "a loop of msgspec.json.decode, nothing checked"


def _encoded(mappings: list[dict[str, Any]], count: int, place: Path) -> None:
    encode = msgspec.json.Encoder().encode
    with (place / "bare.jsonl").open("wb") as file:
        for mapping in islice(cycle(mappings), count):
            file.write(b"- " + encode(mapping) + b"\n")


def _lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        for line in file:
            if line.startswith(b"- "):
                yield line[2:]


def _decoded(path: Path) -> int:
    decode = msgspec.json.Decoder().decode
    return sum(1 for _ in map(decode, _lines(path)))


def test_open(benchmark, many, manifest, peaks):
    told = {"who": "earmark", "goal": GOAL, "limit": "checking each price", "peak_mb": peaks["open"]}
    _once(benchmark, lambda: open_manifest(manifest).close(), OPEN.format(many), many, **told)


def test_open_beside_msgspec(benchmark, many, manifest):
    _once(benchmark, lambda: _decoded(manifest), OPEN.format(many), many, who=DECODING)


def test_read(benchmark, many, manifest, peaks):
    told = {"who": "earmark", "goal": GOAL, "limit": "checking each price", "peak_mb": peaks["read"]}
    _once(benchmark, lambda: len(read_manifest(manifest).items), READ.format(many), many, **told)


def test_read_beside_msgspec(benchmark, many, manifest):
    decode = msgspec.json.Decoder().decode
    _once(benchmark, lambda: len(list(map(decode, _lines(manifest)))), READ.format(many), many, who=DECODING)


def test_read_beside_yaml(benchmark, many, manifest):
    count = max(1, many // YAML_SHARE)
    text = b"".join(b"- " + line for line in islice(_lines(manifest), count))
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    run = lambda: len(yaml.load(text, Loader=loader))  # noqa: E731 - a safe loader
    _once(benchmark, run, READ.format(many), count, who="PyYAML's C loader, nothing checked")
