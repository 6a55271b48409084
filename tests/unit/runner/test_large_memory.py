"""The memory of a run does not grow with its lines; measured from outside, so it takes minutes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[2]


def run(count: int) -> dict[str, int]:
    """What a process that runs so many lines says of itself."""
    path = os.pathsep.join([str(TESTS), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-m", "support.many_items", str(count)],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


@pytest.mark.long
def test_a_run_of_many_items_takes_little_more_memory_than_one_of_few():
    few, many = run(10_000), run(40_000)
    assert (few["exit"], many["exit"], many["spent"]) == (0, 0, 40_000)
    each = (many["peak_mb"] - few["peak_mb"]) * 2**20 / 30_000
    assert few["peak_mb"] + each * 990_000 / 2**20 < 250
