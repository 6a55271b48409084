"""Uploads of any size take the memory of small ones."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from support import send_one
from support.sink import sink

GB = 2**30


def sent(folder: Path, *sizes: int) -> list[dict[str, float]]:
    """Files of zeros, sent by a process of its own; what it says of each."""
    files = [send_one.zeros(folder / f"r{number}.wav", size) for number, size in enumerate(sizes)]
    with sink() as server:
        command = [sys.executable, send_one.__file__, server.url, *files]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert all(got > size for got, size in zip(server.received, sizes, strict=True))
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.long
def test_two_gigabytes_are_sent_in_the_memory_of_a_small_file(tmp_path):
    small, large = sent(tmp_path, 100_000, 2 * GB)
    assert large["peak_mb"] < small["peak_mb"] + 16
