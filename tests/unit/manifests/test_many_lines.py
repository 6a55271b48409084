"""Manifests of many lines: nothing quadratic, nothing kept that is not needed."""

import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest

from manifests.manifest import Total
from manifests.text import open_manifest, read_head, read_manifest, write_manifest

ROOT = Path(__file__).parents[3]
PLAN = "from benchmarks.manifest_steps import plan_step; plan_step(1_000_000, path)"
OPEN = (
    "from manifests.text import open_manifest; sum(len(each.items) for each in open_manifest(path).slices())"
)
READ = "from manifests.text import read_manifest; kept = read_manifest(path)"
PROGRAM = """
import re, sys
from pathlib import Path
path = Path(sys.argv[1])
{step}
print(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
"""
"""Does a step and prints the most memory that it took, in KiB."""


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


def test_a_manifest_that_stays_in_its_file_is_read_some_items_at_a_time(tmp_path, head, item):
    path = tmp_path / "m.yaml"
    write(path, head, item, 5_000)
    tracemalloc.start()
    try:
        with open_manifest(path) as opened:
            assert sum(len(each.items) for each in opened.slices(500)) == 5_000
        assert tracemalloc.get_traced_memory()[1] < 4_000_000  # the whole is some 2 MB of text and 3 of items
    finally:
        tracemalloc.stop()


@pytest.mark.long
def test_a_million_lines_take_little_memory_to_plan_to_check_and_to_read(tmp_path):
    path = tmp_path / "m.yaml"
    for step, most in ((PLAN, 250_000), (OPEN, 120_000), (READ, 600_000)):
        argv = [sys.executable, "-c", PROGRAM.format(step=step), path]
        told = subprocess.run(argv, check=True, capture_output=True, text=True, cwd=ROOT).stdout
        assert int(told) < most, step
    assert len(read_head(path).id) == 16
