import resource
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[4]
MB = 1 << 20


def peak_of(count, home):
    """The memory of a process that scans so many made-up files twice, in bytes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    argv = [sys.executable, "-m", "benchmarks.scan_steps", "million", str(count), str(home)]
    subprocess.run(argv, cwd=ROOT, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    assert after >= before
    return after * 1024


@pytest.mark.long
def test_a_million_files_are_scanned_and_remembered_in_200_megabytes(tmp_path):
    assert peak_of(1_000_000, tmp_path / "memory") < 200 * MB
