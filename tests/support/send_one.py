"""Sends files of zeros as a run does, in a process of its own, and prints the memory that this took.

    python send_one.py URL FILE=SHA256...

A line of JSON for each: its bytes, the seconds, and the most memory that the process has had by then. With
`--bare` in front it sends them with httpx alone.
"""

import json
import sys
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from manifests.stored import Location, location

PIECE = 1 << 20


def peak_mb() -> float:
    """The most resident memory of this process since it began: `ru_maxrss` has its parent's in it, too."""
    status = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    found = next(line for line in status if line.startswith("VmHWM"))
    return int(found.split()[1]) / 1024


def zeros(path: Path, size: int) -> str:
    """Make a file that takes no room on the disk; the words that send it."""
    with path.open("wb") as file:
        file.truncate(size)
    found, piece = sha256(), bytes(PIECE)
    for _ in range(size // PIECE):
        found.update(piece)
    found.update(bytes(size % PIECE))
    return f"{path}={found.hexdigest()}"


def size_of(path: Location) -> int:
    """The bytes of a file, or of an object in a store."""
    if isinstance(path, Path):
        return path.stat().st_size
    from stores.opening import store_of

    about = store_of(str(path)).about(str(path))
    assert about is not None
    return about.size


def by_the_client(url: str) -> Callable[[Location, str], None]:
    """As a run sends."""
    from runner.api.client import AudioPod
    from runner.api.interface import Accepted, Order

    api = AudioPod(url, "ap_sim_key")

    def send(path: Location, digest: str) -> None:
        size = size_of(path)
        order = Order("transcription", {}, path, size, path.name, ((0, size),), digest)
        outcome = api.submit(order, lambda: True)
        assert isinstance(outcome, Accepted), outcome

    return send


def by_httpx(url: str) -> Callable[[Location, str], None]:
    """With nothing around it."""
    import httpx

    def send(path: Location, _digest: str) -> None:
        assert isinstance(path, Path)
        with path.open("rb") as file:
            httpx.post(url, files={"files": file}, timeout=600).raise_for_status()

    return send


def main(*words: str) -> None:
    """Send them, one after the other."""
    bare = words[0] == "--bare"
    url, *files = words[bare:]
    send = (by_httpx if bare else by_the_client)(url)
    for file in files:
        path, _, digest = file.rpartition("=")
        began = time.perf_counter()
        send(location(path), digest)
        told = {"bytes": size_of(location(path)), "seconds": time.perf_counter() - began}
        print(json.dumps({**told, "peak_mb": peak_mb()}), flush=True)  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
