"""Uploads of any size take the memory of small ones."""

import json
import subprocess
import sys
from hashlib import sha256
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


def sent_from_a_store(s3, *sizes):
    """Objects of zeros, sent by a process of its own; what it says of each."""
    s3.bucket("large")
    objects = {f"r{number}.wav": bytes(size) for number, size in enumerate(sizes)}
    s3.fill("large", objects)
    words = [f"s3://large/{key}={sha256(body).hexdigest()}" for key, body in objects.items()]
    with sink() as server:
        command = [sys.executable, send_one.__file__, server.url, *words]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert all(got > size for got, size in zip(server.received, sizes, strict=True))
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_an_object_is_sent_in_the_memory_of_a_few_blocks(s3):
    small, large = sent_from_a_store(s3, 100_000, 40 * 2**20)
    assert large["peak_mb"] < small["peak_mb"] + 24


@pytest.mark.long
def test_a_large_object_is_sent_in_the_memory_of_a_few_blocks(s3):
    small, large = sent_from_a_store(s3, 100_000, 300 * 2**20)
    assert large["peak_mb"] < small["peak_mb"] + 24
