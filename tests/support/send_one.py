"""Sends one file as a run does, in a process of its own, and prints the memory that this took.

    python send_one.py URL FILE...

A line of JSON for each file: its bytes, the seconds, and the most memory that the process has had by then.
"""

import json
import sys
import time
from pathlib import Path

from runner.api.client import AudioPod
from runner.api.interface import Accepted, Order


def peak_mb() -> float:
    """The most resident memory of this process since it began, unlike `ru_maxrss`, which its parent's counts in."""
    line = next(
        each for each in Path("/proc/self/status").read_text().splitlines() if each.startswith("VmHWM")
    )
    return int(line.split()[1]) / 1024


def digest_of_nothing(size: int) -> str:
    """SHA-256 of so many zeros, without a file."""
    import hashlib

    found, piece = hashlib.sha256(), bytes(1 << 20)
    for _ in range(size // len(piece)):
        found.update(piece)
    found.update(bytes(size % len(piece)))
    return found.hexdigest()


def main(url: str, *files: str) -> None:
    """Send them, one after the other."""
    with AudioPod(url, "ap_sim_key") as api:
        for file in files:
            path = Path(file)
            size = path.stat().st_size
            order = Order("transcription", {}, path, size, path.name, ((0, size),), digest_of_nothing(size))
            began = time.perf_counter()
            outcome = api.submit(order, lambda: True)
            seconds = time.perf_counter() - began
            assert isinstance(outcome, Accepted), outcome
            print(json.dumps({"bytes": size, "seconds": seconds, "peak_mb": peak_mb()}), flush=True)  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
