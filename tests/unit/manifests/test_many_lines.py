"""Manifests of many lines: nothing quadratic, nothing kept that is not needed."""

import resource
import subprocess
import sys
import tracemalloc

import pytest

from manifests.manifest import Total
from manifests.text import iter_items, read_manifest, write_manifest

PROGRAM = """
import resource, sys
from pathlib import Path
from manifests.text import read_manifest
print(len(read_manifest(Path(sys.argv[1])).items), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def lines(item, count):
    options = {"formats": ["json", "srt"]}
    for number in range(count):
        seconds = 20 + number * 7919 % 3_600_000 / 1000
        yield item(f"season {number // 1000}/episode-{number:07d}.mp3", seconds=seconds, options=options)


def write(path, head, item, count):
    cents = ceiling = 0
    for each in lines(item, count):
        cents, ceiling = cents + each.cents, ceiling + each.ceiling
    write_manifest(path, head(total=Total(count, 0, cents, ceiling)), lines(item, count))


def test_twenty_thousand_lines(tmp_path, head, item):
    path = tmp_path / "m.yaml"
    items = tuple(lines(item, 20_000))
    write_manifest(path, head(items), items)
    manifest = read_manifest(path)
    assert manifest.items == items
    assert list(manifest.lines) == list(range(10, 20_010))
    assert len({id(each.options) for each in manifest.items}) == 1


def test_a_stream_keeps_one_item_at_a_time(tmp_path, head, item):
    path = tmp_path / "m.yaml"
    write(path, head, item, 5_000)
    tracemalloc.start()
    try:
        assert sum(1 for _ in iter_items(path)) == 5_000
        assert tracemalloc.get_traced_memory()[1] < 4_000_000  # the whole is some 2 MB of text and 3 of items
    finally:
        tracemalloc.stop()


@pytest.mark.long
def test_a_million_lines_fit_into_600_mb(tmp_path, head, item):
    path = tmp_path / "m.yaml"
    write(path, head, item, 1_000_000)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 600_000
    told = subprocess.run(
        [sys.executable, "-c", PROGRAM, path], check=True, capture_output=True, text=True
    ).stdout
    count, peak = map(int, told.split())
    assert count == 1_000_000
    assert peak < 600_000
