"""A simulator in a process of its own, whose jobs are done at once, with no limit of calls.

`python -m benchmarks.instant` serves until it is ended, and prints its address.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import simulator
from simulator.scenario import PUBLIC_KEY

WALLET = 100_000_00
"""Cents."""


@contextmanager
def instant() -> Iterator[SimpleNamespace]:
    """The simulator's `url` and `key`."""
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.instant"], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield SimpleNamespace(url=process.stdout.readline().strip(), key=PUBLIC_KEY)
        finally:
            process.terminate()


if __name__ == "__main__":
    at_once = simulator.Scenario(job_seconds=0.0, job_seconds_per_minute=0.0)
    simulator.run("127.0.0.1", 0, at_once, WALLET, lambda url: print(url, flush=True))
